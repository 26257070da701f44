import { expect, it } from 'vitest';
import { cancelTasksOfJob } from '../../../src/domain/cancel.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { reupgradeTasks } from '../../../src/domain/reupgrade.ts';
import { triedTask } from '../../../src/domain/task-attempts.ts';
import { KEPT_ATTEMPTS } from '../../../src/domain/task-changes.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, MINUTE, NEW, OLD, type World } from './world.ts';

const tried = (world: World, job: string, seq = 0) => triedTask(world.deps, world.scope, taskId(job, seq));
const again = (world: World, job: string) => reupgradeTasks(world.deps, world.scope, job, [taskId(job, 0)]);
const cancelAll = (world: World, job: string) =>
  cancelTasksOfJob(world.deps, world.scope, job, {
    scheduled: true,
    queued: true,
    notified: true,
    inProgress: true,
    unconfirmed: true,
  });
const rows = (world: World) => world.engine.read.selectFrom('task_attempt').selectAll().orderBy('seq').execute();

async function deviceInJob(database: Parameters<typeof createWorld>[0], settings = {}) {
  const world = await createWorld(database);
  const [device] = (await world.devices(1)) as [DeviceRef];
  const job = await world.job(settings);
  await world.node.claim([device], 'fresh');
  return { world, device, job };
}

