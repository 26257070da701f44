import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachEngine } from '../../support/engines.ts';
import { otaru } from './otaru.ts';

eachEngine('otaru audit list', (database) => {
  let settings: Record<string, string>;

  beforeEach(async () => {
    const { databaseUrl } = database.options;
    settings = {
      OTARU_DATA: await mkdtemp(join(tmpdir(), 'otaru-audit-')),
      ...(databaseUrl === undefined ? {} : { OTARU_DATABASE_URL: databaseUrl }),
    };
  });

  afterEach(async () => {
    await rm(settings['OTARU_DATA'] ?? '', { recursive: true });
  });

  const run = (...words: string[]) => otaru(words, { ...settings, OTARU_LOG_LEVEL: 'error' });
  const lines = async (...words: string[]) => {
    const { code, stdout, stderr } = await run('audit', 'list', ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.split('\n').slice(0, -1);
  };
  const records = async (...words: string[]) => (await lines('--jsonl', ...words)).map((line) => JSON.parse(line));

  it('shows what commands changed and failed to change, without secrets', async () => {
    const account = JSON.parse((await run('key', 'account', 'create', '--name', 'acme', '--json')).stdout);
    const { accountId, accessKeyId } = account;
    await run('key', 'disable', accessKeyId);
    expect((await run('key', 'delete', 'nothing')).code).toBe(1);

    const all = await records();
    expect(all).toMatchObject([
      { action: 'key delete', target: { accessKeyId: 'nothing' }, made: [], result: 'Failed' },
      { action: 'key disable', target: { accessKeyId }, made: [], result: 'Success' },
      { action: 'key account create', target: { name: 'acme' }, made: [accountId, accessKeyId], result: 'Success' },
    ]);
    expect(all[0]).toMatchObject({ source: 'cli', address: hostname() });
    expect(all[0].userName).not.toBe('');
    expect(all[0].time).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
    expect(JSON.stringify(all)).not.toContain(account.accessKeySecret);

    expect(await records('--result', 'refused')).toEqual([all[0]]);
    const since = ['--since', '2020-01-31', '--until', all[0].time, '--user', all[0].userName];
    expect(await records('--target', accessKeyId, '--limit', '1', ...since)).toEqual([all[1]]);
    const shown = await lines();
    expect(shown).toHaveLength(3);
    expect(shown[1]).toContain(`  Success  key disable  ${all[0].userName}  cli  ${hostname()}  `);
    // a dozen processes
  }, 120_000);

  it('explains a wrong time and a wrong number', async () => {
    expect(await run('audit', 'list', '--since', 'yesterday')).toMatchObject({
      code: 2,
      stderr: 'otaru: --since must be a time such as 2026-01-31 or 2026-01-31T08:00:00Z, not "yesterday".\n',
    });
    expect((await run('audit', 'list', '--limit', '0')).code).toBe(2);
  });
});
