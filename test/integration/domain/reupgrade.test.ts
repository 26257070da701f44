import { expect, it } from 'vitest';
import { cancelTasksOfJob } from '../../../src/domain/cancel.ts';
import { confirmTasks } from '../../../src/domain/confirm.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { packageStatus, removeFirmware } from '../../../src/domain/firmware.ts';
import { createVerifyJob } from '../../../src/domain/jobs.ts';
import { reupgradeTasks } from '../../../src/domain/reupgrade.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, HOUR, MINUTE, NEW, OLD, type World } from './world.ts';

const again = (world: World, job: string, ...seqs: number[]) =>
  reupgradeTasks(
    world.deps,
    world.scope,
    job,
    seqs.map((seq) => taskId(job, seq)),
  );
const cancelAll = (world: World, job: string) =>
  cancelTasksOfJob(world.deps, world.scope, job, {
    scheduled: true,
    queued: true,
    notified: true,
    inProgress: true,
    unconfirmed: true,
  });
const one = async (world: World) => ((await world.devices(1)) as [DeviceRef])[0];
const statuses = async (world: World, job: string) => (await world.tasks(job)).map((task) => task.status);

eachEngine('a task that runs again', (database) => {
  it('starts anew: QUEUED, without progress, retries or a running timeout, and its job runs again', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    await world.connect(device);
    const job = await world.job({ timeoutMinutes: 30, retryInterval: 0, retryCount: 1 });
    await world.node.claim([device], 'fresh');
    await world.progress(device, 40, 'half way');
    await world.progress(device, -1);
    await world.pass(0);
    await world.node.claim([device], 'fresh');
    await world.progress(device, -1);
    await world.pass(0);
    expect(await world.jobRow(job)).toMatchObject({ status: 'COMPLETED' });
    expect(await world.task(job, device)).toMatchObject({ status: 'FAILED', retries: 1, progress: 40 });

    await world.clock.advance(HOUR);
    world.nudges.length = 0;
    await again(world, job, 0);
    expect(await world.task(job, device)).toMatchObject({
      status: 'QUEUED',
      description: '',
      progress: 0,
      active_module: 'default',
      retries: 0,
      modified_at: world.clock.now(),
      first_progress_at: null,
      retry_at: null,
      due_at: null,
    });
    expect(await world.jobRow(job)).toMatchObject({ status: 'IN_PROGRESS', ended_at: null, due_at: world.clock.now() });
    expect(world.nudges).toContainEqual({ kind: 'push', deviceIds: [device.deviceId] });
    await expectConsistent(world);

    // the timeout counts from the first report of the new attempt
    expect(await world.node.claim([device], 'fresh')).toMatchObject([{ taskId: taskId(job, 0), fresh: true }]);
    await world.progress(device, 5);
    await world.pass(29 * MINUTE);
    expect((await world.task(job, device)).status).toBe('IN_PROGRESS');
    await world.inform(device, NEW);
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('COMPLETED');
    await expectConsistent(world);
  });

  it('is pushed within the rate of its job', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(10);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.node.claim(devices, 'fresh');
    await cancelAll(world, job);
    await again(world, job, 0);
    expect(await world.node.claim(devices, 'fresh')).toEqual([]);
    await world.pass(MINUTE);
    expect(await world.node.claim(devices, 'fresh')).toHaveLength(1);
  });

  it('starts from the version that the device runs by then', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    const job = await world.job();
    await world.node.claim([device], 'fresh');
    await world.progress(device, 5);
    await world.inform(device, '1.5.0');
    expect((await world.task(job, device)).status).toBe('FAILED');
    await again(world, job, 0);
    expect((await world.task(job, device)).src_version).toBe('1.5.0');
    await world.node.claim([device], 'fresh');
    await world.progress(device, 5);
    await world.inform(device, '1.5.0');
    expect((await world.task(job, device)).status).toBe('IN_PROGRESS');
  });

  it('has to be confirmed again when its job says so', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    await world.connect(device);
    const job = await world.job({ needConfirm: true });
    await confirmTasks(world.deps, world.scope, [taskId(job, 0)]);
    await world.node.claim([device], 'fresh');
    await world.progress(device, -3);
    await again(world, job, 0);
    expect(await statuses(world, job)).toEqual(['CONFIRM']);
    expect(await world.node.claim([device], 'all')).toEqual([]);
    await confirmTasks(world.deps, world.scope, [taskId(job, 0)]);
    expect(await world.node.claim([device], 'fresh')).toHaveLength(1);
  });

  it('brings a job back that was CANCELED because all its tasks were; before its time it waits again', async () => {
    const world = await createWorld(database);
    await world.devices(2);
    const scheduleAt = world.clock.now() + HOUR;
    const planned = await world.job({ scheduleAt });
    await cancelAll(world, planned);
    await world.pass(0);
    expect((await world.jobRow(planned)).status).toBe('CANCELED');
    await again(world, planned, 1);
    expect(await world.jobRow(planned)).toMatchObject({ status: 'PLANNED', started_at: null, ended_at: null });
    await world.pass(HOUR);
    expect(await world.jobRow(planned)).toMatchObject({ status: 'IN_PROGRESS', started_at: world.clock.now() });
    await cancelAll(world, planned);
    await world.pass(0);
    await again(world, planned, 0);
    expect(await world.jobRow(planned)).toMatchObject({ status: 'IN_PROGRESS', started_at: scheduleAt });
    expect(await statuses(world, planned)).toEqual(['QUEUED', 'CANCELED']);
    await expectConsistent(world);
  });
});

