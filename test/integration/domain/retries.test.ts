import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, MINUTE, NEW, OLD, type World } from './world.ts';

async function deviceInJob(world: World, settings = {}) {
  const [device] = (await world.devices(1)) as [DeviceRef];
  const job = await world.job(settings);
  await world.node.claim([device], 'fresh');
  return { device, job, task: () => world.task(job, device) };
}

const tell = async (world: World, device: DeviceRef) => (await world.node.claim([device], 'fresh')).length;
const called = (world: World) => world.nudges.flatMap((nudge) => (nudge.kind === 'push' ? nudge.deviceIds : []));

eachEngine('a retry policy', (database) => {
  const policy = { retryInterval: 10, retryCount: 2 };

  it('repeats failures after its interval, as often as it says, and shows no other state meanwhile', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, policy);
    await world.progress(device, 20, 'x');
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await world.progress(device, -2, 'no route');
      expect(await task()).toMatchObject({ status: 'IN_PROGRESS', description: 'no route', retries: attempt });
      await world.pass(10 * MINUTE - 1);
      expect(called(world)).toEqual([]);
      expect(await tell(world, device)).toBe(0);
      await world.pass(1);
      expect(called(world)).toEqual([device.deviceId]);
      world.nudges.length = 0;
      expect(await tell(world, device)).toBe(1);
      expect(await tell(world, device)).toBe(0);
      expect(await task()).toMatchObject({ status: 'IN_PROGRESS', retry_at: 0, due_at: null });
    }
    await world.progress(device, -3, 'bad digest');
    expect(await task()).toMatchObject({ status: 'FAILED', description: 'bad digest', retries: 2 });
    await expectConsistent(world);
  });

  it('repeats what fails before any progress: NOTIFIED stays NOTIFIED', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, policy);
    await world.progress(device, -1);
    expect(await task()).toMatchObject({ status: 'NOTIFIED', description: 'update failed' });
    await world.pass(10 * MINUTE);
    expect(await tell(world, device)).toBe(1);
    expect((await task()).status).toBe('NOTIFIED');
    await world.inform(device, NEW);
    expect((await task()).status).toBe('SUCCEEDED');
  });

  it('repeats an update that ended with a wrong version', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, policy);
    await world.progress(device, 90);
    expect(await world.inform(device, '1.5.0')).toEqual([]);
    expect(await task()).toMatchObject({
      status: 'IN_PROGRESS',
      description: 'report version is not conform',
      retries: 1,
    });
    expect(await world.inform(device, '1.5.0')).toEqual([]); // the same failure told twice
    expect((await task()).retries).toBe(1);
    await world.pass(10 * MINUTE);
    expect(await tell(world, device)).toBe(1);
    await world.progress(device, 90);
    await world.inform(device, '1.5.0');
    expect((await task()).retries).toBe(2);
  });

  it('does not count where a device starts from again as a failure, however often it says so', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, { retryInterval: 10, retryCount: 1 });
    await world.progress(device, 90);
    await world.inform(device, '1.5.0');
    await world.pass(10 * MINUTE);
    // it has just connected
    expect(await world.inform(device, '1.5.0')).toHaveLength(1);
    expect(await world.inform(device, '1.5.0')).toHaveLength(1);
    expect(await task()).toMatchObject({ status: 'IN_PROGRESS', retries: 1 });
    await world.inform(device, '1.6.0');
    expect((await task()).status).toBe('FAILED');
  });

  it('counts a failure once, however often it is told', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, policy);
    for (let i = 0; i < 5; i += 1) await world.progress(device, -1, 'first');
    expect(await task()).toMatchObject({ status: 'NOTIFIED', retries: 1 });
  });

  it('with an interval of 0 repeats at once', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, { retryInterval: 0, retryCount: 1 });
    await world.progress(device, -1);
    expect((await task()).status).toBe('NOTIFIED');
    await world.pass(0);
    expect(called(world)).toEqual([device.deviceId]);
    expect(await tell(world, device)).toBe(1);
    await world.progress(device, -1);
    expect((await task()).status).toBe('FAILED');
  });

  it('waits out its interval although the device connects again or reports its old version', async () => {
    const world = await createWorld(database);
    const { device } = await deviceInJob(world, policy);
    await world.progress(device, 10);
    await world.progress(device, -1);
    expect(await world.node.claim([device], 'all')).toEqual([]);
    expect(await world.inform(device, OLD)).toEqual([]);
    await world.pass(10 * MINUTE);
    expect(await world.node.claim([device], 'all')).toHaveLength(1);
  });

  it('waits for a device that is away', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, policy);
    await world.progress(device, -1);
    await world.pass(60 * MINUTE);
    expect((await task()).status).toBe('NOTIFIED');
    expect(await world.node.claim([device], 'all')).toHaveLength(1);
    expect(await task()).toMatchObject({ retry_at: 0, due_at: null });
  });

  it('is called off by a device that goes on by itself', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, policy);
    await world.progress(device, -2);
    await world.progress(device, 30, 'again');
    expect(await task()).toMatchObject({ status: 'IN_PROGRESS', retry_at: null, progress: 30 });
    await world.pass(20 * MINUTE);
    expect(await tell(world, device)).toBe(0);
  });

  it('does not repeat what was replaced by another job', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, policy);
    await world.progress(device, -1);
    await world.job({ overwriteMode: 2, needPush: false });
    expect((await task()).status).toBe('CANCELED');
    await world.pass(30 * MINUTE);
    expect(await tell(world, device)).toBe(0);
    await expectConsistent(world);
  });
});

