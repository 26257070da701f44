import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/env.ts';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { openStore } from '../../../src/open-store.ts';
import { eachEngine } from '../../support/engines.ts';
import { otaru } from './otaru.ts';

eachEngine('otaru product', (database) => {
  let settings: Record<string, string>;
  let productKey: string;

  beforeEach(async () => {
    const { databaseUrl } = database.options;
    settings = {
      OTARU_DATA: await mkdtemp(join(tmpdir(), 'otaru-product-')),
      OTARU_LOG_LEVEL: 'warn',
      ...(databaseUrl === undefined ? {} : { OTARU_DATABASE_URL: databaseUrl }),
    };
    await using store = await openStore(readConfig(settings), { log: silentLog });
    const { accountId } = await createAccount(store, 'acme');
    const scope = await resolveScope(store.engine.read, accountId, undefined);
    productKey = (await createProduct(store, scope, { name: 'hub_1', nodeType: 1 })).key;
  });

  afterEach(async () => {
    await rm(settings['OTARU_DATA'] ?? '', { recursive: true });
  });

  const run = (...words: string[]) => otaru(['product', ...words], settings);

  it('switches dynamic registration on and off, and lists it', async () => {
    const listed = async () => JSON.parse((await run('list', '--json')).stdout) as object[];
    const product = { productKey, name: 'hub_1', nodeType: 'gateway', devices: 0, accountName: 'acme' };
    expect(await listed()).toEqual([expect.objectContaining({ ...product, dynamicRegistration: 'off' })]);
    const set = ['set', '--product-key', productKey, '--dynamic-registration'];
    expect(await run(...set, 'on', '--json')).toEqual({
      code: 0,
      stdout: `{"productKey":"${productKey}","dynamicRegistration":"on"}\n`,
      stderr: '',
    });
    expect(await listed()).toEqual([expect.objectContaining({ dynamicRegistration: 'on' })]);
    expect((await run('list')).stdout).toBe(`${productKey}  gateway  dynamic registration on   acme  hub_1\n`);
    await run(...set, 'off');
    expect(await listed()).toEqual([expect.objectContaining({ dynamicRegistration: 'off' })]);
    // several processes
  }, 60_000);

  it('says what is wrong', async () => {
    const unknown = await run('set', '--product-key', 'a1000000000', '--dynamic-registration', 'on');
    expect(unknown).toEqual({ code: 1, stdout: '', stderr: 'otaru: There is no product a1000000000.\n' });
    expect((await run('set', '--product-key', productKey)).code).toBe(2);
    expect((await run('set', '--product-key', productKey, '--dynamic-registration', 'yes')).code).toBe(2);
  });
});
