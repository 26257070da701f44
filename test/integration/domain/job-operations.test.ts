import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { packageStatus } from '../../../src/domain/firmware.ts';
import type { Tag } from '../../../src/domain/job-settings.ts';
import { createVerifyJob, listJobsOfDevice } from '../../../src/domain/jobs.ts';
import { listUnfinishedTasks, readUnfinishedStatuses } from '../../../src/domain/unfinished.ts';
import { changeJob, type JobUpdate } from '../../../src/domain/update-job.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, HOUR, NEW, type World } from './world.ts';

const standing: JobUpdate = {
  maximumPerMinute: 10_000,
  target: 'ALL',
  upgradeType: 'STATIC',
  timeoutMinutes: undefined,
  tags: [],
};
const update = (world: World, job: string, changes: Partial<JobUpdate>) =>
  changeJob(world.deps, world.scope, job, { ...standing, ...changes });

eachEngine('UpdateOTAJob', (database) => {
  it('changes the rate and replaces all tags, for what is pushed from now on', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(12);
    const job = await world.job({ tags: [{ key: 'old', value: '1' }] });
    await world.clock.advance(1_000);
    await update(world, job, { maximumPerMinute: 10, tags: [{ key: 'new', value: '2' }] });
    expect(await world.jobRow(job)).toMatchObject({ maximum_per_minute: 10, modified_at: world.clock.now() });
    const pushes = await world.node.claim(devices, 'fresh');
    expect(pushes).toHaveLength(10);
    expect(pushes[0]).toMatchObject({ notice: { package: { extData: { new: '2' } } } });
    expect(JSON.stringify(pushes)).not.toContain('old');
    await update(world, job, {});
    expect((await world.jobRow(job)).tags).toBe('[]');
  });

  it('is refused with the published codes', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await world.job();
    const refused = (changes: Partial<JobUpdate>, id = job) => world.refusal(() => update(world, id, changes));
    expect(await refused({}, 'nothing')).toBe('ota.jobToUpdateNotFound');
    expect(await refused({ target: 'SOME' })).toBe('ota.invalidStrategyType');
    expect(await refused({ upgradeType: 'BOTH' })).toBe('ota.invalidUpgradeType');
    expect(await refused({ upgradeType: 'DYNAMIC' })).toBe('ota.jobNotDynamic');
    expect(await refused({ maximumPerMinute: 9 })).toBe('ota.invalidMaximumPerMinute');
    expect(await refused({ maximumPerMinute: 10_001 })).toBe('ota.invalidMaximumPerMinute');
    expect(await refused({ timeoutMinutes: 60 })).toBe('ota.invalidTimeout');
    const long: Tag[] = [{ key: 'k', value: 'x'.repeat(1_025) }];
    expect(await refused({ tags: long })).toBe('ota.jobTagTooLong');
    expect(await refused({ tags: [{ key: 'a-b', value: 'x' }] })).toBe('common.invalidParameter');
    // a sample of the documents writes it like this
    await update(world, job, { target: 'All' });

    const planned = await world.job({ scheduleAt: world.clock.now() + HOUR });
    expect(await refused({}, planned)).toBe('system.illegalRequest');
    await world.inform(device, NEW);
    await world.pass(0);
    expect(await refused({}, job)).toBe('ota.jobHasFinished');
    const [other] = (await world.devices(1)) as [DeviceRef];
    const canceled = await world.job({ devices: [other] });
    await deleteDevice(world.deps, world.scope, { id: other.deviceId });
    await world.pass(0);
    expect(await refused({}, canceled)).toBe('ota.jobHasCanceled');
    const firmwareId = await world.firmware({ status: packageStatus.unverified, dest_version: '3.0.0' });
    const input = { firmwareId, productKey: world.productKey, deviceNames: [device.deviceName], settings: {} };
    const verification = await createVerifyJob(world.deps, world.scope, input);
    expect(await refused({}, verification.id)).toBe('ota.jobToUpdateNotFound');
  });
});

