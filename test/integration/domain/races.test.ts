import { expect, it } from 'vitest';
import { confirmTasks } from '../../../src/domain/confirm.ts';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import { setProps } from '../../../src/domain/device-props.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { endConnections } from '../../../src/domain/presence.ts';
import { advanceJob } from '../../../src/domain/rollout/advance.ts';
import { materialiseChunk } from '../../../src/domain/rollout/materialise.ts';
import { SWEEP_MS } from '../../../src/domain/rollout/strategies.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { changeJob } from '../../../src/domain/update-job.ts';
import type { Engine } from '../../../src/store/engine.ts';
import { updateJob } from '../../../src/store/queries/jobs.ts';
import { insertPresences, type NewPresence } from '../../../src/store/queries/presence.ts';
import { onPostgres } from '../../support/engines.ts';
import { dynamicGroup, dynamicJob, statesOf } from './dynamic-world.ts';
import { interleaved, waitsForLock } from './interleaved.ts';
import { createWorld, expectConsistent, NEW, OLD, type World } from './world.ts';

/** Other source versions for a dynamic job. */
const changeVersions = (world: World, engine: Engine, job: string, srcVersions: readonly string[]) =>
  changeJob({ ...world.deps, engine }, world.scope, job, {
    maximumPerMinute: 10_000,
    target: 'ALL',
    upgradeType: 'DYNAMIC',
    timeoutMinutes: undefined,
    tags: [],
    srcVersions,
  });

onPostgres('two transactions at once', (database) => {
  it('that end connections and record newer ones of the same devices do not wait for each other', async () => {
    const world = await createWorld(database);
    const devices = (await world.devices(2)).toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
    // the rows lie in another order than that of their keys
    for (const device of devices.toReversed()) await world.connect(device, `c-${device.deviceId}`);
    const ended = devices.map(({ deviceId }) => ({ deviceId, connectionId: `c-${deviceId}` }));
    const [first, second] = devices.map(({ deviceId }) => ({
      device_id: deviceId,
      node_id: 'node-2',
      connection_id: `new-${deviceId}`,
      connected_at: 0,
    })) as [NewPresence, NewPresence];
    const begun = Promise.withResolvers<void>();
    const arrival = world.engine.transaction(async ({ db }) => {
      await insertPresences(db, [first]);
      begun.resolve();
      while (!(await waitsForLock(world.engine)));
      await insertPresences(db, [second]);
    });
    await begun.promise;
    await Promise.all([arrival, world.engine.transaction((tx) => endConnections(tx, world.deps, 'node-1', ended))]);
    expect(world.engine.stats().retries).toBe(0);
    expect(await world.engine.read.selectFrom('presence').select('node_id').execute()).toEqual(
      devices.map(() => ({ node_id: 'node-2' })),
    );
  });

  it.each([
    [NEW, 'SUCCEEDED'],
    ['1.5.0', 'QUEUED'],
  ])('a report of version %s is about a task that is made while it is written: %s', async (version, status) => {
    const world = await createWorld(database);
    const job = await world.job();
    const [device] = (await world.devices(1)) as [DeviceRef];
    await world.engine.transaction((tx) => updateJob(tx, job, { cursor: '' }));
    await interleaved(
      world,
      (engine) => materialiseChunk({ ...world.deps, engine }, job),
      () => world.inform(device, version),
    );
    expect(await world.task(job, device)).toMatchObject({ src_version: OLD, status });
    await expectConsistent(world);
  });

  it('a report brings nobody into a dynamic job that has been given other versions when its lock is free', async () => {
    const world = await createWorld(database);
    const [late] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
    const job = await dynamicJob(world);
    await interleaved(
      world,
      (engine) => changeVersions(world, engine, job, ['1.5.0']),
      () => world.inform(late, OLD),
    );
    await world.advance(job);
    expect(await statesOf(world, job, late)).toEqual([]);
    await world.inform(late, '1.5.0');
    expect(await statesOf(world, job, late)).toEqual(['QUEUED']);
    await expectConsistent(world);
  });

  it('a report that does not see the new versions of a dynamic job is met by its next look at all devices', async () => {
    const world = await createWorld(database);
    const [late] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
    const job = await dynamicJob(world, { srcVersions: ['0.1.0'] });
    await interleaved(
      world,
      (engine) => changeVersions(world, engine, job, [OLD]),
      () => world.inform(late, OLD),
    );
    expect(await statesOf(world, job, late)).toEqual([]);
    await world.advance(job);
    expect(await statesOf(world, job, late)).toEqual(['QUEUED']);
    await expectConsistent(world);
  });

  it('a job that is given other versions keeps the device that a report is bringing in', async () => {
    const world = await createWorld(database);
    const [late] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
    const job = await dynamicJob(world);
    const inform = { kind: 'inform', id: '1', module: 'default', version: OLD } as const;
    await interleaved(
      world,
      (engine) => createDeviceServices({ ...world.deps, engine }, 'node-2').report(late, inform),
      () => changeVersions(world, world.engine, job, ['1.5.0']),
    );
    await world.advance(job);
    expect(await statesOf(world, job, late)).toEqual(['QUEUED']);
    expect(await world.jobRow(job)).toMatchObject({ task_total: 1, src_versions: '["1.5.0"]' });
    await expectConsistent(world);
  });

  it('a device that a look at all devices has refused is not refused again by its report', async () => {
    const world = await createWorld(database);
    const [busy] = (await world.devices(1)) as [DeviceRef];
    await world.job({ devices: [busy] });
    const groupId = await dynamicGroup(world, 'tag.tag_name = "site" AND tag.tag_value = "north"');
    const job = await dynamicJob(world, { groupId });
    await world.advance(job);
    await setProps(world.deps, world.scope, { device: { id: busy.deviceId }, text: '{"site":"north"}' });
    await world.clock.advance(SWEEP_MS);
    await advanceJob(world.deps, job);
    await interleaved(
      world,
      (engine) => materialiseChunk({ ...world.deps, engine }, job),
      () => world.inform(busy, OLD),
    );
    expect(await statesOf(world, job, busy)).toEqual(['FAILED']);
    await expectConsistent(world);
  });

  it('a task that is queued while its device is asked about waits for the next look, without a deadlock', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await world.connect(device);
    const job = await world.job({ needConfirm: true });
    const [, given] = await interleaved(
      world,
      (engine) => confirmTasks({ ...world.deps, engine }, world.scope, [taskId(job, 0)]),
      () => world.node.claim([device], 'all'),
    );
    expect(given).toEqual([]);
    expect(await world.task(job, device)).toMatchObject({ status: 'QUEUED', waiting_at: null });
    // whoever queued it has rung
    expect(world.nudges).toContainEqual({ kind: 'push', deviceIds: [device.deviceId] });
    expect(await world.node.claim([device], 'fresh')).toHaveLength(1);
    expect(JSON.parse((await world.jobRow(job)).push_log)).toEqual([[world.clock.now(), 1]]);
    expect(world.engine.stats().retries).toBe(0);
  });
});
