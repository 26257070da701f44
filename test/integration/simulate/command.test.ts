import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { EXIT, type SimulateIo, simulate } from '../../../src/simulate/command.ts';
import type { DeviceIdentity } from '../../../src/simulate/link.ts';
import { packageOf, serveFile } from './file-server.ts';
import { createWorld } from './world.ts';

const bytes = randomBytes(1_000);

function desk(input = '', more: Partial<SimulateIo> = {}) {
  const text = { stdout: '', stderr: '' };
  const io: SimulateIo = {
    clock: systemClock,
    stdin: Readable.from([input]),
    stdout: { write: (chunk) => void (text.stdout += chunk) },
    stderr: { write: (chunk) => void (text.stderr += chunk), ...(more.stderr ?? {}) },
    ...more,
  };
  return { io, text };
}

const csv = (devices: readonly DeviceIdentity[]) =>
  devices.map((device) => `${device.productKey},${device.deviceName},${device.deviceSecret}\n`).join('');

test('devices from stdin reach the version, and the summary is one line of JSON', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const devices = world.field.identities(5);
  for (const { deviceName } of devices) world.field.assign(deviceName, packageOf(bytes, files.url));
  const { io, text } = desk(csv(devices));
  const mqtt = `mqtt://127.0.0.1:${world.port}`;
  expect(await simulate({ mqtt, devices: '-', until: '2.0.0', json: true }, io)).toBe(EXIT.reached);
  expect(JSON.parse(text.stdout)).toMatchObject({
    reached: true,
    devices: 5,
    states: { updated: 5 },
    versions: { '2.0.0': 5 },
  });
  expect(text.stdout.trim().split('\n')).toHaveLength(1);
  expect(text.stderr).toContain('5 devices, 0 online');
  expect(text.stderr).not.toContain('\r');
});

test('devices are registered on request, and those that are told to fail do not hold up the end', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { io, text } = desk('', {
    async register(productKey, count) {
      expect(productKey).toBe('a1simulated');
      const devices = world.field.identities(count);
      for (const { deviceName } of devices) world.field.assign(deviceName, packageOf(bytes, files.url));
      return devices;
    },
  });
  const code = await simulate(
    { mqtt: `127.0.0.1:${world.port}`, register: 10, product: 'a1simulated', until: '2.0.0', failures: 'verify=20%' },
    io,
  );
  expect(code).toBe(EXIT.reached);
  expect(text.stdout).toContain('8 updated');
  expect(text.stdout).toContain('failed -3: 2');
});

test('devices from a file that do not get there in time miss the version', async () => {
  await using world = await createWorld();
  const folder = await mkdtemp(join(tmpdir(), 'otaru-simulate-'));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const list = join(folder, 'devices.csv');
  await writeFile(list, csv(world.field.identities(2)));
  const { io } = desk();
  const mqtt = `127.0.0.1:${world.port}`;
  expect(await simulate({ mqtt, devices: list, until: '2.0.0', durationMs: 100 }, io)).toBe(EXIT.missed);
});

test('without a version to reach it ends well when the time is up', async () => {
  await using world = await createWorld();
  const { io, text } = desk(csv(world.field.identities(2)));
  expect(await simulate({ mqtt: `127.0.0.1:${world.port}`, devices: '-', durationMs: 150 }, io)).toBe(EXIT.reached);
  expect(text.stdout).toContain('2 devices, 2 online, 2 idle');
});

test('a server that nobody can reach is a failure', async () => {
  const world = await createWorld();
  await world[Symbol.asyncDispose]();
  const { io } = desk(csv(world.field.identities(1)));
  expect(await simulate({ mqtt: `127.0.0.1:${world.port}`, devices: '-', durationMs: 50 }, io)).toBe(EXIT.missed);
});

test('Ctrl-C ends it with a summary', async () => {
  await using world = await createWorld();
  const stop = new AbortController();
  const { io, text } = desk(csv(world.field.identities(1)), { signal: stop.signal });
  const code = simulate({ mqtt: `127.0.0.1:${world.port}`, devices: '-', until: '2.0.0', json: true }, io);
  setImmediate(() => stop.abort());
  expect(await code).toBe(EXIT.missed);
  expect(JSON.parse(text.stdout)).toMatchObject({ reached: false, devices: 1 });
});

test('on a terminal the status is one line that is written over', async () => {
  await using world = await createWorld();
  let shown = '';
  const stderr = { isTTY: true, write: (chunk: string) => void (shown += chunk) };
  const { io } = desk(csv(world.field.identities(1)), { stderr });
  await simulate({ mqtt: `127.0.0.1:${world.port}`, devices: '-', durationMs: 100 }, io);
  expect(shown).toContain('\r1 devices, 1 online, 1 idle\x1b[K');
  expect(shown.trimEnd().split('\n')).toHaveLength(1);
});

const good = { mqtt: '127.0.0.1:1', devices: '-' };
test.each([
  ['no devices at all', { mqtt: '127.0.0.1:1' }],
  ['two sources of devices', { ...good, register: 1, product: 'pk' }],
  ['an empty list', good],
  ['a list that cannot be read', { ...good, devices: '/nonexistent/devices.csv' }],
  ['registering without a way to', { mqtt: '127.0.0.1:1', register: 1, product: 'pk' }],
  ['an address with a path', { ...good, mqtt: 'mqtt://host:1/x' }],
  ['a port that is none', { ...good, mqtt: 'host:99999' }],
  ['an unknown failure', { ...good, failures: 'melt=1%' }],
  ['a step of no percent', { ...good, stepPercent: 0 }],
])('%s is a mistake told in one line', async (_, options) => {
  const { io, text } = desk();
  expect(await simulate(options, io)).toBe(EXIT.usage);
  expect(text.stderr).toMatch(/^otaru simulate: .+\n$/);
  expect(text.stdout).toBe('');
});
