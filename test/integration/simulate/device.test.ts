import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { SimulatedDevice } from '../../../src/simulate/device.ts';
import type { DeviceEvent } from '../../../src/simulate/events.ts';
import type { Misbehaviour } from '../../../src/simulate/misbehaviour.ts';
import { packageOf, serveFile } from './file-server.ts';
import { createWorld } from './world.ts';

const bytes = randomBytes(300_000);

const percents = (events: readonly DeviceEvent[]) =>
  events.flatMap((event) => (event.kind === 'progress' ? [event.percent] : []));

const fresh = (device: SimulatedDevice) =>
  device.pushes.map(({ module, version, received, duplicates, afterEnd }) => ({
    module,
    version,
    fresh: received - duplicates,
    afterEnd,
  }));

test('a device updates: it informs, downloads with Range, tells its progress, boots and informs the new version', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen, events } = world.device({ pace: { stepPercent: 25 } });
  await seen('informed');
  const task = world.field.assign(name, packageOf(bytes, files.url));
  await seen('updated');

  expect(task.status).toBe('SUCCEEDED');
  expect(percents(events)).toEqual([0, 25, 50, 75, 100]);
  expect(task.steps.at(-1)).toBe(100); // the gateway may pass over steps in between
  expect(files.ranges).toEqual(['bytes=0-']);
  expect(device.state).toBe('updated');
  expect(device.versions.get('default')).toBe('2.0.0');
  expect(fresh(device)).toEqual([{ module: 'default', version: '2.0.0', fresh: 1, afterEnd: 0 }]);
  // a push may come again at the boot, before the device could report: `fresh` has counted them
  const kinds = events.map(({ kind }) => kind).filter((kind) => !['progress', 'pushed', 'ignored'].includes(kind));
  expect(kinds).toEqual(['connected', 'informed', 'downloaded', 'disconnected', 'connected', 'informed', 'updated']);
});

test('a device that stays connected reports the new version at once', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { name, seen, events } = world.device({ reboot: 'stay' });
  world.field.assign(name, packageOf(bytes, files.url, { signMethod: 'SHA256' }));
  await seen('updated');
  expect(events.filter(({ kind }) => kind === 'connected')).toHaveLength(1);
});

test('a package of several files for a module is updated without touching the default module', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device({ versions: { default: '1.0.0', MCU: '1.0.0' } });
  const notice = packageOf(bytes, files.url, { module: 'MCU' });
  world.field.assign(name, { ...notice, files: [...notice.files, ...notice.files] });
  const downloaded = await seen('downloaded');
  await seen('updated');
  expect(downloaded).toMatchObject({ module: 'MCU', bytes: 600_000 });
  expect(Object.fromEntries(device.versions)).toEqual({ default: '1.0.0', MCU: '2.0.0' });
});

test('a device pulls a package that is never pushed', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device();
  await seen('informed');
  const task = world.field.assign(name, packageOf(bytes, files.url), { needPush: false });
  await device.pull();
  await seen('updated');
  expect(await seen('pushed')).toMatchObject({ via: 'get' });
  expect(task).toMatchObject({ status: 'SUCCEEDED', pushes: 0 });
});

test('a device that pulls at every connect needs no telling', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  world.field.assign('device-0', packageOf(bytes, files.url), { needPush: false });
  const { seen } = world.device({ pullOnConnect: true });
  await seen('updated');
});

test.each<[string, Misbehaviour & { kind: 'report' }]>([
  ['the update', { kind: 'report', step: -1, description: 'battery too low: 7 %' }],
  ['the download', { kind: 'report', step: -2, description: 'no route to host' }],
  ['the verification', { kind: 'report', step: -3, description: 'digest mismatch' }],
  ['flashing', { kind: 'report', step: -4, description: 'flash write error at block 17' }],
])('a device told to fail at %s says so', async (_, misbehaviour) => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device({ misbehaviour });
  const task = world.field.assign(name, packageOf(bytes, files.url));
  await seen('failed');
  const { step, description } = misbehaviour;
  expect(task).toMatchObject({ status: 'FAILED', description });
  expect(task.steps.at(-1)).toBe(step);
  expect(device.state).toBe('failed');
  expect(device.versions.get('default')).toBe('1.0.0');
});

test('a device that fails twice succeeds when it is pushed a third time', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const misbehaviour = { kind: 'report', step: -4, description: 'flash write error', attempts: 2 } as const;
  const { name, seen, events } = world.device({ misbehaviour });
  const notice = packageOf(bytes, files.url);
  for (const _ of [1, 2]) {
    const from = events.length;
    world.field.assign(name, notice);
    await seen('failed', from);
  }
  world.field.assign(name, notice);
  await seen('updated');
});

