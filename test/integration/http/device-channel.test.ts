import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { type Counter, createCounter, unlimited } from '../../../src/domain/counter.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { disable, enable } from '../../../src/domain/device-states.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { createFailedAttempts, type FailedAttempts } from '../../../src/domain/failed-attempts.ts';
import { uncounted } from '../../../src/domain/shared-counter.ts';
import { openHttp } from '../../../src/http/server.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createVault } from '../../../src/lib/vault.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { createWorld, HOUR, MINUTE, NEW, OLD, reopen, type World } from '../domain/world.ts';
import { openRaw } from '../http-files/raw-client.ts';

interface Watch {
  readonly deviceRate?: Counter;
  readonly attempts?: FailedAttempts;
}

async function listen(world: World, deps: Partial<World['deps']> & Watch = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-channel-'));
  const http = await openHttp(
    {
      ...world.deps,
      quota: uncounted,
      deviceRate: unlimited,
      log: silentLog,
      checkAnswers: true,
      trustedProxies: [],
      checkReady: async () => undefined,
      ...deps,
      blobs: await openBlobStore(`file:${folder}`),
    },
    { host: '127.0.0.1', port: 0 },
  );
  onTestFinished(async () => {
    await http[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  return http.address.port;
}

async function post(port: number, path: string, body: string | Buffer, headers: readonly string[] = []) {
  using client = await openRaw(port);
  const head = [`POST ${path} HTTP/1.1`, 'Host: x', ...headers, `Content-Length: ${Buffer.byteLength(body)}`];
  await client.send(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)]));
  return await client.answer();
}

async function serve(
  database: TestDatabase,
  watch: { readonly [K in keyof Watch]?: (world: World) => NonNullable<Watch[K]> } = {},
) {
  const world = await createWorld(database);
  const [device, other] = (await world.devices(2)) as [DeviceRef, DeviceRef];
  const port = await listen(world, {
    ...(watch.deviceRate ? { deviceRate: watch.deviceRate(world) } : {}),
    ...(watch.attempts ? { attempts: watch.attempts(world) } : {}),
  });
  const { productKey, deviceName } = device;

  const claim = (changes: Record<string, unknown> = {}, secret = 'secret') => {
    const members: Record<string, unknown> = { clientId: '12345', productKey, deviceName, ...changes };
    const { version: _v, signmethod: method = 'hmacmd5', sign: _s, ...signed } = members;
    const content = Object.keys(signed)
      .sort()
      .map((name) => `${name}${signed[name]}`)
      .join('');
    const sign = createHmac(String(method).replace('hmac', ''), secret).update(content).digest('hex');
    return JSON.stringify({ ...members, sign });
  };
  const auth = async (body = claim()) => (await post(port, '/auth', body)).body.toString();
  const token = async (body = claim()) => (JSON.parse(await auth(body)) as { info: { token: string } }).info.token;
  const say = async (path: string, body: string | Buffer, password: string | undefined) =>
    (await post(port, path, body, password === undefined ? [] : [`password:${password}`])).body.toString();
  const inform = `/topic/ota/device/inform/${productKey}/${deviceName}`;
  const version = (value: string) => `{"id":0,"params":{"version":"${value}"}}`;
  const versionOf = async ({ deviceId }: DeviceRef, module = 'default') =>
    (
      await world.engine.read
        .selectFrom('module_version')
        .select('version')
        .where('device_id', '=', deviceId)
        .where('module', '=', module)
        .executeTakeFirst()
    )?.version;
  return { world, device, other, port, claim, auth, token, say, inform, version, versionOf };
}

const ACCEPTED = /^\{"code":0,"message":"success","info":\{"messageId":\d{19}\}\}$/;
const error = (code: number) => expect.stringMatching(new RegExp(`^\\{"code":${code},"message":"[a-z ]+"\\}$`));

