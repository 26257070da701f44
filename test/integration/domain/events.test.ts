import { expect, it } from 'vitest';
import { eventTypes } from '../../../src/contract/event-types.ts';
import { cancelTasksOfJob } from '../../../src/domain/cancel.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { disable, enable } from '../../../src/domain/device-states.ts';
import { deleteDevice, registerDevice } from '../../../src/domain/devices.ts';
import { reupgradeTasks } from '../../../src/domain/reupgrade.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { createWorld, MINUTE, NEW, type World } from './world.ts';

/** A world in which somebody listens to everything of its instance. */
async function listenedWorld(database: TestDatabase, types: readonly string[] = eventTypes): Promise<World> {
  const world = await createWorld(database);
  await listen(world, 'webhook:all', types);
  return world;
}

async function listen({ engine, scope }: World, consumer: string, types: readonly string[], productKey = '') {
  const rows = types.map((type) => ({ instance_id: scope.instanceId, product_key: productKey, type, consumer }));
  await engine.transaction((tx) => tx.bulkInsert('event_route', rows));
}

/** What a consumer has been told since it was last asked, in order: type and payload. */
async function heard(world: World, consumer = 'webhook:all') {
  const { engine } = world;
  const rows = await engine.read
    .selectFrom('event_delivery')
    .innerJoin('event', 'event.id', 'event_delivery.event_id')
    .select(['event.id', 'event.type', 'event.payload'])
    .where('event_delivery.consumer', '=', consumer)
    .orderBy('event.id')
    .execute();
  await engine.transaction((tx) => tx.db.deleteFrom('event_delivery').where('consumer', '=', consumer).execute());
  return rows.map((row) => [row.type, JSON.parse(row.payload) as Record<string, unknown>] as const);
}

const types = (events: Awaited<ReturnType<typeof heard>>) => events.map(([type]) => type);
const count = async ({ engine }: World, table: 'event' | 'event_delivery') =>
  (await engine.read.selectFrom(table).selectAll().execute()).length;

