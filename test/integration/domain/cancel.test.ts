import { describe, expect, it } from 'vitest';
import {
  type CancelFlags,
  cancelStrategy,
  cancelTasksOfDevices,
  cancelTasksOfJob,
} from '../../../src/domain/cancel.ts';
import { confirmTasks } from '../../../src/domain/confirm.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { reupgradeTasks } from '../../../src/domain/reupgrade.ts';
import { materialiseChunk } from '../../../src/domain/rollout/materialise.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { listTasks } from '../../../src/domain/tasks.ts';
import { listUnfinishedTasks } from '../../../src/domain/unfinished.ts';
import type { Engine } from '../../../src/store/engine.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, HOUR, MINUTE, NEW, OLD, reopen, type World } from './world.ts';

const none: CancelFlags = {
  scheduled: undefined,
  queued: undefined,
  notified: undefined,
  inProgress: undefined,
  unconfirmed: undefined,
};
const cancel = (world: World, job: string, flags: Partial<CancelFlags>) =>
  cancelTasksOfJob(world.deps, world.scope, job, { ...none, ...flags });
const everything = { queued: true, notified: true, inProgress: true };
const statuses = async (world: World, job: string) => (await world.tasks(job)).map((task) => task.status);
const get = { kind: 'get', id: '1', module: undefined } as const;
const nothing = [{ notice: { kind: 'getReply', id: '1', package: undefined } }];

/** A job with a task in each of the three states after confirmation, and one that has succeeded. */
async function running(world: World) {
  const devices = (await world.devices(4)) as [DeviceRef, DeviceRef, DeviceRef, DeviceRef];
  const [, told, busy, done] = devices;
  const firmwareId = await world.firmware();
  const job = await world.job({ firmwareId });
  await world.node.claim([told, busy], 'fresh');
  await world.progress(busy, 30);
  await world.inform(done, NEW);
  return { devices, firmwareId, job };
}

