import { expect, it } from 'vitest';
import { createSharedCounter } from '../../../src/domain/shared-counter.ts';
import { noMeters } from '../../../src/lib/meters.ts';
import { eachEngine } from '../../support/engines.ts';
import { spyOn } from '../../support/query-spy.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { createConsoleWorld, refusalOf } from './console-world.ts';

const PAGE = { CurrentPage: '1', PageSize: '10' };

eachEngine('a call of the console', (database) => {
  it('is a call of the API: its parameters, its JSON, its status', async () => {
    const { browser, root } = await createConsoleWorld(database);
    const page = browser();
    await page.signIn(root);
    const made = await page.call('CreateProduct', { ProductName: '客厅灯_1', NodeType: '0' });
    const { ProductKey } = (await made.json()) as { ProductKey: string };
    expect([made.status, made.headers.get('content-type'), made.headers.get('cache-control')]).toEqual([
      200,
      'application/json;charset=utf-8',
      'no-store',
    ]);
    const details = await page.call('BatchQueryDeviceDetail', {
      ProductKey,
      'DeviceName.1': 'nobody',
      Format: 'XML',
      Action: 'DeleteProduct',
      Version: '1',
    });
    expect(await details.json()).toMatchObject({ Success: true });
    const list = await page.call('QueryProductList', PAGE);
    expect(await list.json()).toMatchObject({ Success: true, Data: { Total: 1 } });
    const gone = await page.call('QueryProduct', { ProductKey: 'a1Unknown01' });
    expect(await gone.json()).toMatchObject({ Success: false, Code: 'iot.prod.NotExistedProduct' });
    expect(await refusalOf(await page.call('QueryProduct'))).toEqual([400, 'MissingProductKey']);
    expect(await refusalOf(await page.call('RegisterDevice', { ProductKey, DeviceName: 'a\0' }))).toEqual([
      400,
      'InvalidDeviceName',
    ]);
    expect(await refusalOf(await page.call('NoSuchAction'))).toEqual([404, 'InvalidAction.NotFound']);
    expect(await refusalOf(await page.call('constructor'))).toEqual([404, 'InvalidAction.NotFound']);
    const json = { headers: { 'content-type': 'application/json' }, body: '{}' };
    expect(await refusalOf(await page.send('POST', '/console/api/QueryProductList', json))).toEqual([
      400,
      'UnsupportedParameter',
    ]);
  });

  it('is refused to who is not signed in', async () => {
    const { browser, root } = await createConsoleWorld(database);
    const page = browser();
    expect(await refusalOf(await page.call('QueryProductList', PAGE))).toEqual([401, 'NotSignedIn']);
    page.cookie = 'otaru_session=guessed';
    expect(await refusalOf(await page.call('QueryProductList', PAGE))).toEqual([401, 'NotSignedIn']);
    await page.signIn(root);
    page.cookie = `theme=dark; ${page.cookie}; other=otaru_session`;
    expect((await page.call('QueryProductList', PAGE)).status).toBe(200);
  });

  it('does nothing when another page has sent it', async () => {
    const { browser, root, origin, clock, records } = await createConsoleWorld(database);
    const page = browser();
    await page.signIn(root);
    await clock.advance(1);
    const body = new URLSearchParams({ ProductName: 'forged', NodeType: '0' });
    for (const headers of [
      { 'x-otaru-console': undefined },
      { 'x-otaru-console': '0' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ]) {
      for (const [method, path] of [
        ['POST', '/console/api/CreateProduct'],
        ['POST', '/console/session'],
        ['DELETE', '/console/session'],
      ] as const) {
        const answer = await page.send(method, path, { headers, ...(method === 'POST' ? { body } : {}) });
        expect([method, path, ...(await refusalOf(answer))]).toEqual([method, path, 403, 'ForeignRequest']);
      }
    }
    const withoutTls = await page.send('POST', '/console/api/CreateProduct', {
      headers: { 'sec-fetch-site': undefined },
      body: new URLSearchParams({ ProductName: 'own_1', NodeType: '0' }),
    });
    expect(await withoutTls.json()).toMatchObject({ Success: true });
    const question = await fetch(`${origin}/console/api/CreateProduct`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(question.headers.get('access-control-allow-origin')).toBeNull();
    expect((await records()).map(({ action }) => action)).toEqual(['SignIn', 'CreateProduct']);
    expect((await page.send('GET', '/console/api/QueryProductList')).status).toBe(404);
  });

  it('may do what the policy of the user allows, as it is now', async () => {
    const { browser, reader, deps, clock, records } = await createConsoleWorld(database);
    const page = browser();
    const session = (await (await page.signIn(reader)).json()) as { user: object; permitted: string[] };
    expect(session.user).toEqual({ id: reader.userId, name: 'reader' });
    expect(session.permitted).toContain('QueryProductList');
    expect(session.permitted.filter((name) => !name.startsWith('Query'))).toEqual([]);
    expect(await (await page.call('QueryProductList', PAGE)).json()).toMatchObject({ Success: true });
    await clock.advance(1);
    const denied = 'iot.common.RamActionPermissionDeny';
    expect(await refusalOf(await page.call('DeleteProduct', { ProductKey: 'a1' }))).toEqual([200, denied]);
    expect((await records()).at(-1)).toMatchObject({
      source: 'console',
      action: 'DeleteProduct',
      accessKeyId: reader.accessKeyId,
      userId: reader.userId,
      userName: 'reader',
      target: { ProductKey: 'a1' },
      result: denied,
    });
    await deps.engine.transaction(({ db }) =>
      db.updateTable('ram_user').set({ policy: null }).where('id', '=', reader.userId).execute(),
    );
    expect(await refusalOf(await page.call('QueryProductList', PAGE))).toEqual([200, denied]);
    await deps.engine.transaction(({ db }) => db.deleteFrom('ram_user').where('id', '=', reader.userId).execute());
    expect((await page.session()).status).toBe(401);
  });

  it('counts in the quota of the account and in the metrics, and costs one query more than the operation', async () => {
    const clock = createTestClock();
    const engine = await database.open();
    const spy = spyOn(engine.read, database.kind);
    const counted: string[] = [];
    const { browser, root } = await createConsoleWorld(database, {
      clock,
      engine: { ...engine, read: spy.db },
      quota: createSharedCounter({ engine, clock, isAlone: () => true, windowMs: 1_000 }),
      meters: { ...noMeters, call: () => (action, code) => void counted.push(`${action} ${code}`) },
    });
    const page = browser();
    await page.signIn(root);
    const answers = [];
    for (let i = 0; i < 10; i += 1) answers.push((await page.call('ListOTAFirmware', PAGE)).status);
    expect(new Set(answers)).toEqual(new Set([200]));
    const before = spy.count();
    const refused = await page.call('ListOTAFirmware', PAGE);
    expect(refused.headers.get('x-acs-retry-after')).toMatch(/^\d+$/);
    expect(await refusalOf(refused)).toEqual([400, 'Throttling.User']);
    expect(spy.count() - before).toBe(1);
    const of = Object.groupBy(counted, (one) => one);
    expect([of['ListOTAFirmware OK']?.length, of['ListOTAFirmware Throttling.User']?.length]).toEqual([10, 1]);
  });

  it('can hand out the form of an upload, which goes through under the policy of the page', async () => {
    const { browser, root, deps } = await createConsoleWorld(database);
    const page = browser();
    await page.signIn(root);
    const { Data } = (await (await page.call('GenerateOTAUploadURL', { FileSuffix: 'bin' })).json()) as {
      Data: { Key: string; Policy: string; OSSAccessKeyId: string; Signature: string };
    };
    const form = new FormData();
    form.append('key', Data.Key);
    form.append('policy', Data.Policy);
    form.append('OSSAccessKeyId', Data.OSSAccessKeyId);
    form.append('Signature', Data.Signature);
    form.append('success_action_status', '200');
    form.append('file', new Blob(['a package']), 'a.bin');
    const stored = await page.send('POST', '/', { headers: { origin: 'http://127.0.0.1' }, body: form });
    expect(stored.status).toBe(200);
    const uploads = await deps.engine.read.selectFrom('upload').select(['key', 'state', 'size']).execute();
    expect(uploads).toEqual([{ key: Data.Key, state: 'stored', size: 9 }]);
  });

  it('is not there, nor anything else of the console, where it is turned off', async () => {
    const { browser, root } = await createConsoleWorld(database, { consoleFolder: undefined });
    const page = browser();
    for (const path of ['/console', '/console/', '/console/session']) {
      expect((await page.send('GET', path)).status).toBe(404);
    }
    expect((await page.signIn(root)).status).toBe(404);
    expect((await page.call('QueryProductList', PAGE)).status).toBe(404);
  });
});
