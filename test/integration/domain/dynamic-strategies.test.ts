import { expect, it } from 'vitest';
import {
  type CancelFlags,
  cancelStrategy,
  cancelTasksOfDevices,
  cancelTasksOfJob,
} from '../../../src/domain/cancel.ts';
import { confirmTasks } from '../../../src/domain/confirm.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { removeFirmware } from '../../../src/domain/firmware.ts';
import { timeoutOf } from '../../../src/domain/job-state.ts';
import { listJobsOfDevice, queryJob } from '../../../src/domain/jobs.ts';
import { removeProduct } from '../../../src/domain/product-removal.ts';
import { reupgradeTasks } from '../../../src/domain/reupgrade.ts';
import { SWEEP_MS } from '../../../src/domain/rollout/strategies.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { listUnfinishedTasks } from '../../../src/domain/unfinished.ts';
import { changeJob, type JobUpdate } from '../../../src/domain/update-job.ts';
import { eachEngine } from '../../support/engines.ts';
import { dynamicGroup, dynamicJob, fail, statesOf } from './dynamic-world.ts';
import { createWorld, expectConsistent, HOUR, MINUTE, NEW, OLD, type World } from './world.ts';

const cancel = (world: World, job: string) => cancelStrategy(world.deps, world.scope, job);
const noFlags: CancelFlags = {
  scheduled: undefined,
  queued: undefined,
  notified: undefined,
  inProgress: undefined,
  unconfirmed: undefined,
};
const update = (world: World, job: string, changes: Partial<JobUpdate>) =>
  changeJob(world.deps, world.scope, job, {
    maximumPerMinute: 10_000,
    target: 'ALL',
    upgradeType: 'DYNAMIC',
    timeoutMinutes: undefined,
    tags: [],
    ...changes,
  });

eachEngine('CancelOTAStrategyByJob', (database) => {
  it('ends the search for devices: late ones are not taken in, nor those not looked at yet', async () => {
    const world = await createWorld(database);
    await world.devices(1_001);
    const [late] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
    const job = await dynamicJob(world);
    await world.clock.advance(1_000);
    await cancel(world, job);
    await world.advance(job);
    await world.inform(late, OLD);
    await world.pass(SWEEP_MS);
    expect(await world.jobRow(job)).toMatchObject({
      status: 'CANCELED',
      task_total: 1_000,
      due_at: null,
      ended_at: world.clock.now() - SWEEP_MS,
    });
    await cancel(world, job);
    expect(await world.refusal(() => cancel(world, 'nothing'))).toBe('ota.jobNotFound');
  });

  it('lets the tasks that there are go on: pushed, asked for, reported, repeated, timed out', async () => {
    const world = await createWorld(database);
    const [pushed, asking, failing, slow, done] = (await world.devices(5)) as DeviceRef[] as [
      DeviceRef,
      DeviceRef,
      DeviceRef,
      DeviceRef,
      DeviceRef,
    ];
    const job = await dynamicJob(world, { timeoutMinutes: 30, retryInterval: 10, retryCount: 1 });
    await cancel(world, job);
    expect(await world.node.claim([pushed, failing, slow], 'fresh')).toHaveLength(3);
    const [answer] = await world.node.report(asking, { kind: 'get', id: '1', module: undefined });
    expect(answer?.notice).toMatchObject({ kind: 'getReply', package: { version: NEW } });
    await world.progress(slow, 10);
    await world.progress(failing, -1);
    expect(await statesOf(world, job, failing)).toEqual(['NOTIFIED']);
    await world.pass(10 * MINUTE);
    expect(await world.node.claim([failing], 'fresh')).toHaveLength(1);
    await world.progress(failing, -1);
    await world.pass(20 * MINUTE);
    await world.inform(done, NEW);
    await world.inform(pushed, NEW);
    const states = (await world.tasks(job)).map((task) => [task.device_name, task.status, task.description]);
    expect(states).toEqual([
      [pushed.deviceName, 'SUCCEEDED', ''],
      [asking.deviceName, 'NOTIFIED', ''],
      [failing.deviceName, 'FAILED', 'update failed'],
      [slow.deviceName, 'FAILED', 'timeout'],
      [done.deviceName, 'SUCCEEDED', ''],
    ]);
    expect((await world.jobRow(job)).status).toBe('CANCELED');
    await expectConsistent(world);
  });

  it('lets tasks be confirmed and pushed, and not repeated', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await dynamicJob(world, { needConfirm: true });
    await cancel(world, job);
    await world.connect(device);
    await confirmTasks(world.deps, world.scope, [taskId(job, 0)]);
    expect(world.nudges).toContainEqual({ kind: 'push', deviceIds: [device.deviceId] });
    await fail(world, device);
    expect(await statesOf(world, job, device)).toEqual(['FAILED']);
    const again = () => reupgradeTasks(world.deps, world.scope, job, [taskId(job, 0)]);
    expect(await world.refusal(again)).toBe('ota.jobCanceled');
  });

  it('lets a cancellation of tasks that is on its way come to its end', async () => {
    const world = await createWorld(database);
    await world.devices(6_000);
    const job = await dynamicJob(world);
    await world.advance(job);
    await cancelTasksOfJob(world.deps, world.scope, job, { ...noFlags, queued: true });
    await cancel(world, job);
    expect((await world.tasks(job)).some((task) => task.status === 'QUEUED')).toBe(true);
    await world.pass(0);
    expect((await world.tasks(job)).every((task) => task.status === 'CANCELED')).toBe(true);
    expect(await world.jobRow(job)).toMatchObject({ status: 'CANCELED', cancel_states: null, due_at: null });
    await expectConsistent(world);
  });

  it('does nothing to a static job', async () => {
    const world = await createWorld(database);
    await world.devices(1);
    const job = await world.job();
    await cancel(world, job);
    expect((await world.jobRow(job)).status).toBe('IN_PROGRESS');
  });
});