eachEngine('attempts of a task that failed', (database) => {
  it('are known as soon as they failed, with when the next is due, and stay when it succeeds', async () => {
    const { world, device, job } = await deviceInJob(database, { retryInterval: 10, retryCount: 2 });
    expect(await tried(world, job)).toMatchObject({ failed: 0, attempts: [], nextAt: undefined });
    const begun = world.clock.now();
    await world.progress(device, 20, 'loading');
    await world.progress(device, -2, 'no route');
    const first = {
      number: 1,
      at: begun,
      cause: 'DOWNLOAD',
      description: 'no route',
      progress: 20,
      src_version: OLD,
    };
    expect(await tried(world, job)).toMatchObject({ failed: 1, attempts: [first], nextAt: begun + 10 * MINUTE });
    await world.pass(10 * MINUTE);
    await world.node.claim([device], 'fresh');
    expect((await tried(world, job)).nextAt).toBeUndefined();
    // of this one the device told nothing before it failed
    await world.progress(device, -3, 'x'.repeat(600));
    const second = { number: 2, at: begun + 10 * MINUTE, cause: 'VERIFICATION', description: 'x'.repeat(512) };
    expect((await tried(world, job)).attempts).toMatchObject([{ ...second, progress: null }, first]);
    await world.pass(10 * MINUTE);
    await world.node.claim([device], 'fresh');
    await world.inform(device, NEW);
    expect(await tried(world, job)).toMatchObject({
      task: { status: 'SUCCEEDED', description: '' },
      failed: 2,
      attempts: [second, first],
      nextAt: undefined,
    });
  });

  it('are counted once, however often a failure is told', async () => {
    const { world, device, job } = await deviceInJob(database, { retryInterval: 10, retryCount: 2 });
    for (let i = 0; i < 3; i += 1) await world.progress(device, -1, 'again');
    expect(await tried(world, job)).toMatchObject({ failed: 1, attempts: [{ cause: 'UPDATE' }] });
  });

  it('end with the one that stands in the task, which is kept when it is run again', async () => {
    const { world, device, job } = await deviceInJob(database);
    await world.progress(device, 90);
    await world.inform(device, '1.5.0');
    const failure = { number: 1, cause: 'VERSION', description: 'report version is not conform', progress: 90 };
    expect(await tried(world, job)).toMatchObject({ failed: 1, attempts: [failure] });
    expect(await rows(world)).toEqual([]);
    await world.clock.advance(MINUTE);
    await again(world, job);
    expect(await tried(world, job)).toMatchObject({
      task: { status: 'QUEUED', src_version: '1.5.0' },
      failed: 1,
      attempts: [{ ...failure, src_version: OLD, at: world.clock.now() - MINUTE }],
    });
  });

  it('are of timeouts, too, and no next one is named that the timeout forestalls', async () => {
    const { world, device, job } = await deviceInJob(database, {
      timeoutMinutes: 15,
      retryInterval: 10,
      retryCount: 2,
    });
    await world.progress(device, 10);
    await world.pass(6 * MINUTE);
    await world.progress(device, -1);
    expect(await tried(world, job)).toMatchObject({ failed: 1, nextAt: undefined });
    await world.pass(9 * MINUTE);
    const attempts = [
      { number: 2, cause: 'TIMEOUT', description: 'timeout' },
      { number: 1, cause: 'UPDATE' },
    ];
    expect(await tried(world, job)).toMatchObject({ task: { status: 'FAILED' }, failed: 2, attempts });
    await again(world, job);
    expect(await tried(world, job)).toMatchObject({ task: { status: 'QUEUED' }, failed: 2, attempts });
  });

  it('do not count what was canceled, and stay when it is; a device that says nothing has failed at nothing', async () => {
    const { world, device, job } = await deviceInJob(database, { retryInterval: 10, retryCount: 2 });
    await world.pass(60 * MINUTE);
    expect(await tried(world, job)).toMatchObject({ failed: 0, attempts: [] });
    await world.progress(device, -4);
    await cancelAll(world, job);
    const attempts = [{ number: 1, cause: 'FLASHING' }];
    expect(await tried(world, job)).toMatchObject({
      task: { status: 'CANCELED' },
      failed: 1,
      attempts,
      nextAt: undefined,
    });
    await world.pass(0);
    await again(world, job);
    expect(await tried(world, job)).toMatchObject({ task: { status: 'QUEUED' }, failed: 1, attempts });
  });

  it('are kept up to a bound, the newest, and with the task when the device is deleted', async () => {
    const { world, device, job } = await deviceInJob(database);
    const runs = KEPT_ATTEMPTS + 3;
    for (let run = 1; run <= runs; run += 1) {
      await world.progress(device, -1, `reason ${run}`);
      await world.pass(MINUTE);
      await again(world, job);
      await world.node.claim([device], 'fresh');
    }
    const kept = await tried(world, job);
    expect(kept.failed).toBe(runs);
    expect(kept.attempts.map(({ description }) => description)).toEqual(
      Array.from({ length: KEPT_ATTEMPTS }, (_, i) => `reason ${runs - i}`),
    );
    expect(await rows(world)).toHaveLength(KEPT_ATTEMPTS);
    await deleteDevice(world.deps, world.scope, { id: device.deviceId });
    expect(await tried(world, job)).toMatchObject({ task: { status: 'CANCELED' }, failed: runs });
  });

  it('of many devices at once are one statement, and a success costs none', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(40);
    const job = await world.job({ retryInterval: 10, retryCount: 1 });
    await world.node.claim(devices, 'fresh');
    await Promise.all(devices.map((device, i) => world.progress(device, -2, `reason ${i}`)));
    const kept = await rows(world);
    expect(kept.map(({ seq, number, slot }) => [seq, number, slot])).toEqual(devices.map((_, seq) => [seq, 1, 1]));
    expect(new Set(kept.map(({ description }) => description)).size).toBe(40);
    expect((await tried(world, job, 39)).failed).toBe(1);
  });

  it('are not told to who has no such task', async () => {
    const { world, job } = await deviceInJob(database);
    const other = { ...world.scope, instanceId: 'another' };
    const refused = expect.objectContaining({ key: 'ota.taskNotFound' });
    await expect(triedTask(world.deps, other, taskId(job, 0))).rejects.toEqual(refused);
    await expect(tried(world, job, 1)).rejects.toEqual(refused);
    await expect(triedTask(world.deps, world.scope, `${job}zzzzzz`)).rejects.toEqual(refused);
    await expect(triedTask(world.deps, world.scope, 'nothing')).rejects.toEqual(refused);
  });
});