eachEngine('the HTTP channel of devices', (database) => {
  it('gives a token that is short enough, in the shape that C SDKs read', async () => {
    const { port, claim } = await serve(database);
    const { head, status, body } = await post(port, '/auth', claim());
    expect(status).toBe(200);
    expect(head).toContain(`\r\nContent-Length: ${body.length}\r\n`);
    expect(head.toLowerCase()).not.toContain('transfer-encoding');
    // C 3.x keeps 192 characters of a token
    expect(body.toString()).toMatch(/^\{"code":0,"message":"success","info":\{"token":"[\w.-]{1,192}"\}\}$/);
  });

  it('takes every sign method, in either case of hex, with a timestamp of now or none', async () => {
    const { world, claim, auth } = await serve(database);
    const now = world.clock.now();
    for (const changes of [
      { signmethod: 'hmacsha1' },
      { signmethod: 'hmacsha256', version: 'default' },
      { timestamp: String(now - 15 * MINUTE) },
      { timestamp: now + 15 * MINUTE, signmethod: 'hmacsha1' },
    ]) {
      expect(await auth(claim(changes))).toMatch(/^\{"code":0,/);
    }
    const { sign, ...rest } = JSON.parse(claim()) as { sign: string };
    expect(await auth(JSON.stringify({ ...rest, sign: sign.toUpperCase() }))).toMatch(/^\{"code":0,/);
  });

  it('refuses a wrong signature, an unknown or disabled device and an old timestamp with 20000', async () => {
    const { world, device, claim, auth } = await serve(database);
    const now = world.clock.now();
    expect(await auth(claim({}, 'wrong'))).toEqual(error(20_000));
    expect(await auth(claim({ deviceName: 'nobody' }))).toEqual(error(20_000));
    expect(await auth(claim().replace('{', '{"signmethod":"crc",'))).toEqual(error(20_000));
    expect(await auth(claim({ timestamp: String(now - 15 * MINUTE - 1) }))).toEqual(error(20_000));
    expect(await auth(claim({ timestamp: '2524608000000' }))).toEqual(error(20_000));
    await disable(world.deps, world.scope, { id: device.deviceId });
    expect(await auth()).toEqual(error(20_000));
  });

  it('answers 10001 to what is no claim', async () => {
    const { claim, auth } = await serve(database);
    expect(await auth('')).toEqual(error(10_001));
    expect(await auth('[]')).toEqual(error(10_001));
    expect(await auth('{"productKey":"a"}')).toEqual(error(10_001));
    expect(await auth(claim({ clientId: 'x'.repeat(65) }))).toEqual(error(10_001));
    expect(await auth(claim({ timestamp: 'now' }))).toEqual(error(10_001));
    expect(await auth('x'.repeat(5_000_000))).toEqual(error(10_001));
    expect(await auth(claim().padEnd(131_072))).toMatch(/^\{"code":0,/);
    expect(await auth(claim().padEnd(131_073))).toEqual(error(10_001));
  });

  it('records a version report, without bringing the device online or telling it of its update', async () => {
    const { world, device, token, say, inform, version, versionOf } = await serve(database);
    const job = await world.job({ devices: [device] });
    const password = await token();
    expect(await say(inform, version(OLD), password)).toMatch(ACCEPTED);
    expect(await world.task(job, device)).toMatchObject({ status: 'QUEUED' });
    expect(await say(inform, `{"id":"1","params":{"version":"7","module":"MCU",}}\0`, password)).toMatch(ACCEPTED);
    expect(await versionOf(device, 'MCU')).toBe('7');
    expect(await say(inform, version(NEW), password)).toMatch(ACCEPTED);
    expect(await versionOf(device)).toBe(NEW);
    expect(await world.task(job, device)).toMatchObject({ status: 'SUCCEEDED' });
    const row = await world.engine.read
      .selectFrom('device')
      .select(['status', 'online_at'])
      .where('id', '=', device.deviceId)
      .executeTakeFirst();
    expect(row).toEqual({ status: 3, online_at: null });
  });

  it('records progress, and leaves a question without effect', async () => {
    const { world, device, token, say } = await serve(database);
    const job = await world.job({ devices: [device] });
    const password = await token();
    const { productKey, deviceName } = device;
    for (const topic of [
      `/sys/${productKey}/${deviceName}/thing/ota/firmware/get`,
      `/ota/device/request/${productKey}/${deviceName}`,
      `/sys/${productKey}/${deviceName}/thing/file/download`,
      `/sys/${productKey}/${deviceName}/thing/event/property/post`,
      `/${productKey}/${deviceName}/user/update`,
      `//${productKey}/${deviceName}/user/${'x'.repeat(128)}`,
    ]) {
      expect(await say(`/topic${topic}`, '{"id":"1","params":{}}', password), topic).toMatch(ACCEPTED);
    }
    expect(await world.task(job, device)).toMatchObject({ status: 'QUEUED' });
    await world.node.claim([device], 'all');
    const progress = `/topic/ota/device/progress/${productKey}/${deviceName}`;
    expect(await say(progress, '{"id":1,"params":{"step":"40","desc":""}}', password)).toMatch(ACCEPTED);
    expect(await world.task(job, device)).toMatchObject({ status: 'IN_PROGRESS', progress: 40 });
  });

  it('refuses topics of other devices and messages that are none', async () => {
    const { other, token, say, inform, versionOf, version } = await serve(database);
    const password = await token();
    const foreign = `/topic/ota/device/inform/${other.productKey}/${other.deviceName}`;
    expect(await say(foreign, version('9.9.9'), password)).toEqual(error(30_001));
    expect(await say('/topic/', version('9.9.9'), password)).toEqual(error(30_001));
    expect(await say(`${inform}/%23`, version('9.9.9'), password)).toEqual(error(30_001));
    expect(await versionOf(other)).toBe(OLD);
    expect(await say(inform, 'nonsense', password)).toEqual(error(10_001));
    expect(await say(inform, version('a b'), password)).toEqual(error(10_001));
    expect(await say(inform, Buffer.alloc(131_073), password)).toEqual(error(10_001));
    expect(await say(inform.replace('ota/device/inform', 'x'), Buffer.alloc(131_072), password)).toEqual(error(30_001));
  });

  it('knows a token on every node, until it expires', async () => {
    const { world, device, token, inform, version, versionOf } = await serve(database);
    const password = await token();
    const there = await listen(await reopen(world, database));
    const say = async (value: string, secret = password) =>
      (await post(there, inform, version(value), [`password: ${secret}`])).body.toString();
    expect(await say('3')).toMatch(ACCEPTED);
    expect(await versionOf(device)).toBe('3');
    await world.clock.advance(48 * HOUR - 1);
    expect(await say('4')).toMatch(ACCEPTED);
    await world.clock.advance(1);
    expect(await say('5')).toEqual(error(20_001));
    expect(await versionOf(device)).toBe('4');
  });

  it('refuses a token that is missing, forged, or of a device that was disabled or deleted', async () => {
    const { world, device, other, token, say, inform, version } = await serve(database);
    const password = await token();
    expect(await say(inform, version('3'), undefined)).toEqual(error(20_002));
    expect(await say(inform, version('3'), '')).toEqual(error(20_002));
    const [id = '', until = '', signature = ''] = password.split('.');
    for (const forged of [
      'nonsense',
      `${id}.${until}`,
      `${other.deviceId}.${until}.${signature}`,
      `${id}.zzzzzzzzz.${signature}`,
      `${id}.${until}.${signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
      world.deps.vault.seal('secret'),
    ]) {
      expect(await say(inform, version('3'), forged), forged).toEqual(error(20_003));
    }
    const elsewhere = await listen(world, { vault: createVault(Buffer.alloc(32, 8)) });
    expect((await post(elsewhere, inform, version('3'), [`password:${password}`])).body.toString()).toEqual(
      error(20_003),
    );
    await disable(world.deps, world.scope, { id: device.deviceId });
    expect(await say(inform, version('3'), password)).toEqual(error(20_003));
    await enable(world.deps, world.scope, { id: device.deviceId });
    expect(await say(inform, version('3'), password)).toMatch(ACCEPTED);
    await deleteDevice(world.deps, world.scope, { id: device.deviceId });
    expect(await say(inform, version('3'), password)).toEqual(error(20_003));
  });

  it('slows down a device that posts more than 30 messages in a second', async () => {
    const { world, token, say, inform, version } = await serve(database, {
      deviceRate: ({ clock }) => createCounter(clock),
    });
    const password = await token();
    for (let count = 0; count < 30; count++) expect(await say(inform, version(OLD), password)).toMatch(ACCEPTED);
    expect(await say(inform, version(OLD), password)).toEqual(error(40_000));
    await world.clock.advance(1_000);
    expect(await say(inform, version(OLD), password)).toMatch(ACCEPTED);
  });

  it('slows down an address whose attempts fail too often, in whatever way, and never one whose attempts succeed', async () => {
    const { world, port, auth, claim, say, inform, version, token } = await serve(database, {
      attempts: ({ clock }) => createFailedAttempts(clock, 6),
    });
    const bad = claim({}, 'wrong');
    const registration = 'productKey=a&deviceName=b&random=c&sign=d&signMethod=HmacMD5';
    const register = async () => (await post(port, '/auth/register/device', registration)).body.toString();
    const password = await token();
    for (let count = 0; count < 20; count++) expect(await auth()).toMatch(/^\{"code":0,/);
    for (let count = 0; count < 2; count++) {
      expect(await auth(bad)).toEqual(error(20_000));
      expect(await register()).toContain('"code":6287');
      expect(await say(inform, version(OLD), `${password.slice(0, -1)}_`)).toEqual(error(20_003));
    }
    expect(await auth()).toEqual(error(40_000));
    expect(await register()).toBe('{"code":429,"message":"too many requests"}');
    expect(await say(inform, version(OLD), password)).toEqual(error(40_000));
    // a tenth of a minute pays for a failure
    await world.clock.advance(10_000);
    expect(await auth()).toMatch(/^\{"code":0,/);
    expect(await say(inform, version(OLD), password)).toMatch(ACCEPTED);
    expect(await auth(bad)).toEqual(error(20_000));
    expect(await auth(bad)).toEqual(error(40_000));
  });

  it('answers with a code to an address whose escapes are malformed', async () => {
    const { port, token } = await serve(database);
    const password = [`password:${await token()}`];
    for (const path of ['/auth%', '/auth/%zz', '/topic/%', '/topic/ota/device/inform/a/%E4%', '//topic/%c3%28']) {
      const { status, headers, body } = await post(port, path, 'x', password);
      expect([status, body.toString()], path).toEqual([200, '{"code":10001,"message":"param error"}']);
      expect(headers['Content-Length'], path).toBe(String(body.length));
    }
    const elsewhere = await fetch(`http://127.0.0.1:${port}/%zz`);
    expect([elsewhere.status, await elsewhere.text()]).toEqual([400, expect.stringContaining('<HostId>')]);
  });

  it('tells nothing about a fault of the server', async () => {
    const { world, token, port, inform, version } = await serve(database);
    const password = await token();
    await world.engine[Symbol.asyncDispose]();
    const { status, body } = await post(port, inform, version(OLD), [`password:${password}`]);
    expect([status, body.toString()]).toEqual([200, '{"code":10000,"message":"common error"}']);
  });

  it('leaves the API where it was, and other methods unknown', async () => {
    const { port } = await serve(database);
    const origin = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${origin}/auth`)).text()).toContain('InvalidAction.NotFound');
    const call = new URLSearchParams({ Action: 'QueryOTAJob', Version: '2018-01-20', Format: 'JSON' });
    expect(await (await fetch(origin, { method: 'POST', body: call })).json()).toHaveProperty('HostId');
    const multipart = ['Content-Type: multipart/form-data; boundary=x'];
    expect((await post(port, '/auth', '--x--', multipart)).body.toString()).toEqual(error(10_001));
  });

  it('always answers with a code, whatever comes', async () => {
    const { port, token } = await serve(database);
    const password = await token();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom('/auth', '/topic/ota/device/inform/a/b', '/topic/x'),
        async (body, path) => {
          const answer = await post(port, path, body, [`password:${password}`]);
          expect([10_001, 20_000, 30_001]).toContain(JSON.parse(answer.body.toString()).code);
        },
      ),
      { numRuns: 60 },
    );
  });
});
