import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import mqtt from 'mqtt';
import { expect, it, onTestFinished } from 'vitest';
import { connectAsCSdk, nextUpgrade, textual } from '../acceptance/support/c-device.ts';
import { startOtaru } from '../acceptance/support/otaru.ts';
import { prepareRollout } from '../acceptance/support/rollout.ts';
import { metric } from './support/metrics.ts';

const CLIENTS = 200;
const MEGABYTE = 1_048_576;
/** A piece of a file and what wraps it for each of them; the rest is in the buffers of the system. */
const MOST_GROWTH = CLIENTS * MEGABYTE;

/** Asks for a file and takes 1 KB of it every second. */
function downloadSlowly(url: string): Socket {
  const { port, host, pathname, search } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  socket.pause();
  const timer = setInterval(() => void socket.read(1_024), 1_000);
  socket.once('close', () => clearInterval(timer));
  return socket;
}

it('200 clients that take a kilobyte a second cost little memory, and others do not notice them', async () => {
  const otaru = await startOtaru({ OTARU_LIMITS: 'open', OTARU_METRICS: '127.0.0.1:0' });
  onTestFinished(() => otaru[Symbol.asyncDispose]());
  const bytes = randomBytes(20 * MEGABYTE) as Buffer<ArrayBuffer>;
  const rollout = await prepareRollout(otaru, 'slow_clients', 1, bytes);
  const [device] = rollout.credentials;
  if (!device) throw new Error('unreachable');
  const client = await connectAsCSdk(mqtt, otaru.mqtt, device);
  const names = `${device.productKey}/${device.deviceName}`;
  const pushed = nextUpgrade(client, `/ota/device/upgrade/${names}`);
  await client.publishAsync(`/ota/device/inform/${names}`, '{"id":1,"params":{"version":"1.0.0"}}', { qos: 1 });
  await rollout.start();
  const url = textual(await pushed, 'url');
  const load = async () => {
    const received = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(createHash('md5').update(received).digest('hex')).toBe(createHash('md5').update(bytes).digest('hex'));
  };
  // once before, so that what the first download makes does not count
  await load();
  const before = await metric(otaru, 'process_resident_memory_bytes');
  const clients = Array.from({ length: CLIENTS }, () => downloadSlowly(url));
  onTestFinished(() => {
    for (const socket of clients) socket.destroy();
  });
  await expect.poll(() => metric(otaru, 'otaru_downloads_active'), { timeout: 30_000 }).toBe(CLIENTS);
  const memories: number[] = [];
  for (let second = 0; second < 5; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    memories.push(await metric(otaru, 'process_resident_memory_bytes'));
  }
  const growth = Math.max(...memories) - before;
  console.log(`${CLIENTS} slow downloads: ${(growth / CLIENTS / 1_024).toFixed(0)} KB each`);
  expect(growth).toBeLessThan(MOST_GROWTH);
  await load();
  await client.publishAsync(`/ota/device/progress/${names}`, '{"id":2,"params":{"step":"10"}}', { qos: 1 });
  expect(await metric(otaru, 'otaru_downloads_active')).toBe(CLIENTS);
  await client.endAsync();
});
