import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { createAccount } from '../../../src/domain/accounts.ts';
import { unlimited } from '../../../src/domain/counter.ts';
import { downloadUrl } from '../../../src/domain/downloads.ts';
import { uncounted } from '../../../src/domain/shared-counter.ts';
import { grantUpload } from '../../../src/domain/uploads.ts';
import { openHttp } from '../../../src/http/server.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { openTurnstile, TurnedAway } from '../../../src/lib/turnstile.ts';
import type { Engine } from '../../../src/store/engine.ts';
import { uploadForm } from '../../acceptance/support/upload.ts';
import { signedV1Url } from '../../acceptance/support/wire.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld } from '../domain/world.ts';

const closed = { ...openTurnstile, pass: () => Promise.reject(new TurnedAway()) };

eachEngine('a server whose database does not keep up', (database) => {
  async function serve(doors: object, engineOf = (engine: Engine) => engine) {
    const world = await createWorld(database);
    const folder = mkdtempSync(join(tmpdir(), 'otaru-overload-'));
    const complaints: string[] = [];
    const log = { ...silentLog, error: (_fields: object, message: string) => void complaints.push(message) };
    const deps = {
      ...world.deps,
      engine: engineOf(world.deps.engine),
      clock: systemClock,
      quota: uncounted,
      deviceRate: unlimited,
      log,
      checkAnswers: true,
      trustedProxies: [],
      checkReady: async () => undefined,
      blobs: await openBlobStore(`file:${folder}`),
      ...doors,
    };
    const http = await openHttp(deps, { host: '127.0.0.1', port: 0 });
    onTestFinished(async () => {
      await http[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });
    const origin = `http://127.0.0.1:${http.address.port}`;
    const key = await createAccount(world.deps, 'another');
    const call = () => fetch(signedV1Url(origin, key, { Action: 'QueryProductList', CurrentPage: '1', PageSize: '1' }));
    const post = async (path: string) => {
      const response = await fetch(origin + path, { method: 'POST', body: '{}' });
      return [response.status, ((await response.json()) as { code: number }).code];
    };
    const { pathname, search } = new URL(downloadUrl({ ...deps, publicUrl: origin }, 'ota/a/ck1.bin'));
    const download = async () => {
      const response = await fetch(origin + pathname + search);
      return [response.status, /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]];
    };
    const upload = async () => {
      const scope = { accountId: 'account', instanceId: 'instance' };
      const { key, host, policy, accessKeyId, signature } = await grantUpload(
        { ...world.deps, clock: systemClock, publicUrl: origin },
        scope,
        { kind: 'firmware', suffix: 'bin' },
      );
      const form = { key, host, policy, OSSAccessKeyId: accessKeyId, signature };
      return (await uploadForm(form, Buffer.from('bytes') as Buffer<ArrayBuffer>)).status;
    };
    return { call, post, download, upload, complaints };
  }

  it('answers calls with what SDKs take for a temporary failure, and goes on serving devices', async () => {
    const { call, post, download, upload, complaints } = await serve({ calls: closed });
    const answer = await call();
    expect([answer.status, answer.headers.get('x-acs-retry-after')]).toEqual([503, '1000']);
    expect(await answer.json()).toMatchObject({ Code: 'ServiceUnavailable' });
    expect(await upload()).toBe(503);
    expect(await post('/auth')).toEqual([200, 10_001]);
    expect(await download()).toEqual([404, 'NoSuchKey']);
    expect(complaints).toEqual([]);
  });

  it('tells devices to come later, and goes on answering calls', async () => {
    const { call, post, download, complaints } = await serve({ devices: closed });
    expect((await call()).status).toBe(200);
    expect(await post('/auth')).toEqual([200, 40_000]);
    expect(await post('/topic/ota/device/inform/pk/dn')).toEqual([200, 40_000]);
    expect(await post('/auth/register/device')).toEqual([200, 429]);
    expect(await download()).toEqual([503, 'ServiceUnavailable']);
    expect(complaints).toEqual([]);
  });

  it('says the same of a database that is gone', async () => {
    const gone = Object.assign(new Error('connect ECONNREFUSED'), { code: 'SQLITE_IOERR' });
    const { call, download } = await serve({}, (engine) => ({
      ...engine,
      isUnavailable: (error) => error === gone,
      transaction: () => Promise.reject(gone),
      jot: () => Promise.reject(gone),
    }));
    const answer = await call();
    expect([answer.status, (await answer.json()) as object]).toMatchObject([503, { Code: 'ServiceUnavailable' }]);
    expect(await download()).toEqual([404, 'NoSuchKey']);
  });
});
