import { parseArgs } from 'node:util';
import { type Cluster, startCluster } from '../test/support/postgres.ts';
import { benchConnections } from './connections.ts';
import { benchDownload } from './download.ts';
import { benchList } from './list.ts';
import { describeMachine } from './machine.ts';
import { benchMaterialise } from './materialise.ts';
import { benchPush } from './push.ts';
import { formatResult, recordResults } from './report.ts';
import { benchReports } from './reports.ts';
import { benchRollout } from './rollout.ts';
import type { Benchmark, EngineKind, Result } from './support/benchmark.ts';
import { serverStarter } from './support/server.ts';

/** In the order in which they are run and told. */
const benchmarks: readonly Benchmark[] = [
  benchList,
  benchMaterialise,
  benchDownload,
  benchReports,
  benchConnections,
  benchPush,
  benchRollout,
];

const names = benchmarks.map(({ name }) => name);
const usage = `Usage: npm run bench -- [names] [--quick] [--engine sqlite|postgres]

  names     ${names.join(', ')}; all of them otherwise
  --quick   small numbers, to see that they work; the figures say nothing
  --engine  one database only; both otherwise, where PostgreSQL is installed

What was measured is written into bench/results/<date>.json and docs/benchmarks.md; of a day's results of
one benchmark on one database the last one stands.`;

const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        engine: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
})();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) refuse(`There is no benchmark ${unknown.join(', ')}.`);
if (values.engine !== undefined && values.engine !== 'sqlite' && values.engine !== 'postgres')
  refuse(`There is no engine ${values.engine}.`);

const results: Result[] = [];
const started = performance.now();
{
  await using stack = new AsyncDisposableStack();
  let cluster: Cluster | undefined;
  if (values.engine !== 'sqlite') {
    cluster = await startCluster({ durability: 'disk' });
    if (cluster) stack.use(cluster);
    else if (values.engine === 'postgres') refuse('PostgreSQL is not installed (apt-get install postgresql).');
    else console.error('PostgreSQL is not installed: SQLite only (apt-get install postgresql).');
  }
  for (const benchmark of benchmarks) {
    if (positionals.length > 0 && !positionals.includes(benchmark.name)) continue;
    for (const engine of benchmark.engines) {
      if (values.engine !== undefined && values.engine !== engine) continue;
      if (engine === 'postgres' && !cluster) continue;
      const result = await run(benchmark, engine, cluster);
      results.push(result);
      console.log(`\n${formatResult(result)}`);
    }
  }
}

const machine = await describeMachine();
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
console.log(`\nMachine: ${machine}. Took ${minutes} min.`);
if (!values.quick) recordResults({ date: new Date().toISOString().slice(0, 10), machine, results });

async function run(benchmark: Benchmark, engine: EngineKind, cluster: Cluster | undefined): Promise<Result> {
  const { name, question } = benchmark;
  const note = (text: string) => console.error(`${name} (${engine}): ${text}`);
  const begun = performance.now();
  const rows = await benchmark.run({
    quick: values.quick,
    engine,
    startServer: serverStarter(engine === 'postgres' ? cluster : undefined),
    note,
  });
  return {
    name,
    question,
    engine,
    seconds: Math.round((performance.now() - begun) / 1_000),
    // what a quick run finds says nothing: there is nothing to judge, and nothing to write below
    rows: values.quick ? rows.map(({ goal: _, ...row }) => row) : rows,
  };
}

function refuse(why: string): never {
  console.error(`${why}\n\n${usage}`);
  process.exit(2);
}
