import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { unlimited } from '../../../src/domain/counter.ts';
import { switchDynamicRegistration } from '../../../src/domain/dynamic-registration.ts';
import { getProduct } from '../../../src/domain/products.ts';
import { uncounted } from '../../../src/domain/shared-counter.ts';
import { openHttp } from '../../../src/http/server.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { registrationSignature } from '../../../src/wire/registration.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { createWorld } from '../domain/world.ts';
import { openRaw } from '../http-files/raw-client.ts';

async function serve(database: TestDatabase) {
  const world = await createWorld(database);
  const { deps, scope, productKey } = world;
  const folder = mkdtempSync(join(tmpdir(), 'otaru-register-'));
  const http = await openHttp(
    {
      ...deps,
      quota: uncounted,
      deviceRate: unlimited,
      log: silentLog,
      checkAnswers: true,
      blobs: await openBlobStore(`file:${folder}`),
      trustedProxies: [],
      checkReady: async () => undefined,
    },
    { host: '127.0.0.1', port: 0 },
  );
  onTestFinished(async () => {
    await http[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  await switchDynamicRegistration(deps, productKey, true);
  const { secret } = await getProduct(deps, scope, productKey);
  await world.devices(['dev-one'], { activated: false });
  const form = (deviceName: string, productSecret = secret) => {
    const claim = { productKey, deviceName, random: '8Ygb7ULYh53B6OA' };
    const sign = registrationSignature('hmacsha256', productSecret, claim).toUpperCase();
    // the order of C 3.x
    return `productKey=${productKey}&deviceName=${deviceName}&signMethod=hmacsha256&sign=${sign}&random=${claim.random}`;
  };
  const post = async (
    body: string,
    headers: readonly string[] = ['Content-Type: application/x-www-form-urlencoded'],
  ) => {
    using client = await openRaw(http.address.port);
    const head = ['POST /auth/register/device HTTP/1.1', 'Host: x', ...headers, `Content-Length: ${body.length}`];
    await client.send(`${head.join('\r\n')}\r\n\r\n${body}`);
    return await client.answer();
  };
  return { world, form, post };
}

eachEngine('dynamic registration over HTTP', (database) => {
  it('answers in the shape that C 3.x reads', async () => {
    const { world, form, post } = await serve(database);
    const { head, status, body } = await post(form('dev-one'));
    expect(status).toBe(200);
    expect(head).toContain(`\r\nContent-Length: ${body.length}\r\n`);
    expect(head.toLowerCase()).not.toContain('transfer-encoding');
    const { productKey } = world;
    expect(body.toString()).toMatch(
      new RegExp(
        `^\\{"code":200,"data":\\{"deviceName":"dev-one","deviceSecret":"\\w{32}","productKey":"${productKey}"\\},"message":"success"\\}$`,
      ),
    );
    expect(body.length).toBeLessThanOrEqual(256);
  });

  it('takes the form whatever its type is said to be', async () => {
    const { form, post } = await serve(database);
    for (const headers of [[], ['Content-Type: text/plain'], ['Content-Type: application/json']]) {
      expect((await post(form('dev-one'), headers)).body.toString()).toMatch(/^\{"code":200,/);
    }
  });

  it('refuses with a number that says why', async () => {
    const { world, form, post } = await serve(database);
    const said = async (body: string) => (await post(body)).body.toString();
    expect(await said('')).toBe('{"code":460,"message":"request parameter error"}');
    expect(await said('\0%%%&&&==')).toBe('{"code":460,"message":"request parameter error"}');
    expect(await said(form('dev-one', 'wrong'))).toBe('{"code":6287,"message":"invalid sign"}');
    expect(await said(form('dev-two'))).toBe('{"code":6100,"message":"device not found"}');
    await world.engine.transaction(({ db }) => db.updateTable('device').set({ active_at: 1 }).execute());
    expect(await said(form('dev-one'))).toBe('{"code":6289,"message":"device already active"}');
    await switchDynamicRegistration(world.deps, world.productKey, false);
    expect(await said(form('dev-one'))).toBe('{"code":6288,"message":"dynamic registration disabled"}');
  });

  it('is no upload: a multipart body is no form', async () => {
    const { post } = await serve(database);
    const { body } = await post('--x--\r\n', ['Content-Type: multipart/form-data; boundary=x', 'Connection: close']);
    expect(body.toString()).toMatch(/^\{"code":460,/);
  });

  it('takes no body that no device sends', async () => {
    const { form, post } = await serve(database);
    for (const length of [16_385, 5_000_000]) {
      expect((await post(form('dev-one').padEnd(length))).body.toString(), `${length}`).toMatch(/^\{"code":460,/);
    }
  });
});
