import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { queryFirmware, removeFirmware } from '../../../src/domain/firmware.ts';
import { listTasks } from '../../../src/domain/tasks.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, HOUR, MINUTE, NEW } from './world.ts';

eachEngine('a job', (database) => {
  it('is COMPLETED when its last task has ended, whatever each of them came to', async () => {
    const world = await createWorld(database);
    const [done, failed, gone] = (await world.devices(3)) as [DeviceRef, DeviceRef, DeviceRef];
    const job = await world.job();
    await world.node.claim([done, failed], 'fresh');
    await world.inform(done, NEW);
    await world.progress(failed, -1);
    await world.pass(MINUTE);
    expect((await world.jobRow(job)).status).toBe('IN_PROGRESS');
    await deleteDevice(world.deps, world.scope, { id: gone.deviceId });
    await world.pass(0);
    expect(await world.jobRow(job)).toMatchObject({
      status: 'COMPLETED',
      ended_at: world.clock.now(),
      modified_at: world.clock.now(),
      due_at: null,
    });
    await expectConsistent(world);
  });

  it('is rung for when a task ends, so that nobody waits for the next check', async () => {
    const world = await createWorld(database);
    const [device, other, third] = (await world.devices(3)) as [DeviceRef, DeviceRef, DeviceRef];
    const job = await world.job({ timeoutMinutes: 1 });
    await world.advance(job);
    await world.node.claim([device, other, third], 'fresh');
    const rung = () => world.nudges.splice(0).filter((nudge) => nudge.kind === 'job');
    rung();
    await world.progress(other, 1);
    expect(rung()).toEqual([]);
    await world.progress(device, -1);
    expect(rung()).toEqual([{ kind: 'job', jobId: job }]);
    await world.inform(third, NEW);
    expect(rung()).toEqual([{ kind: 'job', jobId: job }]);
    await world.clock.advance(MINUTE);
    await world.pass(0);
    expect(rung()).toEqual([{ kind: 'job', jobId: job }]);
    expect((await world.jobRow(job)).status).toBe('COMPLETED');
  });

  it('is CANCELED when all its tasks were', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(2);
    const job = await world.job();
    for (const { deviceId } of devices) await deleteDevice(world.deps, world.scope, { id: deviceId });
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('CANCELED');
  });

  it('shows the tasks of deleted devices, CANCELED', async () => {
    const world = await createWorld(database);
    const devices = (await world.devices(4)) as [DeviceRef, DeviceRef, DeviceRef, DeviceRef];
    const [queued, told, running, done] = devices;
    const job = await world.job();
    await world.node.claim([told, running], 'fresh');
    await world.progress(running, 10);
    await world.inform(done, NEW);
    for (const device of devices) await deleteDevice(world.deps, world.scope, { id: device.deviceId });
    expect((await world.tasks(job)).map(({ status, description }) => [status, description])).toEqual([
      ['CANCELED', 'the device was deleted'],
      ['CANCELED', 'the device was deleted'],
      ['CANCELED', 'the device was deleted'],
      ['SUCCEEDED', ''],
    ]);
    const page = { number: 1, size: 10, offset: 0 };
    expect((await listTasks(world.deps, world.scope, job, page, 'CANCELED')).rows.map((row) => row.device_id)).toEqual([
      queued.deviceId,
      told.deviceId,
      running.deviceId,
    ]);
    expect(await world.node.claim(devices, 'all')).toEqual([]);
    await expectConsistent(world);
  });

  it('takes no part in what its deleted device said last', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await world.job();
    await deleteDevice(world.deps, world.scope, { id: device.deviceId });
    await world.progress(device, 10);
    // that it is refused does not matter: its connection is being ended
    await world.inform(device, NEW).catch(() => {});
    expect((await world.task(job, device)).status).toBe('CANCELED');
    await expectConsistent(world);
  });
});

eachEngine('deleting a package', (database) => {
  it('is refused while a job of it runs or waits for its time, and does not touch the jobs that have ended', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await world.firmware();
    const job = await world.job({ firmwareId });
    expect(await world.refusal(() => removeFirmware(world.deps, world.scope, firmwareId))).toBe('firmware.inUse');
    await world.inform(device, NEW);
    await world.pass(0);
    const planned = await world.job({ firmwareId, scheduleAt: world.clock.now() + HOUR });
    expect(await world.refusal(() => removeFirmware(world.deps, world.scope, firmwareId))).toBe('firmware.inUse');
    await world.pass(2 * HOUR);
    expect((await world.jobRow(planned)).status).toBe('COMPLETED');
    await removeFirmware(world.deps, world.scope, firmwareId);
    expect(await world.refusal(() => queryFirmware(world.deps, world.scope, firmwareId))).toBe('ota.firmwareNotFound');
    expect(await world.refusal(() => removeFirmware(world.deps, world.scope, firmwareId))).toBe('ota.firmwareNotFound');
    expect(await world.jobRow(job)).toMatchObject({ firmware_name: `fw-${firmwareId}`, status: 'COMPLETED' });
  });

  it('and making a job of it at the same time: one of them is refused', async () => {
    const world = await createWorld(database);
    await world.devices(1);
    for (let round = 0; round < 10; round += 1) {
      const firmwareId = await world.firmware();
      const [deleted, made] = await Promise.allSettled([
        removeFirmware(world.deps, world.scope, firmwareId),
        world.job({ firmwareId, needPush: false }),
      ]);
      expect([deleted.status, made.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });
});
