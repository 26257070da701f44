import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Goal, type Result, type Row, verdictOf } from './support/benchmark.ts';

/** What was measured on one day. */
export interface Run {
  /** YYYY-MM-DD, UTC. */
  readonly date: string;
  readonly machine: string;
  readonly results: readonly Result[];
}

const engineNames = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

export function formatResult(result: Result): string {
  const cells = result.rows.map((row) => [row.what, row.measured ?? '', figure(row), goal(row.goal), verdict(row)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((cell) => cell[column]?.length ?? 0)));
  const lines = cells.map((cell) =>
    cell
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] as number) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const title = `${result.name} (${engineNames[result.engine]}, ${result.seconds} s): ${result.question}`;
  return [title, ...lines.map((line) => `  ${line}`), ...missed(result).map((line) => `  ${line}`)].join('\n');
}

/** Adds results to those of the same day on the same machine, and writes the page that tells of them. */
export function recordResults(run: Run): void {
  mkdirSync('bench/results', { recursive: true });
  const file = `bench/results/${run.date}.json`;
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Run) : undefined;
  const results = new Map<string, Result>();
  for (const result of [...(earlier?.machine === run.machine ? earlier.results : []), ...run.results]) {
    results.set(`${result.name} ${result.engine}`, result);
  }
  const whole = { ...run, results: [...results.values()] };
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  writeFileSync('docs/benchmarks.md', page(whole));
}

function page(run: Run): string {
  const rows = run.results.flatMap((result) => result.rows);
  const judged = rows.map(verdictOf);
  const count = (wanted: string) => judged.filter((verdict) => verdict === wanted).length;
  const lines = [
    '# Benchmarks',
    '',
    '<!-- Written by `npm run bench`; change bench/report.ts, not this page. -->',
    '',
    `${run.date}: ${count('met')} goals met, ${count('missed')} missed. Machine: ${run.machine}.`,
    '',
    'Servers, load generators and databases share that machine. So the numbers to compare are ratios: both',
    'sides were measured in turns within one run of a benchmark. Times and rates tell how big things are',
    'here, and nothing about another machine. `npm run bench` measures yours, `npm run bench -- <name>` one',
    'of them. What the figures mean for a fleet stands in [scale.md](scale.md).',
    ...run.results.flatMap(section),
    '',
  ];
  return lines.join('\n');
}

function section(result: Result): string[] {
  const notes = missed(result);
  return [
    '',
    `## ${result.name}, ${engineNames[result.engine]}`,
    '',
    result.question,
    '',
    '| What | Measured | Ratio or value | Goal | Verdict |',
    '|---|---:|---:|---:|---|',
    ...result.rows.map(
      (row) => `| ${row.what} | ${row.measured ?? ''} | ${figure(row)} | ${goal(row.goal)} | ${verdict(row)} |`,
    ),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ];
}

const missed = (result: Result): string[] =>
  result.rows
    .filter((row) => verdictOf(row) === 'missed')
    .map((row) => `Missed: ${row.what}. ${row.bound ?? 'What bounds it was not measured.'}`);

const verdict = (row: Row) => verdictOf(row) ?? '';

function figure({ value, unit }: Row): string {
  if (value === undefined) return '';
  return unit === undefined ? value.toFixed(2) : `${Number(value.toPrecision(3)).toLocaleString('en')} ${unit}`;
}

function goal(wanted: Goal | undefined): string {
  if (wanted === undefined) return '';
  return 'atMost' in wanted ? `≤ ${wanted.atMost}` : `≥ ${wanted.atLeast}`;
}
