import { expect, it } from 'vitest';
import { confirmTasks } from '../../../src/domain/confirm.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { packageStatus, queryFirmware } from '../../../src/domain/firmware.ts';
import { createVerifyJob } from '../../../src/domain/jobs.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, HOUR, NEW, OLD, type World } from './world.ts';

const confirm = (world: World, ...ids: string[]) => confirmTasks(world.deps, world.scope, ids);
const statuses = async (world: World, job: string) => (await world.tasks(job)).map((task) => task.status);
const get = { kind: 'get', id: '1', module: undefined } as const;

eachEngine('a job with NeedConfirm', (database) => {
  it('tells no device of a task before it is confirmed, neither unasked nor asked', async () => {
    const world = await createWorld(database);
    const [device, other] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    await world.connect(device);
    const job = await world.job({ needConfirm: true });
    expect((await world.jobRow(job)).need_confirm).toBe(1);
    expect(await statuses(world, job)).toEqual(['CONFIRM', 'CONFIRM']);
    expect(world.nudges.filter((nudge) => nudge.kind === 'push')).toEqual([]);
    expect(await world.node.claim([device, other], 'all')).toEqual([]);
    expect(await world.inform(device, OLD)).toEqual([]);
    expect(await world.node.report(device, get)).toEqual([
      { notice: { kind: 'getReply', id: '1', package: undefined } },
    ]);
    await world.progress(device, 10);
    expect(await statuses(world, job)).toEqual(['CONFIRM', 'CONFIRM']);

    await confirm(world, taskId(job, 0));
    expect(await statuses(world, job)).toEqual(['QUEUED', 'CONFIRM']);
    expect(world.nudges).toContainEqual({ kind: 'push', deviceIds: [device.deviceId] });
    expect(await world.node.claim([device, other], 'fresh')).toHaveLength(1);
    await world.inform(device, NEW);
    expect(await statuses(world, job)).toEqual(['SUCCEEDED', 'CONFIRM']);
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('IN_PROGRESS');
    await expectConsistent(world);
  });

  it('may be a verification', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await world.firmware({ status: packageStatus.unverified });
    const { id: job } = await createVerifyJob(world.deps, world.scope, {
      firmwareId,
      productKey: world.productKey,
      deviceNames: [device.deviceName],
      settings: { needConfirm: true },
    });
    expect(await statuses(world, job)).toEqual(['CONFIRM']);
    await confirm(world, taskId(job, 0));
    await world.inform(device, NEW);
    await world.pass(0);
    const { firmware } = await queryFirmware(world.deps, world.scope, firmwareId);
    expect(firmware.status).toBe(packageStatus.verified);
  });

  it('that is pull only is not pushed after confirmation', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await world.connect(device);
    const job = await world.job({ needConfirm: true, needPush: false });
    await confirm(world, taskId(job, 0));
    expect(world.nudges.filter((nudge) => nudge.kind === 'push')).toEqual([]);
    expect(await world.node.report(device, get)).toMatchObject([{ notice: { package: { version: NEW } } }]);
  });

  it('is replaced by a newer job that may', async () => {
    const world = await createWorld(database);
    await world.devices(1);
    const job = await world.job({ needConfirm: true });
    const next = await world.job({ overwriteMode: 2 });
    expect([await statuses(world, job), await statuses(world, next)]).toEqual([['CANCELED'], ['QUEUED']]);
  });

  it('is confirmed within its schedule only', async () => {
    const world = await createWorld(database);
    await world.devices(1);
    const scheduleAt = world.clock.now() + HOUR;
    const job = await world.job({ needConfirm: true, scheduleAt, scheduleFinishAt: scheduleAt + HOUR });
    const early = () => confirm(world, taskId(job, 0));
    expect(await world.refusal(early)).toBe('system.illegalRequest');
    await world.pass(2 * HOUR - 1);
    expect((await world.jobRow(job)).status).toBe('IN_PROGRESS');
    await world.clock.advance(1);
    expect(await world.refusal(early)).toBe('system.illegalRequest');
    await world.pass(0);
    expect(await statuses(world, job)).toEqual(['CANCELED']);
  });
});

eachEngine('ConfirmOTATask', (database) => {
  it('takes tasks of several jobs, each once', async () => {
    const world = await createWorld(database);
    const [one, two] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const first = await world.job({ devices: [one], needConfirm: true });
    const second = await world.job({ devices: [two], needConfirm: true });
    await confirm(world, taskId(second, 0), taskId(first, 0), taskId(second, 0));
    expect([await statuses(world, first), await statuses(world, second)]).toEqual([['QUEUED'], ['QUEUED']]);
    await expectConsistent(world);
  });

  it('takes all of a list or none', async () => {
    const world = await createWorld(database);
    await world.devices(2);
    const job = await world.job({ needConfirm: true });
    const [first, second] = [taskId(job, 0), taskId(job, 1)];
    const refused = (...ids: string[]) => world.refusal(() => confirm(world, ...ids));
    expect(await refused(first, taskId(job, 2))).toBe('ota.taskNotFound');
    expect(await refused(first, 'nothing')).toBe('ota.taskNotFound');
    expect(await refused(first, '')).toBe('ota.taskNotFound');
    expect(await refused(...Array.from({ length: 11 }, (_, seq) => taskId(job, seq)))).toBe('ota.tooManyTasks');
    const foreign = { ...world.scope, instanceId: 'iot-other' };
    expect(await world.refusal(() => confirmTasks(world.deps, foreign, [first]))).toBe('ota.taskNotFound');
    expect(await statuses(world, job)).toEqual(['CONFIRM', 'CONFIRM']);
    await confirm(world, second);
    expect(await refused(first, second)).toBe('ota.invalidTaskInList');
    expect(await statuses(world, job)).toEqual(['CONFIRM', 'QUEUED']);
  });
});
