import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import mqtt, { type MqttClient } from 'mqtt';
import { expect, inject, it, onTestFinished } from 'vitest';
import { type Credentials, connectAsCSdk } from '../acceptance/support/c-device.ts';
import { currentSdk, models, popCore } from '../acceptance/support/clients.ts';
import { type Otaru, rootKey, startOtaru } from '../acceptance/support/otaru.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { signedV1Url } from '../acceptance/support/wire.ts';
import { postgresUrl, runAsAdmin } from '../support/postgres.ts';
import { metric } from './support/metrics.ts';
import { openWire } from './support/wire.ts';

const DEVICES = 10;
/** Reports of a device that are not acknowledged. */
const AT_A_TIME = 30;
/** Modules that each of them reports. */
const MODULES = 400;
const CALLS = 1_000;
/** What a refusal may take, for a quarter of the calls at the least; the patience of a call is one second. */
const AT_ONCE_MS = 500;
const MEGABYTE = 1_048_576;
/** Thousands of waiting calls would take several times as much, and more the longer it lasts. */
const MOST_GROWTH = 150 * MEGABYTE;

const bounds = {
  OTARU_LIMITS: 'open',
  OTARU_METRICS: '127.0.0.1:0',
  OTARU_CALLS_AT_ONCE: '32',
  OTARU_CALLS_WAITING: '200',
  OTARU_CALLS_PATIENCE: '1',
  OTARU_DEVICES_AT_ONCE: '8',
  OTARU_DEVICES_WAITING: '50',
  OTARU_DEVICES_PATIENCE: '1',
  OTARU_REPORTS_AT_ONCE: '8',
  OTARU_REPORTS_WAITING: '400',
};

/** A call as any client signs it. @returns status and code of the answer, and how long it took */
async function call(otaru: Otaru, action: string, parameters: Readonly<Record<string, string>>) {
  const from = performance.now();
  const response = await fetch(signedV1Url(otaru.http, rootKey, { Action: action, ...parameters }));
  const { Code = '' } = (await response.json()) as { Code?: string };
  const tookMs = performance.now() - from;
  return { status: response.status, code: Code, retryAfter: response.headers.get('x-acs-retry-after'), tookMs };
}

async function registerDevices(otaru: Otaru): Promise<Credentials[]> {
  const sdk = currentSdk(otaru.http, rootKey);
  const { body } = await sdk.createProduct(new models.CreateProductRequest({ productName: 'slow', nodeType: 0 }));
  const productKey = body.productKey ?? '';
  return Promise.all(
    Array.from({ length: DEVICES + 2 }, async (_, index) => {
      const request = new models.RegisterDeviceRequest({ productKey, deviceName: `device-${index}` });
      const { body: device } = await sdk.registerDevice(request);
      return { productKey, deviceName: `device-${index}`, deviceSecret: device.data?.deviceSecret ?? '' };
    }),
  );
}

/**
 * Reports one module after the other, many at a time, and keeps which of them were acknowledged. Ends when all are or
 * the connection is over.
 */
async function reportAll(client: MqttClient, { productKey, deviceName }: Credentials, acknowledged: Set<string>) {
  let last = 0;
  const say = async (): Promise<void> => {
    while (last < MODULES) {
      last += 1;
      const module = `m-${last}`;
      const body = JSON.stringify({ id: '1', params: { version: '1.0.0', module } });
      await client.publishAsync(`/ota/device/inform/${productKey}/${deviceName}`, body, { qos: 1 });
      acknowledged.add(module);
    }
  };
  const closed = new Promise<void>((resolve) => void client.once('close', () => resolve()));
  await Promise.race([Promise.all(Array.from({ length: AT_A_TIME }, say)).catch(() => undefined), closed]);
}

async function modulesOf(otaru: Otaru, { productKey, deviceName }: Credentials): Promise<Set<string>> {
  const names = new Set<string>();
  for (let page = 1; ; page += 1) {
    const request = { productKey, deviceName, currentPage: page, pageSize: 100 };
    const sdk = currentSdk(otaru.http, rootKey);
    const { body } = await sdk.listOTAModuleVersionsByDevice(new models.ListOTAModuleVersionsByDeviceRequest(request));
    const found = body.data?.simpleOTAModuleInfo ?? [];
    for (const { moduleName } of found) names.add(moduleName ?? '');
    if (found.length < 100) return names;
  }
}

/** A database that can be made to stand still without losing anything. */
interface Standstill {
  readonly otaru: Otaru;
  begin(): Promise<void>;
  end(): void;
}

async function onPostgres(): Promise<Standstill> {
  const socket = inject('postgresSocket');
  const name = `slow_${process.pid}_${Date.now()}`;
  await runAsAdmin(socket, `create database ${name}`);
  onTestFinished(async () => void (await runAsAdmin(socket, `drop database ${name} with (force)`)));
  const wire = await openWire();
  onTestFinished(() => wire[Symbol.asyncDispose]());
  wire.to(`${socket}/.s.PGSQL.5432`);
  const { pathname } = new URL(postgresUrl(socket, name));
  const url = `postgres://postgres@127.0.0.1:${wire.port}${pathname}`;
  const otaru = await startOtaru({ ...bounds, OTARU_DATABASE_URL: url });
  onTestFinished(() => otaru[Symbol.asyncDispose]());
  return { otaru, begin: async () => wire.hold(), end: () => wire.mend() };
}

async function onSqlite(): Promise<Standstill> {
  const otaru = await startOtaru(bounds);
  onTestFinished(() => otaru[Symbol.asyncDispose]());
  const other = new Database(`${otaru.data}/otaru.db`);
  onTestFinished(() => void other.close());
  return {
    otaru,
    begin: () => eventually(async () => void other.exec('begin immediate')),
    end: () => void other.exec('rollback'),
  };
}