eachEngine('CancelOTATaskByJob', (database) => {
  it.each([
    [{ queued: true }, ['CANCELED', 'NOTIFIED', 'IN_PROGRESS', 'SUCCEEDED']],
    [{ notified: true }, ['QUEUED', 'CANCELED', 'IN_PROGRESS', 'SUCCEEDED']],
    [{ inProgress: true }, ['QUEUED', 'NOTIFIED', 'CANCELED', 'SUCCEEDED']],
    [{ unconfirmed: true }, ['QUEUED', 'NOTIFIED', 'IN_PROGRESS', 'SUCCEEDED']],
    [{ scheduled: true }, ['QUEUED', 'NOTIFIED', 'IN_PROGRESS', 'SUCCEEDED']],
    [{ queued: false }, ['QUEUED', 'NOTIFIED', 'IN_PROGRESS', 'SUCCEEDED']],
    [everything, ['CANCELED', 'CANCELED', 'CANCELED', 'SUCCEEDED']],
  ])('with %j leaves %j when it returns', async (flags, expected) => {
    const world = await createWorld(database);
    const { job } = await running(world);
    await cancel(world, job, flags);
    expect(await statuses(world, job)).toEqual(expected);
    expect((await world.jobRow(job)).cancel_states).toBeNull();
    await expectConsistent(world);
  });

  it('needs a flag and a job of the instance', async () => {
    const world = await createWorld(database);
    const { job } = await running(world);
    expect(await world.refusal(() => cancel(world, job, {}))).toBe('system.illegalRequest');
    expect(await world.refusal(() => cancel(world, 'nothing', everything))).toBe('ota.jobNotFound');
    const foreign = { ...world.scope, instanceId: 'iot-other' };
    const asStranger = () => cancelTasksOfJob(world.deps, foreign, job, { ...none, ...everything });
    expect(await world.refusal(asStranger)).toBe('ota.jobNotFound');
    expect(await statuses(world, job)).toEqual(['QUEUED', 'NOTIFIED', 'IN_PROGRESS', 'SUCCEEDED']);
  });

  it('frees the devices, ends the job through the scheduler and tells nobody any more', async () => {
    const world = await createWorld(database);
    const { job, devices } = await running(world);
    const [queued, told, busy] = devices;
    world.nudges.length = 0;
    await cancel(world, job, everything);
    expect(world.nudges).toContainEqual({ kind: 'job', jobId: job });
    expect(await world.node.claim(devices, 'all')).toEqual([]);
    for (const device of [queued, told, busy]) {
      expect(await world.node.report(device, get)).toEqual(nothing);
      await world.progress(device, 50);
      expect(await world.inform(device, OLD)).toEqual([]);
    }
    expect((await world.task(job, busy)).description).toBe('canceled on request');
    // the device may finish all the same: its version changes, the task stays (device-protocol 5.7)
    await world.inform(busy, NEW);
    expect((await world.task(job, busy)).status).toBe('CANCELED');
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('COMPLETED');
    const next = await world.job({ devices: [queued, told] });
    expect(await statuses(world, next)).toEqual(['QUEUED', 'QUEUED']);
    await expectConsistent(world);
  });

  it('makes a job CANCELED whose every task it canceled, also before its time', async () => {
    const world = await createWorld(database);
    await world.devices(3);
    const planned = await world.job({ scheduleAt: world.clock.now() + HOUR });
    await cancel(world, planned, { scheduled: true });
    expect(await statuses(world, planned)).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
    await world.pass(0);
    expect(await world.jobRow(planned)).toMatchObject({ status: 'CANCELED', started_at: null });
    await world.pass(2 * HOUR);
    expect((await world.jobRow(planned)).status).toBe('CANCELED');
  });

  it('calls off a retry that waits', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await world.job({ retryInterval: 10, retryCount: 1 });
    await world.node.claim([device], 'fresh');
    await world.progress(device, -2);
    await cancel(world, job, { notified: true });
    await world.pass(10 * MINUTE);
    expect(await world.node.claim([device], 'all')).toEqual([]);
    expect(await world.task(job, device)).toMatchObject({ status: 'CANCELED', retry_at: null, due_at: null });
    await expectConsistent(world);
  });

  it('of an ended job changes nothing', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await world.job();
    await world.inform(device, NEW);
    await world.pass(0);
    const before = await world.jobRow(job);
    await cancel(world, job, everything);
    expect(await world.jobRow(job)).toEqual(before);
    expect(await statuses(world, job)).toEqual(['SUCCEEDED']);
  });

  describe('of a large job', () => {
    /** More tasks than one call works off. */
    const MANY = 5_200;

    it('is durable when it returns: what is left is done by whoever advances the job, also after a restart', async () => {
      const world = await createWorld(database);
      const devices = await world.devices(MANY);
      const job = await world.job();
      await world.advance(job);
      const last = devices.at(-1) as DeviceRef;
      await cancel(world, job, { queued: true });
      const { cancel_states, due_at } = await world.jobRow(job);
      expect([cancel_states, due_at]).toEqual(['["QUEUED"]', world.clock.now()]);
      const shown = async (status: 'CANCELED' | 'QUEUED') =>
        (await listTasks(world.deps, world.scope, job, { number: 1, size: 1, offset: 0 }, status)).total;
      expect([await shown('CANCELED'), await shown('QUEUED')]).toEqual([5_000, MANY - 5_000]);
      expect((await world.task(job, last)).status).toBe('QUEUED');

      // what no row says yet holds already
      expect(await world.node.claim([last], 'all')).toEqual([]);
      expect(await world.node.report(last, get)).toEqual(nothing);
      await world.progress(last, 10);
      expect(await world.inform(last, OLD)).toEqual([]);
      await world.inform(last, NEW);
      expect((await world.task(job, last)).status).toBe('QUEUED');
      const { rows } = await listUnfinishedTasks(world.deps, world.scope, {
        device: { id: last.deviceId },
        module: undefined,
        statuses: undefined,
      });
      expect(rows).toEqual([]);

      const next = await reopen(world, database);
      await next.advance(job);
      expect([await shown('CANCELED'), await shown('QUEUED')]).toEqual([MANY, 0]);
      expect(await world.jobRow(job)).toMatchObject({ status: 'CANCELED', cancel_states: null, due_at: null });
      await expectConsistent(world);
    });

    it('lets no call wait for long: steps that take their time are left to the scheduler', async () => {
      const world = await createWorld(database);
      await world.devices(1_600);
      const job = await world.job();
      await world.advance(job);
      // each step takes 400 ms
      const engine: Engine = {
        ...world.engine,
        transaction: async (work) => {
          await world.clock.advance(400);
          return world.engine.transaction(work);
        },
      };
      await cancelTasksOfJob({ ...world.deps, engine }, world.scope, job, { ...none, queued: true });
      const left = async () => (await statuses(world, job)).filter((status) => status === 'QUEUED').length;
      expect(await left()).toBe(600);
      await world.advance(job);
      expect(await left()).toBe(0);
    });

    it('stands in the way of no other job', async () => {
      const world = await createWorld(database);
      const devices = await world.devices(MANY);
      const job = await world.job();
      await world.advance(job);
      await cancel(world, job, { queued: true });
      const last = devices.slice(-2);
      const next = await world.job({ devices: last });
      expect(await statuses(world, next)).toEqual(['QUEUED', 'QUEUED']);
      expect((await world.task(job, last[0] as DeviceRef)).status).toBe('CANCELED');
      expect(await world.node.claim(last, 'all')).toHaveLength(2);
      await world.advance(job);
      expect(await statuses(world, next)).toEqual(['NOTIFIED', 'NOTIFIED']);
      await expectConsistent(world);
    });

    it('takes no task along that runs again meanwhile: to repeat one is refused until it is through', async () => {
      const world = await createWorld(database);
      await world.devices(MANY);
      const job = await world.job();
      await world.advance(job);
      await cancel(world, job, { queued: true });
      const again = () => reupgradeTasks(world.deps, world.scope, job, [taskId(job, 0)]);
      expect(await world.refusal(again)).toBe('system.illegalRequest');
      await world.advance(job);
      await again();
      expect((await world.tasks(job))[0]?.status).toBe('QUEUED');
      await world.advance(job);
      expect((await world.tasks(job))[0]?.status).toBe('QUEUED');
    });

    it('counts for the devices whose tasks are not made yet, which keep what they have', async () => {
      const world = await createWorld(database);
      const devices = await world.devices(1_300);
      const [busy] = devices.slice(-1) as [DeviceRef];
      const other = await world.job({ devices: [busy] });
      const job = await world.job({ overwriteMode: 2 });
      expect((await world.jobRow(job)).task_total).toBe(1_000);
      await cancel(world, job, { queued: true });
      expect((await world.jobRow(job)).cancel_states).toBe('["QUEUED"]');
      await materialiseChunk(world.deps, job);
      expect(await statuses(world, other)).toEqual(['QUEUED']);
      expect((await world.task(job, busy)).status).toBe('CANCELED');
      await world.advance(job);
      expect(await world.jobRow(job)).toMatchObject({ status: 'CANCELED', task_total: 1_300, cancel_states: null });
      expect(new Set(await statuses(world, job))).toEqual(new Set(['CANCELED']));
      await expectConsistent(world);
    });

    it('ends timeouts that come due meanwhile as canceled', async () => {
      const world = await createWorld(database);
      const [device] = (await world.devices(1)) as [DeviceRef];
      const job = await world.job({ timeoutMinutes: 1 });
      await world.node.claim([device], 'fresh');
      await world.progress(device, 1);
      const state = { cancel_states: '["IN_PROGRESS"]', cancel_before: null };
      await world.engine.transaction(({ db }) => db.updateTable('job').set(state).where('id', '=', job).execute());
      await world.pass(MINUTE);
      expect(await world.task(job, device)).toMatchObject({ status: 'CANCELED', description: 'canceled on request' });
      await expectConsistent(world);
    });
  });

  it('and pushes at the same time: a task is told of or canceled, and the counters are right', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(60);
    const job = await world.job();
    await Promise.all([
      ...[0, 20, 40].map((from) => world.node.claim(devices.slice(from, from + 20), 'fresh')),
      cancel(world, job, { queued: true }),
    ]);
    for (const status of await statuses(world, job)) expect(['NOTIFIED', 'CANCELED']).toContain(status);
    await expectConsistent(world);
  });

  it('knows tasks that wait for confirmation', async () => {
    const world = await createWorld(database);
    await world.devices(2);
    const job = await world.job({ needConfirm: true });
    await confirmTasks(world.deps, world.scope, [taskId(job, 0)]);
    await cancel(world, job, { queued: true, unconfirmed: false });
    expect(await statuses(world, job)).toEqual(['CANCELED', 'CONFIRM']);
    await cancel(world, job, { unconfirmed: true });
    expect(await statuses(world, job)).toEqual(['CANCELED', 'CANCELED']);
    await expectConsistent(world);
  });
});

