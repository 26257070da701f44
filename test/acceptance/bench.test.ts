import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Each benchmark starts servers of its own. */
const LONGEST_MS = 400_000;

/** Where a run that is not quick writes what it found. */
const written = () =>
  ['docs/benchmarks.md', ...readdirSync('bench/results').map((name) => join('bench/results', name))].map((file) => [
    file,
    readFileSync(file, 'utf8'),
  ]);

test('the benchmarks work; a quick run judges nothing and writes nothing', {
  timeout: LONGEST_MS + 10_000,
}, async () => {
  const before = written();
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/main.ts', '--quick'], { timeout: LONGEST_MS });
  for (const name of ['list', 'reports', 'connections', 'push', 'rollout']) {
    expect(stdout).toMatch(new RegExp(`^${name} \\(SQLite, \\d+ s\\): `, 'm'));
  }
  expect(stdout).toMatch(/^Machine: /m);
  expect(stdout).not.toMatch(/ (met|missed)$|Missed:|[≤≥]/m);
  expect(written()).toEqual(before);
});
