import { createHash, randomBytes } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type Credentials, connectAsCSdk } from '../acceptance/support/c-device.ts';
import { type Otaru, startOtaru } from '../acceptance/support/otaru.ts';
import { prepareRollout, type Rollout } from '../acceptance/support/rollout.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { openWire, type Wire } from './support/wire.ts';

const firmware = randomBytes(3_000_000) as Buffer<ArrayBuffer>;
const md5 = createHash('md5').update(firmware).digest('hex');

interface Pushed {
  readonly data: { readonly url: string; readonly version: string; readonly md5: string; readonly size: number };
}

let otaru: Otaru;
let mqttWire: Wire;
let httpWire: Wire;
let rollout: Rollout;

beforeAll(async () => {
  [mqttWire, httpWire] = [await openWire(), await openWire()];
  otaru = await startOtaru({ OTARU_PUBLIC_URL: `http://127.0.0.1:${httpWire.port}`, OTARU_LIMITS: 'open' });
  mqttWire.to(otaru.mqtt);
  httpWire.to(otaru.http);
  rollout = await prepareRollout(otaru, 'faulty_network', 4, firmware);
});
afterAll(async () => {
  await otaru?.[Symbol.asyncDispose]();
  await mqttWire?.[Symbol.asyncDispose]();
  await httpWire?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  mqttWire.mend();
  httpWire.mend();
});

/** A device behind the wire that says its version, and what it is told. */
async function comeOnline(device: Credentials, version: string) {
  const { productKey, deviceName } = device;
  const client = await connectAsCSdk(mqtt, `mqtt://127.0.0.1:${mqttWire.port}`, device);
  client.on('error', () => undefined);
  const pushed: Pushed[] = [];
  client.on('message', (topic, payload) => {
    if (topic === `/ota/device/upgrade/${productKey}/${deviceName}`) pushed.push(JSON.parse(payload.toString()));
  });
  const say = (what: 'inform' | 'progress', params: object, qos: 0 | 1) =>
    client.publishAsync(`/ota/device/${what}/${productKey}/${deviceName}`, JSON.stringify({ id: '1', params }), {
      qos,
    });
  await say('inform', { version }, 1);
  return {
    client,
    pushed,
    say,
    next: () => eventually(async () => pushed.at(0) ?? Promise.reject(new Error('no push'))),
  };
}

const lost = (client: MqttClient) => new Promise<void>((resolve) => void client.once('close', () => resolve()));
const states = async (jobId: string) => (await rollout.tasks(jobId)).map((task) => task.taskStatus);
const device = (index: number) => rollout.credentials[index] as Credentials;

/** Loads a file from `start` on, until it is whole or the network fails. */
async function load(url: string, start: number, seen: (bytes: number) => void): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    const response = await fetch(url, { headers: { range: `bytes=${start}-` } });
    expect(response.status).toBe(206);
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      parts.push(Buffer.from(part));
      seen(parts.reduce((sum, { length }) => sum + length, 0));
    }
  } catch {
    // what has come is kept
  }
  return Buffer.concat(parts);
}

it('a device that loses the network in mid-download is told again and goes on where it was', async () => {
  const before = await comeOnline(device(0), '1.0.0');
  const job = await rollout.start([device(0)]);
  const first = await before.next();
  await before.say('progress', { step: '0', desc: '' }, 0);
  const gone = lost(before.client);
  const begun = await load(first.data.url, 0, (bytes) => {
    if (bytes < 500_000) return;
    httpWire.cut();
    mqttWire.cut();
  });
  await gone;
  expect(begun.length).toBeLessThan(firmware.length);
  expect(await states(job)).toEqual(['IN_PROGRESS']);

  httpWire.mend();
  mqttWire.mend();
  const after = await comeOnline(device(0), '1.0.0');
  const again = await after.next();
  expect(again.data).toMatchObject({ version: '2.0.0', md5 });
  expect(await states(job)).toEqual(['IN_PROGRESS']);
  const whole = Buffer.concat([begun, await load(again.data.url, begun.length, () => undefined)]);
  expect(createHash('md5').update(whole).digest('hex')).toBe(md5);
  await after.say('inform', { version: '2.0.0' }, 1);
  expect(await states(job)).toEqual(['SUCCEEDED']);
  expect(after.pushed).toHaveLength(1);
  await after.client.endAsync();
});

it('a push that the network swallows is made again when the device is back', async () => {
  const before = await comeOnline(device(1), '1.0.0');
  mqttWire.stall('down');
  const job = await rollout.start([device(1)]);
  await eventually(async () => expect(await states(job)).toEqual(['NOTIFIED']));
  const gone = lost(before.client);
  mqttWire.cut();
  await gone;
  expect(before.pushed).toEqual([]);

  mqttWire.mend();
  const after = await comeOnline(device(1), '1.0.0');
  expect((await after.next()).data.version).toBe('2.0.0');
  await after.say('inform', { version: '2.0.0' }, 1);
  expect(await states(job)).toEqual(['SUCCEEDED']);
  expect(after.pushed).toHaveLength(1);
  await after.client.endAsync();
});

it.each([
  ['report', 'up', 2],
  ['acknowledgement', 'down', 3],
] as const)(
  'a device whose %s is swallowed says its version again and has succeeded once',
  async (_, direction, index) => {
    const before = await comeOnline(device(index), '1.0.0');
    const job = await rollout.start([device(index)]);
    await before.next();
    mqttWire.stall(direction);
    const gone = lost(before.client);
    const acknowledged = vi.fn();
    before.say('inform', { version: '2.0.0' }, 1).then(acknowledged, () => undefined);
    if (direction === 'down') await eventually(async () => expect(await states(job)).toEqual(['SUCCEEDED']));
    mqttWire.cut();
    await gone;
    expect(acknowledged).not.toHaveBeenCalled();
    expect(await states(job)).toEqual([direction === 'up' ? 'NOTIFIED' : 'SUCCEEDED']);

    mqttWire.mend();
    const after = await comeOnline(device(index), '2.0.0');
    await eventually(async () => expect(await rollout.jobStatus(job)).toBe('COMPLETED'));
    expect(await states(job)).toEqual(['SUCCEEDED']);
    expect(after.pushed).toEqual([]);
    await after.client.endAsync();
  },
);