eachEngine('ReupgradeOTATask', (database) => {
  /** A job whose three tasks were canceled. */
  async function canceledJob(world: World) {
    const devices = (await world.devices(3)) as [DeviceRef, DeviceRef, DeviceRef];
    const firmwareId = await world.firmware();
    const job = await world.job({ firmwareId });
    await cancelAll(world, job);
    await world.pass(0);
    return { devices, firmwareId, job };
  }

  it('leaves out devices that are busy, at the target version, or of no use to a differential package', async () => {
    const world = await createWorld(database);
    const { job, devices } = await canceledJob(world);
    const [busy, done] = devices;
    await world.job({ devices: [busy] });
    await world.inform(done, NEW);
    await again(world, job, 0, 1, 2);
    expect(await statuses(world, job)).toEqual(['CANCELED', 'CANCELED', 'QUEUED']);
    expect(await world.refusal(() => again(world, job, 0, 1))).toBe('ota.noDeviceToUpgrade');

    const diff = await world.firmware({ type: 1, src_version: OLD, dest_version: '3.0.0' });
    const [device] = (await world.devices(1)) as [DeviceRef];
    const second = await world.job({ firmwareId: diff, devices: [device] });
    await cancelAll(world, second);
    await world.inform(device, '1.7.0');
    expect(await world.refusal(() => again(world, second, 0))).toBe('ota.noDeviceToUpgrade');
    await expectConsistent(world);
  });

  it('takes a device from a job whose cancellation is not through yet', async () => {
    const world = await createWorld(database);
    const { job, devices } = await canceledJob(world);
    const other = await world.job({ devices: [devices[0]] });
    const state = { cancel_states: '["QUEUED"]', cancel_before: null };
    await world.engine.transaction(({ db }) => db.updateTable('job').set(state).where('id', '=', other).execute());
    await again(world, job, 0);
    expect([(await world.tasks(job))[0]?.status, await statuses(world, other)]).toEqual(['QUEUED', ['CANCELED']]);
    await expectConsistent(world);
  });

  it('is refused with the published codes', async () => {
    const world = await createWorld(database);
    const { job, devices, firmwareId } = await canceledJob(world);
    const other = await world.job({ devices: [devices[0]] });
    const refused = (ids: readonly string[], jobId = job) =>
      world.refusal(() => reupgradeTasks(world.deps, world.scope, jobId, ids));
    const id = taskId(job, 0);
    expect(await refused([id], 'nothing')).toBe('ota.jobNotFound');
    expect(await refused(Array.from({ length: 11 }, (_, seq) => taskId(job, seq)))).toBe('ota.tooManyTasks');
    expect(await refused(['nothing'])).toBe('ota.taskNotFound');
    expect(await refused([taskId(job, 7)])).toBe('ota.taskNotFound');
    expect(await refused([id, taskId(job, 7)])).toBe('ota.invalidTaskInList');
    expect(await refused([id, taskId(other, 0)])).toBe('ota.taskOfOtherJob');
    expect(await refused([taskId(other, 0)], other)).toBe('ota.noFailedTask');
    await again(world, job, 2);
    expect(await refused([taskId(job, 1), taskId(job, 2)])).toBe('ota.invalidTaskInList');
    await deleteDevice(world.deps, world.scope, { id: devices[1].deviceId });
    expect(await refused([taskId(job, 1)])).toBe('ota.deviceGone');
    const foreign = { ...world.scope, instanceId: 'iot-other' };
    expect(await world.refusal(() => reupgradeTasks(world.deps, foreign, job, [id]))).toBe('ota.jobNotFound');

    await world.engine.transaction(({ db }) =>
      db.updateTable('firmware').set({ status: packageStatus.failed }).where('id', '=', firmwareId).execute(),
    );
    expect(await refused([id])).toBe('ota.firmwareNotVerified');
    await cancelAll(world, job);
    await world.pass(0);
    await removeFirmware(world.deps, world.scope, firmwareId);
    expect(await refused([id])).toBe('ota.firmwareGone');
  });

  it('is refused once the schedule of the job has ended, for a canceled strategy, and for a verification', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    const scheduleAt = world.clock.now() + HOUR;
    const job = await world.job({ scheduleAt, scheduleFinishAt: scheduleAt + HOUR });
    await world.pass(2 * HOUR);
    expect(await statuses(world, job)).toEqual(['CANCELED']);
    expect(await world.refusal(() => again(world, job, 0))).toBe('ota.jobCanceled');

    const dynamic = await world.job();
    await cancelAll(world, dynamic);
    const state = { selection: 'DYNAMIC', status: 'CANCELED' } as const;
    await world.engine.transaction(({ db }) => db.updateTable('job').set(state).where('id', '=', dynamic).execute());
    expect(await world.refusal(() => again(world, dynamic, 0))).toBe('ota.jobCanceled');

    const verification = await createVerifyJob(world.deps, world.scope, {
      firmwareId: await world.firmware({ status: packageStatus.unverified }),
      productKey: world.productKey,
      deviceNames: [device.deviceName],
      settings: {},
    });
    await cancelAll(world, verification.id);
    expect(await world.refusal(() => again(world, verification.id, 0))).toBe('system.illegalRequest');
  });

  it('and a new job for the same device at the same time: the device has one task', async () => {
    const world = await createWorld(database);
    const { job, devices } = await canceledJob(world);
    for (let round = 0; round < 5; round += 1) {
      await Promise.allSettled([again(world, job, 0), world.job({ devices: [devices[0]], overwriteMode: 2 })]);
      await expectConsistent(world);
      await cancelAll(world, job);
    }
  });
});