test('a device reports a version that nobody gave it', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device({ misbehaviour: { kind: 'wrongVersion' } });
  const task = world.field.assign(name, packageOf(bytes, files.url));
  await seen('misreported');
  expect(world.field.versions.get(name)).toBe('2.0.0-wrong');
  expect(task.status).toBe('FAILED');
  expect(device.state).toBe('failed');
});

test('a device hangs in mid-download and stays connected', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device({ misbehaviour: { kind: 'hang' } });
  const task = world.field.assign(name, packageOf(bytes, files.url));
  await seen('hung');
  expect(device.state).toBe('hung');
  expect(device.online).toBe(true);
  await vi.waitFor(() => expect(task.steps.at(-1)).toBe(50), 10_000);
  expect(task.status).toBe('IN_PROGRESS');
});

test('a device loses power in mid-download, comes back with its old version, is pushed again and updates', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device({ misbehaviour: { kind: 'powerLoss', returns: true } });
  const task = world.field.assign(name, packageOf(bytes, files.url));
  await seen('updated');
  expect(world.field.informs.map(([, version]) => version)).toEqual(['1.0.0', '1.0.0', '2.0.0']);
  expect(task.status).toBe('SUCCEEDED');
  expect(fresh(device)).toMatchObject([{ fresh: 2, afterEnd: 0 }]);
});

test('a device loses power in mid-download and is never seen again', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device({ misbehaviour: { kind: 'powerLoss', returns: false } });
  world.field.assign(name, packageOf(bytes, files.url));
  await seen('disconnected');
  expect(device.state).toBe('gone');
  expect(device.online).toBe(false);
});

test('an absent device never connects', async () => {
  await using world = await createWorld();
  const { device, events } = world.device({ misbehaviour: { kind: 'absent' } });
  const other = world.device();
  await other.seen('informed');
  expect(events).toEqual([]);
  expect(device.online).toBe(false);
});

test('a download goes on where its connection was cut', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes, { cuts: [100_000, 50_000] });
  const { name, seen, events } = world.device();
  world.field.assign(name, packageOf(bytes, files.url));
  await seen('updated');
  expect(files.ranges).toEqual(['bytes=0-', 'bytes=100000-', 'bytes=150000-']);
  expect(events.filter(({ kind }) => kind === 'resumed').map((event) => 'offset' in event && event.offset)).toEqual([
    100_000, 150_000,
  ]);
  expect(percents(events)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
});

test('a download that is cut again and again fails with -2', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes, { cuts: [10, 10, 10, 10] });
  const { name, seen } = world.device({ pace: { retries: 2, retryDelayMs: 1 } });
  const task = world.field.assign(name, packageOf(bytes, files.url));
  expect(await seen('failed')).toMatchObject({ step: -2 });
  expect(files.ranges).toHaveLength(3);
  expect(task.status).toBe('FAILED');
});

test.each<[string, number, Record<string, string>]>([
  ['that is forbidden', 403, { 'Content-Length': '0' }],
  ['that is redirected', 302, { 'Content-Length': '0', Location: 'http://127.0.0.1/' }],
  ['without Content-Length', 200, {}],
])('a download %s fails with -2 and is not tried again', async (_, status, headers) => {
  await using world = await createWorld();
  await using files = await serveFile(bytes, {
    instead(_request, response) {
      response.writeHead(status, headers).end(headers['Content-Length'] === undefined ? bytes : undefined);
      return true;
    },
  });
  const { name, seen } = world.device();
  world.field.assign(name, packageOf(bytes, files.url));
  expect(await seen('failed')).toMatchObject({ step: -2 });
  expect(files.ranges).toHaveLength(1);
});

test('a busy file server is asked again', async () => {
  await using world = await createWorld();
  let refusals = 2;
  await using files = await serveFile(bytes, {
    instead(_request, response) {
      if (refusals-- <= 0) return false;
      response.writeHead(503, { 'Content-Length': '0' }).end();
      return true;
    },
  });
  const { name, seen } = world.device();
  world.field.assign(name, packageOf(bytes, files.url));
  await seen('updated');
});

test('a file with another digest is refused with -3', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { name, seen } = world.device();
  const task = world.field.assign(name, packageOf(randomBytes(bytes.length), files.url));
  expect(await seen('failed')).toMatchObject({ step: -3, description: 'digest mismatch' });
  expect(task.steps.at(-1)).toBe(-3);
});

