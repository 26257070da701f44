import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { createFleet, type FleetOptions } from '../../../src/simulate/fleet.ts';
import { packageOf, serveFile } from './file-server.ts';
import { createWorld, FAST, type World } from './world.ts';

const bytes = randomBytes(40_000);
const forEver = new AbortController().signal;

const fleetOf = (world: World, count: number, options: Partial<FleetOptions> = {}) =>
  createFleet({
    identities: world.field.identities(count),
    host: '127.0.0.1',
    port: world.port,
    clock: systemClock,
    seed: 11,
    connectsPerSecond: 1_000,
    ...FAST,
    ...options,
  });

test('a fleet updates, and those told to fail fail, each in its way', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes, { cuts: [10_000] });
  const failures = { flash: 0.1, hang: 0.05, 'wrong-version': 0.05, 'power-loss': 0.05, vanish: 0.05, absent: 0.05 };
  await using fleet = fleetOf(world, 40, { failures, delay: { min: 0, max: 20 } });
  fleet.start();
  const notice = packageOf(bytes, files.url);
  for (const { device } of fleet.devices) world.field.assign(device.identity.deviceName, notice);
  await fleet.whenSettled('2.0.0', 'default', forEver);

  const summary = fleet.summary();
  expect(summary).toMatchObject({
    devices: 40,
    states: { idle: 0, updating: 0, updated: 28, failed: 6, hung: 2, gone: 2, absent: 2 },
    failures: { '-4': 4, hung: 2, misreported: 2, powerLost: 4 },
    refusals: 0,
    pushesAfterEnd: 0,
    resumes: 1,
  });
  expect(summary.versions['2.0.0']).toBe(28);
  const failed = fleet.devices.filter(({ plan }) => plan.failure === 'flash');
  for (const { device } of failed) {
    expect(world.field.task(device.identity.deviceName).description).toMatch(/^flash write error at block \d+$/);
  }
});

test('no more devices download at once than the fleet is allowed', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  await using fleet = fleetOf(world, 20, { maxDownloads: 3 });
  fleet.start();
  for (const { device } of fleet.devices) world.field.assign(device.identity.deviceName, packageOf(bytes, files.url));
  await fleet.whenSettled('2.0.0', 'default', forEver);
  expect(files.mostAtOnce()).toBeLessThanOrEqual(3);
});

test('a fleet outlives a restart of the server, and nothing that had ended is pushed as new', async () => {
  await using world = await createWorld();
  await using files = await serveFile(bytes);
  let updated = 0;
  const some = Promise.withResolvers<void>();
  await using fleet = fleetOf(world, 30, {
    delay: { min: 0, max: 150 },
    onEvent: ({ kind }) => {
      if (kind === 'updated' && ++updated === 10) some.resolve();
    },
  });
  fleet.start();
  for (const { device } of fleet.devices) world.field.assign(device.identity.deviceName, packageOf(bytes, files.url));
  await some.promise;
  await world.stopGateway();
  await world.startGateway();
  await fleet.whenSettled('2.0.0', 'default', forEver);
  expect(fleet.summary()).toMatchObject({ states: { updated: 30 }, pushesAfterEnd: 0 });
});

test('first connects come no faster than the fleet is told', async () => {
  await using world = await createWorld();
  const times: number[] = [];
  const fourth = Promise.withResolvers<void>();
  await using fleet = fleetOf(world, 4, {
    connectsPerSecond: 50,
    onEvent({ kind }) {
      if (kind === 'connected' && times.push(systemClock.now()) === 4) fourth.resolve();
    },
  });
  const begin = systemClock.now();
  fleet.start();
  await fourth.promise;
  expect((times[3] ?? 0) - begin).toBeGreaterThanOrEqual(58); // the fourth is due after 60 ms
});

test('waiting for a fleet can be given up', async () => {
  await using world = await createWorld();
  await using fleet = fleetOf(world, 2);
  fleet.start();
  const stop = new AbortController();
  const settled = fleet.whenSettled('9.9.9', 'default', stop.signal);
  stop.abort(new Error('time is up'));
  await expect(settled).rejects.toThrow('time is up');
});
