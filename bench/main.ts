import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchList } from './list.ts';

/** What a benchmark found: figures of one run on one machine; the ratios between them are what can be compared. */
export interface Result {
  readonly name: string;
  readonly rows: readonly {
    readonly what: string;
    readonly value: string;
    readonly ratio?: number;
    readonly target?: string;
  }[];
}

const benchmarks: Readonly<Record<string, (options: { readonly quick: boolean }) => Promise<Result>>> = {
  list: benchList,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}

const results: Result[] = [];
for (const [name, run] of Object.entries(benchmarks)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const result = await run({ quick: values.quick });
  results.push(result);
  const width = Math.max(...result.rows.map((row) => row.what.length));
  console.log(`\n${result.name}`);
  for (const { what, value, ratio, target } of result.rows) {
    const compared = ratio === undefined ? '' : `  ratio ${ratio.toFixed(2)}${target ? ` (target ${target})` : ''}`;
    console.log(`  ${what.padEnd(width)}  ${value.padStart(12)}${compared}`);
  }
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
console.log(`\nMachine: ${machine}`);
// a quick run shows that the benchmarks work; its figures say nothing
if (!values.quick) {
  const date = new Date().toISOString().slice(0, 10);
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(`bench/results/${date}.json`, `${JSON.stringify({ date, machine, results }, null, 2)}\n`);
}