it.each([
  ['PostgreSQL behind a network that stands still', onPostgres],
  ['SQLite whose file another process has locked', onSqlite],
] as const)(
  '%s: calls and logins are refused at once, memory stays, nothing acknowledged is lost',
  async (what, open) => {
    if (what.startsWith('PostgreSQL') && inject('postgresSocket') === '') return;
    const { otaru, begin, end } = await open();
    const devices = await registerDevices(otaru);
    const [other, newcomer] = [devices.pop() as Credentials, devices.pop() as Credentials];
    const clients = await Promise.all(devices.map((device) => connectAsCSdk(mqtt, otaru.mqtt, device)));
    for (const client of clients) client.on('error', () => undefined);
    const acknowledged = devices.map(() => new Set<string>());
    const reports = clients.map((client, index) =>
      reportAll(client, devices[index] as Credentials, acknowledged[index] as Set<string>),
    );
    await eventually(async () => expect(acknowledged.every((some) => some.size > 20)).toBe(true), 60_000);
    const memory = () => metric(otaru, 'process_resident_memory_bytes');
    const before = await memory();

    await begin();
    // those that come first wait for a second, some of them inside; then it is known that nothing goes on
    const first = Promise.all(Array.from({ length: 300 }, () => call(otaru, 'QueryProductList', page)));
    first.catch(() => undefined); // heard below
    await eventually(async () =>
      expect(await metric(otaru, 'otaru_load_refused_total', '"calls"')).toBeGreaterThan(200),
    );
    const health = await Promise.all(['healthz', 'readyz'].map((path) => fetch(`${otaru.http}/${path}`)));
    expect(health.map(({ status }) => status)).toEqual([200, 503]);
    const byOldCore = popCore(otaru.http, rootKey).request('QueryProductList', page, { timeout: 30_000 });
    await expect(byOldCore).rejects.toMatchObject({ code: 'ServiceUnavailable' });
    const [refusals] = await Promise.all([
      manyCalls(otaru, CALLS),
      logIn(otaru, newcomer, 4).then((code) => expect(code).toBe(3)),
      logIn(otaru, other, 5).then((code) => expect(code).toBe(0x88)),
    ]);
    for (const { status, code, retryAfter } of refusals) {
      expect([status, code, retryAfter]).toEqual([503, 'ServiceUnavailable', '1000']);
    }
    const refused = await Promise.all(
      Array.from({ length: 41 }, async (_, index) => {
        await sleep(index * 50);
        return call(otaru, 'QueryProductList', page);
      }),
    );
    // whoever comes just after the calls inside have failed gets in, until it is known that nothing goes on
    const quick = refused.map(({ tookMs }) => tookMs).sort((x, y) => x - y)[10] ?? 0;
    expect(quick).toBeLessThan(AT_ONCE_MS);
    // so many may wait, and what had been read already
    expect(await metric(otaru, 'otaru_load_waiting', '"reports"')).toBeLessThanOrEqual(DEVICES * AT_A_TIME);
    const during = await memory();

    end();
    for (const { status } of await first) expect([200, 503]).toContain(status);
    await eventually(async () => expect((await fetch(`${otaru.http}/readyz`)).status).toBe(200));
    expect((await call(otaru, 'QueryProductList', page)).status).toBe(200);
    const again = await connectAsCSdk(mqtt, otaru.mqtt, newcomer);
    await again.publishAsync(`/ota/device/inform/${newcomer.productKey}/${newcomer.deviceName}`, inform, { qos: 1 });
    await Promise.all(reports);
    await Promise.all([...clients, again].map((client) => client.endAsync(true)));
    const after = await memory();
    for (const [index, device] of devices.entries()) {
      const stored = await modulesOf(otaru, device);
      expect([...(acknowledged[index] as Set<string>)].filter((module) => !stored.has(module))).toEqual([]);
    }
    console.log(
      `${what}: ${CALLS} calls refused, a quarter within ${quick.toFixed(0)} ms; ` +
        `memory ${[before, during, after].map((bytes) => Math.round(bytes / MEGABYTE)).join(' -> ')} MB`,
    );
    expect(during - before).toBeLessThan(MOST_GROWTH);
    expect(after - before).toBeLessThan(MOST_GROWTH);
  },
);

const page = { CurrentPage: '1', PageSize: '10' };
const inform = JSON.stringify({ id: '1', params: { version: '1.0.0' } });

/** So many calls, 200 at a time. */
async function manyCalls(otaru: Otaru, count: number) {
  const answers: Awaited<ReturnType<typeof call>>[] = [];
  let left = count;
  const caller = async () => {
    while (left-- > 0) answers.push(await call(otaru, 'QueryProductList', page));
  };
  await Promise.all(Array.from({ length: 200 }, caller));
  return answers;
}

/** @returns the code of CONNACK, or what happened instead */
async function logIn(otaru: Otaru, { productKey, deviceName, deviceSecret }: Credentials, version: 4 | 5) {
  const content = `clientIdxdeviceName${deviceName}productKey${productKey}`;
  const client = mqtt.connect(otaru.mqtt, {
    clientId: 'x|securemode=3,signmethod=hmacsha256|',
    username: `${deviceName}&${productKey}`,
    password: createHmac('sha256', deviceSecret).update(content).digest('hex'),
    protocolVersion: version,
    reconnectPeriod: 0,
    // one of the first waits behind what is inside already: 29 s were measured, and the library gives up after 30
    connectTimeout: 60_000,
  });
  const code = await new Promise<number | string>((resolve) => {
    client.on('connect', () => resolve(0));
    client.on('error', (error: Error & { code?: number | string }) => resolve(error.code ?? error.message));
  });
  client.end(true);
  return code;
}
