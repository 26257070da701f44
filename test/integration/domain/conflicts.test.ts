import { describe, expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { removeDevice } from '../../../src/store/queries/devices.ts';
import { setModuleVersions } from '../../../src/store/queries/modules.ts';
import { eachEngine, onPostgres } from '../../support/engines.ts';
import { interleaved } from './interleaved.ts';
import { createWorld, expectConsistent, HOUR, NEW, OLD, reopen, type World } from './world.ts';

/** A world with one device that is busy with a task in the state that `begin` leaves it in. */
async function busyDevice(world: World, settings: object, begin: (device: DeviceRef) => Promise<unknown>) {
  const [device] = (await world.devices(['dev-busy'])) as [DeviceRef];
  const older = await world.job(settings);
  await begin(device);
  return { device, older };
}

const queued = async () => {};
const notified = (world: World) => async (device: DeviceRef) => {
  expect(await world.node.claim([device], 'fresh')).toHaveLength(1);
};
const inProgress = (world: World) => (device: DeviceRef) => world.progress(device, 10);

eachEngine('a device that is busy with another job', (database) => {
  it('keeps its task under OverwriteMode 1; the new one FAILED at once and says why', async () => {
    const world = await createWorld(database);
    const { device, older } = await busyDevice(world, {}, queued);
    for (const overwriteMode of [undefined, 1]) {
      const newer = await world.job({ overwriteMode });
      expect(await world.task(newer, device)).toMatchObject({
        status: 'FAILED',
        description: 'the device has an unfinished task of another job',
        active_module: null,
      });
      await world.pass(0);
      expect((await world.jobRow(newer)).status).toBe('COMPLETED');
    }
    expect((await world.task(older, device)).status).toBe('QUEUED');
    await expectConsistent(world);
  });

  it.each([
    ['QUEUED', () => queued],
    ['NOTIFIED', notified],
  ] as const)('gives up a task that is %s for the new one under OverwriteMode 2', async (status, begin) => {
    const world = await createWorld(database);
    const { device, older } = await busyDevice(world, {}, begin(world));
    expect((await world.task(older, device)).status).toBe(status);
    const newer = await world.job({ overwriteMode: 2 });
    expect(await world.task(older, device)).toMatchObject({
      status: 'CANCELED',
      description: `replaced by job ${newer}`,
    });
    expect((await world.task(newer, device)).status).toBe('QUEUED');
    await world.pass(0);
    expect((await world.jobRow(older)).status).toBe('CANCELED');
    await expectConsistent(world);
  });

  it('keeps a task that is IN_PROGRESS even under OverwriteMode 2', async () => {
    const world = await createWorld(database);
    const { device, older } = await busyDevice(world, {}, inProgress(world));
    const newer = await world.job({ overwriteMode: 2 });
    expect((await world.task(older, device)).status).toBe('IN_PROGRESS');
    expect((await world.task(newer, device)).status).toBe('FAILED');
    await expectConsistent(world);
  });

  it('is busy with a task of a job that has not begun, too', async () => {
    const world = await createWorld(database);
    const { device } = await busyDevice(world, { scheduleAt: world.clock.now() + HOUR }, queued);
    expect((await world.task(await world.job(), device)).status).toBe('FAILED');
  });

  it('is free again when its task has ended', async () => {
    const world = await createWorld(database);
    const { device } = await busyDevice(world, {}, (ref) => world.inform(ref, NEW));
    const newer = await world.job({ firmwareId: await world.firmware({ dest_version: '3.0.0' }) });
    expect(await world.task(newer, device)).toMatchObject({ status: 'QUEUED', src_version: NEW });
  });

  it('is told the package of the task that it keeps', async () => {
    const world = await createWorld(database);
    const { device } = await busyDevice(world, {}, queued);
    await world.job({ firmwareId: await world.firmware({ dest_version: '3.0.0' }) });
    const pushes = await world.node.claim([device], 'all');
    expect(pushes.map(({ notice }) => notice.package?.version)).toEqual([NEW]);
  });

  describe('with several modules at a time', () => {
    async function twoModules(
      world: World,
      first: object,
      second: object,
      begin = queued as (ref: DeviceRef) => Promise<unknown>,
    ) {
      const { device, older } = await busyDevice(world, first, begin);
      const newer = await world.job({
        ...second,
        firmwareId: await world.firmware({ module: 'MCU', dest_version: '0.2' }),
      });
      const states = [(await world.task(older, device)).status, (await world.task(newer, device)).status];
      await expectConsistent(world);
      return { device, states };
    }

    it('updates different modules side by side when both jobs allow it', async () => {
      const world = await createWorld(database);
      const { device, states } = await twoModules(world, { multiModule: true }, { multiModule: true });
      expect(states).toEqual(['QUEUED', 'QUEUED']);
      const pushes = await world.node.claim([device], 'all');
      expect(pushes.map(({ notice }) => notice.package?.module).sort()).toEqual(['MCU', 'default']);
    });

    it.each([
      [{ multiModule: true }, {}],
      [{}, { multiModule: true }],
      [{}, {}],
    ])('does not when one of them does not: %o, %o', async (first, second) => {
      const world = await createWorld(database);
      expect((await twoModules(world, first, second)).states).toEqual(['QUEUED', 'FAILED']);
    });

    it('replaces a task of the same module, but not one in progress', async () => {
      const world = await createWorld(database);
      const [waiting, running] = (await world.devices(2)) as [DeviceRef, DeviceRef];
      const older = await world.job({ multiModule: true });
      await world.progress(running, 5);
      const newer = await world.job({ multiModule: true });
      const states = async (job: string) => (await world.tasks(job)).map((task) => [task.device_id, task.status]);
      expect(await states(older)).toEqual([
        [waiting.deviceId, 'CANCELED'],
        [running.deviceId, 'IN_PROGRESS'],
      ]);
      expect(await states(newer)).toEqual([
        [waiting.deviceId, 'QUEUED'],
        [running.deviceId, 'FAILED'],
      ]);
      await expectConsistent(world);
    });

    it('gives up the tasks of all modules to a job that replaces, or none of them', async () => {
      const world = await createWorld(database);
      const [device] = (await world.devices(['dev-both'])) as [DeviceRef];
      const first = await world.job({ multiModule: true });
      const mcu = await world.firmware({ module: 'MCU', dest_version: '0.2' });
      const second = await world.job({ multiModule: true, firmwareId: mcu });
      const states = async (...jobs: string[]) =>
        Promise.all(jobs.map(async (job) => (await world.task(job, device)).status));

      await world.progress(device, 1, '', 'MCU');
      const refused = await world.job({ overwriteMode: 2 });
      expect(await states(first, second, refused)).toEqual(['QUEUED', 'IN_PROGRESS', 'FAILED']);

      await world.progress(device, -1, '', 'MCU');
      const third = await world.job({ multiModule: true, firmwareId: mcu });
      const replacing = await world.job({ overwriteMode: 2 });
      expect(await states(first, second, third, replacing)).toEqual(['CANCELED', 'FAILED', 'CANCELED', 'QUEUED']);
      await expectConsistent(world);
    });
  });

  it('never gets two tasks from jobs that are made at the same time', async () => {
    const one = await createWorld(database);
    await one.devices(1_500);
    const two = await reopen(one, database);
    for (const overwriteMode of [1, 2]) {
      const jobs = await Promise.all([one, two, one, two].map((world) => world.job({ overwriteMode })));
      await Promise.all(jobs.map((job, index) => (index % 2 ? one : two).advance(job)));
      await expectConsistent(one);
      const states = await Promise.all(jobs.map((job) => one.tasks(job)));
      expect(states.map((tasks) => tasks.length)).toEqual([1_500, 1_500, 1_500, 1_500]);
      expect(states.flat().filter((task) => task.active_module !== null)).toHaveLength(1_500);
    }
  });
});

onPostgres('while a job looks at a device', (database) => {
  /** Begins a transaction, lets the job run into what it holds, and commits it then. */
  async function during(world: World, work: Parameters<World['engine']['transaction']>[0]): Promise<string> {
    const [, job] = await interleaved(
      world,
      (engine) => engine.transaction(work),
      () => world.job(),
    );
    return job;
  }

  it('a device that is deleted gets no task, which nobody could ever end', async () => {
    const world = await createWorld(database);
    const [gone] = (await world.devices(['dev-gone', 'dev-stay'])) as [DeviceRef];
    const job = await during(world, (tx) => removeDevice(tx.db, world.scope.instanceId, gone.deviceId));
    expect(await world.names(job)).toEqual(['dev-stay']);
    await expectConsistent(world);
  });

  it.each([
    ['again', OLD],
    ['for the first time', null],
  ])('a device that reports the target version, %s, gets no task', async (_, version) => {
    const world = await createWorld(database);
    const [early] = (await world.devices(['dev-early'], { version })) as [DeviceRef];
    await world.devices(['dev-stay']);
    const job = await during(world, (tx) =>
      setModuleVersions(tx.db, [{ device_id: early.deviceId, module: 'default', version: NEW, reported_at: 1 }]),
    );
    expect(await world.names(job)).toEqual(['dev-stay']);
  });

  it('devices that are deleted, and report, in a crowd leave no task behind', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(60);
    const gone = devices.filter((_, index) => index % 3 === 0);
    const done = devices.filter((_, index) => index % 3 === 1);
    const [job] = await Promise.all([
      world.job(),
      ...gone.map((device) => deleteDevice(world.deps, world.scope, { id: device.deviceId })),
      ...done.map((device) => world.inform(device, NEW)),
    ]);
    await expectConsistent(world);
    const unfinished = (await world.tasks(job)).filter((task) => task.active_module !== null);
    const stay = devices.filter((_, index) => index % 3 === 2);
    expect(unfinished.map((task) => task.device_id).sort()).toEqual(stay.map((device) => device.deviceId).sort());
  });
});
