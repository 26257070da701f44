import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Each benchmark starts servers of its own. */
const LONGEST_MS = 400_000;

test('the benchmarks work; a quick run judges nothing and writes nothing', {
  timeout: LONGEST_MS + 10_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/main.ts', '--quick'], { timeout: LONGEST_MS });
  for (const name of ['list', 'reports', 'connections', 'push', 'rollout']) {
    expect(stdout).toMatch(new RegExp(`^${name} \\(SQLite, \\d+ s\\): `, 'm'));
  }
  expect(stdout).toMatch(/^Machine: /m);
});