eachEngine('the outbox', (database) => {
  it('hears of a task from its push to its success, each thing once', async () => {
    const world = await listenedWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await world.job();
    await world.connect(device);
    await world.node.claim([device], 'fresh');
    await world.progress(device, 40, 'writing');
    await world.inform(device, NEW);
    await world.inform(device, NEW);
    await world.advance(job);
    const events = await heard(world);
    expect(types(events)).toEqual([
      'ota.job.updated',
      'device.online',
      'ota.task.progress',
      'ota.version.changed',
      'ota.task.succeeded',
      'ota.job.updated',
    ]);
    expect(events[2]?.[1]).toMatchObject({ step: 40, desc: 'writing', destVersion: NEW });
    expect(events[4]?.[1]).toMatchObject({ status: 'SUCCEEDED', desc: 'success', taskId: taskId(job, 0), jobId: job });
    expect(events[5]?.[1]).toMatchObject({ status: 'COMPLETED', jobId: job });
  });

  it('hears of failures, timeouts, cancellations and of the repetition', async () => {
    const world = await listenedWorld(database);
    const devices = (await world.devices(3)) as [DeviceRef, DeviceRef, DeviceRef];
    const [bad, slow] = devices;
    const job = await world.job({ timeoutMinutes: 10 });
    await world.node.claim(devices, 'fresh');
    await world.progress(bad, -3, 'digest');
    await world.progress(slow, 1);
    await world.pass(10 * MINUTE);
    const flags = { scheduled: true, queued: true, notified: true, inProgress: true, unconfirmed: true };
    await cancelTasksOfJob(world.deps, world.scope, job, flags);
    await world.pass(0);
    const ended = (await heard(world)).filter(([type]) => type.startsWith('ota.task.') && type !== 'ota.task.progress');
    expect(ended.map(([type, { desc }]) => [type, desc])).toEqual([
      ['ota.task.failed', 'digest'],
      ['ota.task.failed', 'timeout'],
      ['ota.task.canceled', 'canceled on request'],
    ]);
    await reupgradeTasks(world.deps, world.scope, job, [taskId(job, 0)]);
    expect((await heard(world)).map(([type, { status }]) => [type, status])).toEqual([
      ['ota.job.updated', 'IN_PROGRESS'],
    ]);
  });

  it('hears of a task that is canceled as it is made', async () => {
    const world = await listenedWorld(database, ['ota.task.canceled']);
    await world.devices(1_001);
    // the last one's turn has not come when the call returns
    const job = await world.job();
    const flags = { scheduled: undefined, queued: true, notified: undefined, inProgress: undefined };
    await cancelTasksOfJob(world.deps, world.scope, job, { ...flags, unconfirmed: undefined });
    await world.advance(job);
    const told = (await heard(world)).map(([, payload]) => payload['taskId']);
    expect(new Set(told)).toHaveLength(1_001);
    expect(told).toContain(taskId(job, 1_000));
  });

  it('hears nothing of a task that is refused as it is made (storage-and-events 3.5)', async () => {
    const world = await listenedWorld(database, ['ota.task.failed']);
    await world.devices(1);
    await world.job();
    const second = await world.job();
    expect((await world.tasks(second)).map((task) => task.status)).toEqual(['FAILED']);
    expect(await heard(world)).toEqual([]);
  });

  it('hears of the life of devices, and of no change where there is none', async () => {
    const world = await listenedWorld(database);
    const { deps, scope, productKey } = world;
    const made = await registerDevice(deps, scope, { productKey, name: 'lamp-1' });
    const device = { deviceId: made.id, productKey, deviceName: made.name };
    await disable(deps, scope, { id: made.id });
    await disable(deps, scope, { id: made.id });
    await world.connect(device);
    await enable(deps, scope, { id: made.id });
    await world.connect(device, 'c2');
    await world.node.disconnected(device, 'c1');
    await world.node.disconnected(device, 'c2');
    await deleteDevice(deps, scope, { id: made.id });
    const events = await heard(world);
    expect(types(events)).toEqual([
      'device.created',
      'device.disabled',
      'device.enabled',
      'device.online',
      'device.offline',
      'device.deleted',
    ]);
    expect(events[4]?.[1]).toMatchObject({ status: 'offline', deviceName: 'lamp-1', clientIp: '10.0.0.1' });
    expect(JSON.stringify(events)).not.toContain(made.secret);
  });

  it('keeps an event once and tells each consumer of what it asked for', async () => {
    const world = await listenedWorld(database, ['device.online', 'device.offline']);
    await listen(world, 'amqp:one', ['device.online'], world.productKey);
    await listen(world, 'amqp:one', ['device.online']);
    await listen(world, 'amqp:other', ['device.online'], 'a1otherprod');
    const [device] = (await world.devices(1)) as [DeviceRef];
    world.nudges.length = 0;
    await world.connect(device, 'c1');
    expect(world.nudges).toContainEqual({ kind: 'event', consumers: ['amqp:one', 'webhook:all'] });
    await world.node.disconnected(device, 'c1');
    expect(await count(world, 'event')).toBe(2);
    expect(types(await heard(world))).toEqual(['device.online', 'device.offline']);
    expect(types(await heard(world, 'amqp:one'))).toEqual(['device.online']);
    expect(await heard(world, 'amqp:other')).toEqual([]);
  });

  it('stays empty where nobody listens, and tells nothing of what was rolled back', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await world.connect(device);
    await world.job();
    await world.inform(device, NEW);
    expect(await count(world, 'event')).toBe(0);
    await listen(world, 'webhook:late', eventTypes);
    const doomed = world.engine.transaction(async (tx) => {
      const { deps, scope, productKey } = world;
      const inside = {
        ...deps,
        engine: { ...deps.engine, transaction: <T>(work: (t: typeof tx) => Promise<T>) => work(tx) },
      };
      await registerDevice(inside, scope, { productKey, name: 'lamp-2' });
      throw new Error('rolled back');
    });
    await expect(doomed).rejects.toThrow('rolled back');
    expect(await count(world, 'event')).toBe(0);
    expect(await count(world, 'event_delivery')).toBe(0);
  });
});
