/**
 * A process full of devices, started by `held-devices.ts`: it says what it is asked to say and measures how long the server takes.
 */
import { get, Agent as HttpAgent } from 'node:http';
import { informTopic, progressTopic } from '../../src/wire/device-topics.ts';
import { deviceName, preciseNow } from './devices.ts';
import type {
  DeviceAnswer,
  DeviceCommands,
  DeviceQuestion,
  DeviceSettings,
  Timed,
  UpdateTimes,
} from './held-devices.ts';
import { RawDevice } from './raw-device.ts';

/** Devices of one address of this side. */
const PER_ADDRESS = 10_000;
const KEEPALIVE_S = 60;
/** Downloads at a time: a fleet in the field is not all at once either, and the server's descriptors are limited. */
const DOWNLOADS = 64;

const settings = JSON.parse(process.argv[2] ?? '{}') as DeviceSettings;
const { productKey } = settings;
/** Another one for each process: ports stay taken for a while after their connections. */
const network = 1 + (process.pid % 250);
const devices = new Map<number, RawDevice>();
const agent = new HttpAgent({ keepAlive: true, maxSockets: DOWNLOADS });
/** When each message came that a device was sent. */
let told: number[] = [];
let lost = 0;
/** What a device does that is told of a package. */
let onTold: ((number: number, payload: Buffer) => void) | undefined;

function deviceOf(number: number): RawDevice {
  const found = devices.get(number);
  if (found) return found;
  const made = new RawDevice({
    host: settings.host,
    port: settings.port,
    localAddress: `127.${network}.0.${2 + Math.floor(number / PER_ADDRESS)}`,
    keepaliveS: KEEPALIVE_S,
    identity: { productKey, deviceName: deviceName(number), deviceSecret: settings.secret },
    onMessage(_topic, payload) {
      told.push(preciseNow());
      onTold?.(number, payload);
    },
    onLost() {
      lost += 1;
    },
  });
  devices.set(number, made);
  return made;
}

setInterval(() => {
  for (const device of devices.values()) device.keepAlive();
}, KEEPALIVE_S * 700).unref();

/** Runs `work` for every device, so many at a time, each with its time. */
async function timed(
  { from, to, parallel = to - from }: { readonly from: number; readonly to: number; readonly parallel?: number },
  work: (device: RawDevice, number: number) => Promise<void>,
): Promise<Timed> {
  const startedAt = preciseNow();
  const times: number[] = [];
  let next = from;
  const lane = async () => {
    while (next < to) {
      const number = next;
      next += 1;
      const start = performance.now();
      await work(deviceOf(number), number);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, to - from) }, lane));
  return { startedAt, seconds: (preciseNow() - startedAt) / 1_000, times };
}

const progress = (step: number) => `{"id":"1","params":{"step":"${step}","desc":"","module":"default"}}`;
const inform = (version: string) => `{"id":"1","params":{"version":"${version}","module":"default"}}`;

function download(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${url}: ${response.statusCode}`)),
      );
      response.on('error', reject);
    }).on('error', reject);
  });
}

const commands: DeviceCommands = {
  connect: (range) => timed(range, (device) => device.connect()),
  disconnect: (range) => timed(range, (device) => device.close()),
  ping: (range) => timed(range, (device) => device.ping()),
  async report({ from, to, said }) {
    return timed({ from, to }, async (device, number) => {
      const name = deviceName(number);
      for (const word of said) {
        if (typeof word === 'number') await device.publish(progressTopic(productKey, name), progress(word));
        else await device.publish(informTopic(productKey, name), inform(word));
      }
    });
  },
  async forget() {
    told = [];
  },
  async told({ count, timeoutMs }) {
    const deadline = performance.now() + timeoutMs;
    while (told.length < count && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    return told;
  },
  async lost() {
    return lost;
  },
  async update({ from, to, version, timeoutMs }) {
    const done = Promise.withResolvers<void>();
    const times: UpdateTimes[] = [];
    const failures: string[] = [];
    let again = 0;
    const seen = new Set<number>();
    const ended = () => {
      if (times.length + failures.length === to - from) done.resolve();
    };
    onTold = (number, payload) => {
      const toldAt = preciseNow();
      if (seen.has(number)) {
        again += 1;
        return;
      }
      seen.add(number);
      const { data } = JSON.parse(payload.toString()) as { data: { url: string; size: number } };
      const run = async () => {
        const device = deviceOf(number);
        const name = deviceName(number);
        const bytes = await download(data.url);
        if (bytes !== data.size) throw new Error(`${bytes} bytes of ${data.size}`);
        const downloadedAt = preciseNow();
        await device.publish(progressTopic(productKey, name), progress(100));
        const progressedAt = preciseNow();
        await device.publish(informTopic(productKey, name), inform(version));
        times.push({ toldAt, downloadedAt, progressedAt, reportedAt: preciseNow() });
      };
      run()
        .catch((error: Error) => void failures.push(error.message))
        .finally(ended);
    };
    const timeout = setTimeout(() => done.resolve(), timeoutMs);
    await done.promise;
    clearTimeout(timeout);
    onTold = undefined;
    return { times, failures, again };
  },
};

process.on('message', ({ id, name, input }: DeviceQuestion) => {
  const answer = (outcome: Omit<DeviceAnswer, 'id'>) => process.send?.({ id, ...outcome });
  (commands[name] as (given: unknown) => Promise<unknown>)(input).then(
    (result) => answer({ result }),
    (error: Error) => answer({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0 });
