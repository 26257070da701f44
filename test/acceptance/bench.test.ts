import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the benchmarks work; a quick run judges nothing and writes nothing', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/main.ts', '--quick'], { timeout: 110_000 });
  expect(stdout).toMatch(/^list \(SQLite, \d+ s\): /m);
  expect(stdout).toMatch(/^Machine: /m);
});