eachEngine('ListOTAJobByDevice', (database) => {
  const list = (world: World, firmwareId: string, deviceName: string, page = { number: 1, size: 10, offset: 0 }) =>
    listJobsOfDevice(world.deps, world.scope, { firmwareId, productKey: world.productKey, deviceName }, page);

  it('shows the jobs of the package that have a task of the device, newest first', async () => {
    const world = await createWorld(database);
    const [one, two] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const firmwareId = await world.firmware();
    const both = await world.job({ firmwareId });
    await world.job({ firmwareId, devices: [two] });
    await world.job({ devices: [one] });
    const mine = await world.job({ firmwareId, devices: [one] });
    const { rows, total } = await list(world, firmwareId, one.deviceName);
    expect([rows.map((job) => job.id), total]).toEqual([[mine, both], 2]);
    const second = await list(world, firmwareId, one.deviceName, { number: 2, size: 1, offset: 1 });
    expect([second.rows.map((job) => job.id), second.total]).toEqual([[both], 2]);
  });

  it('does not show the jobs of an earlier device of the same name', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(['same-name'])) as [DeviceRef];
    const firmwareId = await world.firmware();
    await world.job({ firmwareId });
    await deleteDevice(world.deps, world.scope, { id: device.deviceId });
    await world.devices(['same-name']);
    expect(await list(world, firmwareId, 'same-name')).toEqual({ rows: [], total: 0 });
  });

  it('is refused for unknown devices and packages', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await world.firmware();
    expect(await world.refusal(() => list(world, firmwareId, 'nobody'))).toBe('device.notFound');
    expect(await world.refusal(() => list(world, 'nothing', device.deviceName))).toBe('ota.firmwareNotFound');
  });
});

eachEngine('ListOTAUnfinishedTaskByDevice', (database) => {
  const list = async (
    world: World,
    device: { id?: string; productKey?: string; name?: string },
    filter: { module?: string; statuses?: readonly ('CONFIRM' | 'QUEUED' | 'NOTIFIED' | 'IN_PROGRESS')[] } = {},
  ) =>
    (
      await listUnfinishedTasks(world.deps, world.scope, { device, module: filter.module, statuses: filter.statuses })
    ).rows.map(({ task, job }) => [job.id, task.status, job.module]);

  it('shows what a device still has to do, by either form of its name, of a module, in a state', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const wifi = await world.firmware({ module: 'wifi' });
    const first = await world.job({ multiModule: true });
    const second = await world.job({ firmwareId: wifi, multiModule: true, needConfirm: true });
    const named = { productKey: world.productKey, name: device.deviceName };
    const all = [
      [first, 'QUEUED', 'default'],
      [second, 'CONFIRM', 'wifi'],
    ];
    expect(await list(world, named)).toEqual(all);
    expect(await list(world, { ...named, name: 'nobody', id: device.deviceId })).toEqual(all);
    expect(await list(world, named, { module: 'wifi' })).toEqual(all.slice(1));
    expect(await list(world, named, { module: 'mcu' })).toEqual([]);
    expect(await list(world, named, { statuses: ['QUEUED', 'NOTIFIED'] })).toEqual(all.slice(0, 1));
    await world.inform(device, NEW);
    expect(await list(world, named)).toEqual(all.slice(1));
  });

  it('is refused with the published codes', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const { productKey } = world;
    const name = device.deviceName;
    const refused = (...args: [object, { module?: string }?]) => world.refusal(() => list(world, ...args));
    expect(await refused({})).toBe('ota.noDeviceInfo');
    expect(await refused({ name })).toBe('product.nullKey');
    expect(await refused({ productKey })).toBe('ota.noDeviceInfo');
    expect(await refused({ productKey: 'short', name })).toBe('product.malformedKey');
    expect(await refused({ productKey: 'a1Unknown01', name })).toBe('product.notFound');
    expect(await refused({ productKey, name: 'x' })).toBe('device.malformedNameInList');
    expect(await refused({ productKey, name: 'nobody' })).toBe('device.notFound');
    expect(await refused({ id: 'nobody' })).toBe('device.notFound');
    expect(await refused({ productKey, name }, { module: '' })).toBe('ota.nullModuleName');
    expect(await refused({ productKey, name }, { module: 'wi fi' })).toBe('ota.malformedModuleName');
  });

  it('takes one state or up to four, of unfinished ones', async () => {
    const world = await createWorld(database);
    const read = (one?: string, several?: string[]) => world.refusal(async () => readUnfinishedStatuses(one, several));
    expect(readUnfinishedStatuses(undefined, undefined)).toBeUndefined();
    expect(readUnfinishedStatuses('', undefined)).toBeUndefined();
    expect(readUnfinishedStatuses('QUEUED', undefined)).toEqual(['QUEUED']);
    expect(readUnfinishedStatuses(undefined, ['CONFIRM', 'IN_PROGRESS'])).toEqual(['CONFIRM', 'IN_PROGRESS']);
    expect(await read('FAILED')).toBe('firmware.invalidTaskStatus');
    expect(await read(undefined, ['QUEUED', 'DONE'])).toBe('firmware.invalidTaskStatus');
    expect(await read(undefined, Array(5).fill('QUEUED'))).toBe('firmware.invalidTaskStatus');
    expect(await read('QUEUED', ['QUEUED'])).toBe('system.illegalRequest');
  });
});