eachEngine('CancelOTATaskByDevice', (database) => {
  const byDevice = (world: World, firmwareId: string, names: readonly string[], jobId?: string) =>
    cancelTasksOfDevices(world.deps, world.scope, {
      firmwareId,
      productKey: world.productKey,
      deviceNames: names,
      jobId,
    });
  const names = (devices: readonly DeviceRef[]) => devices.map((device) => device.deviceName);

  it('cancels what devices still have to do of a package, in any state', async () => {
    const world = await createWorld(database);
    const { job, devices, firmwareId } = await running(world);
    const [queued, told, busy, done] = devices;
    await byDevice(world, firmwareId, names([told, busy, done]));
    expect(await statuses(world, job)).toEqual(['QUEUED', 'CANCELED', 'CANCELED', 'SUCCEEDED']);
    await byDevice(world, firmwareId, names([queued]), job);
    expect((await world.task(job, queued)).status).toBe('CANCELED');
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('COMPLETED');
    await expectConsistent(world);
  });

  it('cancels tasks that wait for confirmation', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await world.firmware();
    const job = await world.job({ firmwareId, needConfirm: true });
    await byDevice(world, firmwareId, names([device]));
    expect(await statuses(world, job)).toEqual(['CANCELED']);
  });

  it('leaves tasks of other packages and other jobs alone', async () => {
    const world = await createWorld(database);
    const [one, two] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const firmwareId = await world.firmware();
    const first = await world.job({ firmwareId, devices: [one] });
    const second = await world.job({ firmwareId, devices: [two] });
    const otherPackage = await world.firmware();
    await byDevice(world, otherPackage, names([one, two]));
    await byDevice(world, firmwareId, names([one, two]), second);
    expect([await statuses(world, first), await statuses(world, second)]).toEqual([['QUEUED'], ['CANCELED']]);
  });

  it('is refused for what does not fit', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await world.firmware();
    const job = await world.job({ firmwareId });
    const other = await world.firmware();
    const [name] = names([device]) as [string];
    const refused = (...args: [string, readonly string[], string?]) => world.refusal(() => byDevice(world, ...args));
    expect(await refused('nothing', [name])).toBe('ota.firmwareNotFound');
    expect(await refused(firmwareId, [])).toBe('device.noNames');
    expect(await refused(firmwareId, [name, name])).toBe('common.invalidParameter');
    expect(await refused(firmwareId, ['x'])).toBe('device.malformedNameInList');
    expect(await refused(firmwareId, [name, 'nobody'])).toBe('device.notFound');
    expect(await refused(firmwareId, [name], 'nothing')).toBe('ota.jobNotFound');
    expect(await refused(other, [name], job)).toBe('ota.jobNotFound');
    const many = Array.from({ length: 201 }, (_, i) => `device-${i}`);
    expect(await refused(firmwareId, many)).toBe('device.tooManyNames');
    const pump = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
    const input = { firmwareId, productKey: pump.key, deviceNames: [name], jobId: undefined };
    const mismatch = () => cancelTasksOfDevices(world.deps, world.scope, input);
    expect(await world.refusal(mismatch)).toBe('ota.firmwareProductMismatch');
    expect(await statuses(world, job)).toEqual(['QUEUED']);
  });
});

eachEngine('CancelOTAStrategyByJob', (database) => {
  it('does nothing to a static job, and knows no other', async () => {
    const world = await createWorld(database);
    const { job } = await running(world);
    const before = [await world.jobRow(job), await world.tasks(job)];
    await cancelStrategy(world.deps, world.scope, job);
    expect([await world.jobRow(job), await world.tasks(job)]).toEqual(before);
    expect(await world.refusal(() => cancelStrategy(world.deps, world.scope, 'nothing'))).toBe('ota.jobNotFound');
  });
});