eachEngine('a timeout', (database) => {
  it('counts from the first progress report and is not restarted', async () => {
    const world = await createWorld(database);
    const { device, job, task } = await deviceInJob(world, { timeoutMinutes: 30 });
    await world.pass(24 * 60 * MINUTE);
    expect((await task()).status).toBe('NOTIFIED'); // never, without any progress
    await world.progress(device, 1);
    await world.pass(20 * MINUTE);
    await world.progress(device, 50);
    await world.node.claim([device], 'all');
    await world.inform(device, OLD);
    await world.pass(10 * MINUTE - 1);
    expect((await task()).status).toBe('IN_PROGRESS');
    await world.pass(1);
    expect(await task()).toMatchObject({
      status: 'FAILED',
      description: 'timeout',
      progress: 50,
      modified_at: world.clock.now(),
    });
    expect((await world.jobRow(job)).status).toBe('COMPLETED');
    await expectConsistent(world);
  });

  it('does not come without a limit', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.progress(device, 1);
    await world.pass(365 * 24 * 60 * MINUTE);
    expect((await task()).status).toBe('IN_PROGRESS');
  });

  it('ends a task that waits for a retry, and is never followed by one', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, { timeoutMinutes: 15, retryInterval: 10, retryCount: 5 });
    await world.progress(device, 1);
    await world.pass(10 * MINUTE);
    await world.progress(device, -1, 'why');
    await world.pass(5 * MINUTE);
    expect(await task()).toMatchObject({ status: 'FAILED', description: 'timeout' });
    await world.pass(60 * MINUTE);
    expect(await tell(world, device)).toBe(0);
  });

  it('goes on through a retry', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, { timeoutMinutes: 15, retryInterval: 10, retryCount: 5 });
    await world.progress(device, 1);
    await world.progress(device, -1);
    await world.pass(10 * MINUTE);
    expect(await tell(world, device)).toBe(1);
    await world.progress(device, 1);
    await world.pass(5 * MINUTE - 1);
    expect((await task()).status).toBe('IN_PROGRESS');
    await world.pass(1);
    expect(await task()).toMatchObject({ status: 'FAILED', description: 'timeout' });
  });

  it('does not overtake a success', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world, { timeoutMinutes: 1 });
    await world.progress(device, 1);
    await world.inform(device, NEW);
    await world.pass(60 * MINUTE);
    expect((await task()).status).toBe('SUCCEEDED');
  });

  it('comes for a thousand devices at the same time', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(1_000);
    const job = await world.job({ timeoutMinutes: 1 });
    await world.node.claim(devices, 'fresh');
    await Promise.all(devices.slice(0, 990).map((device) => world.progress(device, 1)));
    await world.pass(MINUTE);
    const tasks = await world.tasks(job);
    expect(tasks.filter((task) => task.status === 'FAILED')).toHaveLength(990);
    expect(tasks.filter((task) => task.status === 'NOTIFIED')).toHaveLength(10);
    await expectConsistent(world);
  });
});