eachEngine('a dynamic job', (database) => {
  it('goes on to take devices in when its tasks are canceled, of the job or of a device', async () => {
    const world = await createWorld(database);
    const [device, other] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const firmwareId = await world.firmware();
    const job = await dynamicJob(world, { firmwareId });
    await cancelTasksOfJob(world.deps, world.scope, job, { ...noFlags, queued: true });
    await world.pass(0);
    expect(await world.jobRow(job)).toMatchObject({ status: 'IN_PROGRESS' });
    await world.inform(device, '0.9.0');
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['CANCELED', 'QUEUED']);
    await cancelTasksOfDevices(world.deps, world.scope, {
      firmwareId,
      productKey: world.productKey,
      deviceNames: [device.deviceName, other.deviceName],
      jobId: job,
    });
    expect(await statesOf(world, job, device)).toEqual(['CANCELED', 'CANCELED']);
    await world.pass(SWEEP_MS);
    expect(await statesOf(world, job, other)).toEqual(['CANCELED']);
    await world.inform(other, '0.9.0');
    await world.inform(other, OLD);
    expect(await statesOf(world, job, other)).toEqual(['CANCELED', 'QUEUED']);
    const page = { number: 1, size: 10, offset: 0 };
    const listed = { firmwareId, productKey: world.productKey, deviceName: other.deviceName };
    expect((await listJobsOfDevice(world.deps, world.scope, listed, page)).total).toBe(1);
    await reupgradeTasks(world.deps, world.scope, job, [taskId(job, 0)]);
    await expectConsistent(world);
  });

  it('canceled a second time leaves what was made in between as the first call left it', async () => {
    const world = await createWorld(database);
    // more than one call works off
    const devices = await world.devices(5_100);
    const [between, told] = (await world.devices(2, { version: '0.9.0' })) as [DeviceRef, DeviceRef];
    const job = await dynamicJob(world);
    await world.advance(job);
    // as a call before this one leaves the row of a job that is larger still
    const first = { cancel_states: '["QUEUED"]', cancel_before: 5_100 };
    await world.engine.transaction(({ db }) => db.updateTable('job').set(first).where('id', '=', job).execute());
    for (const device of [between, told]) await world.inform(device, OLD);
    await world.node.claim([told], 'fresh');
    await cancelTasksOfJob(world.deps, world.scope, job, { ...noFlags, notified: true });
    expect(await world.jobRow(job)).toMatchObject({
      cancel_states: '["QUEUED","NOTIFIED",{"status":"QUEUED","before":5100}]',
      cancel_before: 5_102,
    });
    const unfinished = async ({ deviceId: id }: DeviceRef) => {
      const filter = { device: { id }, module: undefined, statuses: undefined };
      return (await listUnfinishedTasks(world.deps, world.scope, filter)).rows.length;
    };
    // what the row says holds at once
    const [last] = devices.slice(-1) as [DeviceRef];
    expect([await unfinished(last), await unfinished(between), await unfinished(told)]).toEqual([0, 1, 0]);
    await world.advance(job);
    const states = Map.groupBy(await world.tasks(job), ({ status }) => status);
    expect([states.get('CANCELED')?.length, states.get('QUEUED')?.length]).toEqual([5_101, 1]);
    expect(await statesOf(world, job, between)).toEqual(['QUEUED']);
    expect(await world.jobRow(job)).toMatchObject({ cancel_states: null, cancel_before: null });
    await expectConsistent(world);
  });

  it('is given another timeout for tasks to come, any number of times', async () => {
    const world = await createWorld(database);
    const devices = (await world.devices(4, { version: '0.9.0' })) as [DeviceRef, DeviceRef, DeviceRef, DeviceRef];
    const job = await dynamicJob(world);
    const timeouts = [undefined, 60, 30, 30];
    for (const [index, device] of devices.entries()) {
      if (timeouts[index]) await update(world, job, { timeoutMinutes: timeouts[index] });
      await world.inform(device, OLD);
    }
    await update(world, job, { timeoutMinutes: 90 });
    await update(world, job, { timeoutMinutes: 20 });
    const row = await world.jobRow(job);
    expect(row.timeout_minutes).toBe(20);
    expect([0, 1, 2, 3, 4].map((seq) => timeoutOf(row, seq))).toEqual([null, 60, 30, 30, 20]);
    await world.node.claim(devices, 'fresh');
    for (const device of devices) await world.progress(device, 10);
    const states = async () => (await world.tasks(job)).map((task) => task.status);
    await world.pass(30 * MINUTE);
    expect(await states()).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'FAILED', 'FAILED']);
    await world.pass(30 * MINUTE);
    expect(await states()).toEqual(['IN_PROGRESS', 'FAILED', 'FAILED', 'FAILED']);
    await world.pass(24 * HOUR);
    expect(await states()).toEqual(['IN_PROGRESS', 'FAILED', 'FAILED', 'FAILED']);
  });

  it('is given other versions, and then looks at all devices again', async () => {
    const world = await createWorld(database);
    const [old, older] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    await world.inform(older, '0.9.0');
    const job = await dynamicJob(world);
    const waiting = await dynamicJob(world, { mode: 2, firmwareId: await world.firmware({ module: 'MCU' }) });
    expect(await world.names(job)).toEqual([old.deviceName]);
    await update(world, job, { srcVersions: ['0.9.0'] });
    await update(world, waiting, { srcVersions: ['0.9.0'] });
    await world.pass(0);
    expect(await world.names(job)).toEqual([old.deviceName, older.deviceName]);
    expect(await world.names(waiting)).toEqual([]);
    expect((await queryJob(world.deps, world.scope, job)).src_versions).toBe('["0.9.0"]');
    await update(world, job, { maximumPerMinute: 20 });
    expect(await world.jobRow(job)).toMatchObject({ src_versions: '["0.9.0"]', maximum_per_minute: 20, tags: '[]' });
  });

  it('refuses changes with the published codes', async () => {
    const world = await createWorld(database);
    const job = await dynamicJob(world, { retryInterval: 10, retryCount: 1 });
    const ofGroup = await dynamicJob(world, { groupId: await dynamicGroup(world, 'name = "dev1"') });
    const refused = (changes: Partial<JobUpdate>, id = job) => world.refusal(() => update(world, id, changes));
    expect(await refused({ upgradeType: 'STATIC' })).toBe('ota.invalidUpgradeType');
    expect(await refused({ timeoutMinutes: 0 })).toBe('ota.invalidTimeout');
    expect(await refused({ timeoutMinutes: 1_441 })).toBe('ota.invalidTimeout');
    expect(await refused({ timeoutMinutes: 10 })).toBe('ota.invalidTimeout');
    expect(await refused({ srcVersions: [''] })).toBe('ota.emptySrcVersions');
    expect(await refused({ srcVersions: [OLD] }, ofGroup)).toBe('ota.unfitSrcVersions');
    expect(await refused({ srcVersions: ['1', '1'] })).toBe('common.invalidParameter');
    expect(await refused({ srcVersions: ['1 0'] })).toBe('common.invalidParameter');
    const delta = await dynamicJob(world, {
      firmwareId: await world.firmware({ type: 1, src_version: OLD }),
      srcVersions: [OLD],
    });
    expect(await refused({ srcVersions: ['0.9.0'] }, delta)).toBe('common.invalidParameter');
    await update(world, job, { srcVersions: Array.from({ length: 30 }, (_, index) => `1.${index}`) });
    await cancel(world, job);
    expect(await refused({})).toBe('ota.jobHasCanceled');
  });

  it('keeps its package and its product from being deleted while it runs, and while its tasks go on', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await world.firmware();
    const job = await dynamicJob(world, { firmwareId });
    const packageGoes = () => removeFirmware(world.deps, world.scope, firmwareId);
    const productGoes = () => removeProduct(world.deps, world.scope, world.productKey);
    expect(await world.refusal(packageGoes)).toBe('firmware.inUse');
    await cancel(world, job);
    expect(await world.refusal(packageGoes)).toBe('firmware.inUse');
    await deleteDevice(world.deps, world.scope, { id: device.deviceId });
    await packageGoes();

    const another = await dynamicJob(world);
    await world.engine.transaction(({ db }) => db.updateTable('product').set({ device_count: 0 }).execute());
    expect(await world.refusal(productGoes)).toBe('product.inUse');
    await cancel(world, another);
    await productGoes();
  });
});