test('a file of another size is refused with -3', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { name, seen } = world.device();
  world.field.assign(name, packageOf(bytes.subarray(1), files.url));
  expect(await seen('failed')).toMatchObject({ step: -3, description: 'size mismatch: 300000 bytes, expected 299999' });
});

test('a push of a version that is under way is ignored', async () => {
  await using world = await createWorld();
  const gate = Promise.withResolvers<void>();
  await using files = await serveFile(bytes, {
    instead(_request, response) {
      void gate.promise.then(() => response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes));
      return true;
    },
  });
  const { device, name, seen } = world.device();
  await seen('informed');
  world.field.assign(name, packageOf(bytes, files.url));
  await seen('progress');
  world.field.pushAgain(name);
  await seen('ignored');
  gate.resolve();
  await seen('updated');
  expect(files.ranges).toHaveLength(1);
  expect(device.pushes[0]?.duplicates).toBeGreaterThanOrEqual(1);
  expect(fresh(device)).toMatchObject([{ fresh: 1, afterEnd: 0 }]);
});

test('a push of what is installed already is counted as one after the end, and answered with the version', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  const { device, name, seen, events } = world.device();
  world.field.assign(name, packageOf(bytes, files.url));
  await seen('updated');
  const from = events.length;
  world.field.pushAgain(name);
  await seen('informed', from);
  expect(files.ranges).toHaveLength(1);
  expect(fresh(device)).toMatchObject([{ fresh: 2, afterEnd: 1 }]);
});

test('a push of another version takes the place of the one under way', async () => {
  await using world = await createWorld();
  const never = await serveFile(bytes, { instead: () => true });
  await using _never = never;
  await using files = await serveFile(bytes);
  const { device, name, seen } = world.device();
  world.field.assign(name, packageOf(bytes, never.url));
  await seen('progress');
  world.field.assign(name, packageOf(bytes, files.url, { version: '3.0.0' }));
  expect(await seen('updated')).toMatchObject({ version: '3.0.0' });
  expect(device.versions.get('default')).toBe('3.0.0');
});

test('a device outlives a restart of the server in mid-download and still proves its update', async () => {
  await using world = await createWorld();
  const gate = Promise.withResolvers<void>();
  await using files = await serveFile(bytes, {
    instead(_request, response) {
      void gate.promise.then(() => response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes));
      return true;
    },
  });
  const { device, name, seen } = world.device();
  const task = world.field.assign(name, packageOf(bytes, files.url));
  await seen('progress');
  await world.stopGateway();
  await seen('unreachable');
  gate.resolve();
  await seen('downloaded');
  await world.startGateway();
  await seen('updated');
  expect(task.status).toBe('SUCCEEDED');
  expect(fresh(device)).toMatchObject([{ fresh: 1, afterEnd: 0 }]);
});

test('a device that merely connects again does not report its version again', async () => {
  await using world = await createWorld();
  const { seen, events } = world.device();
  await seen('informed');
  await world.stopGateway();
  await seen('disconnected');
  const from = events.length;
  await world.startGateway();
  await seen('connected', from);
  const other = world.device();
  await other.seen('informed');
  expect(events.filter(({ kind }) => kind === 'informed')).toHaveLength(1);
});

test('a device with a wrong secret is refused and goes on trying', async () => {
  await using world = await createWorld();
  const [identity] = world.field.identities(1);
  const { device, seen, events } = world.device({ identity: { ...identity, deviceSecret: 'wrong' } as never });
  expect(await seen('refused')).toMatchObject({ code: 4 });
  await seen('refused', events.length);
  expect(device.online).toBe(false);
});

test('a message that no SDK would accept is ignored', async () => {
  await using world = await createWorld();
  const { name, seen } = world.device();
  const notice = packageOf(bytes, 'http://127.0.0.1/');
  world.field.assign(name, { ...notice, files: [{ ...notice.files[0], sign: 'short' } as never] });
  expect(await seen('ignored')).toMatchObject({ reason: 'a file without a fitting sign' });
});

test('stopping a device in mid-download ends it without a trace', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes, { instead: () => true });
  const { device, name, seen, events } = world.device();
  world.field.assign(name, packageOf(bytes, files.url));
  await seen('progress');
  await vi.waitFor(() => expect(files.ranges).toHaveLength(1), 10_000);
  await device[Symbol.asyncDispose]();
  const count = events.length;
  device.start();
  expect(device.online).toBe(false);
  expect(events).toHaveLength(count);
});
