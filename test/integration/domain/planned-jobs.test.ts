import { describe, expect, it } from 'vitest';
import { cancelTasksOfJob } from '../../../src/domain/cancel.ts';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { advanceJob } from '../../../src/domain/rollout/advance.ts';
import type { Db, Engine, Nudge } from '../../../src/store/engine.ts';
import { lockJob } from '../../../src/store/queries/jobs.ts';
import { eachEngine, onPostgres } from '../../support/engines.ts';
import { type QuerySpy, spyOn } from '../../support/query-spy.ts';
import { createWorld, expectConsistent, HOUR, NEW, OLD, reopen, type World } from './world.ts';

const one = async (world: World) => ((await world.devices(1)) as [DeviceRef])[0];
const get = { kind: 'get', id: '7', module: undefined } as const;
const called = (nudges: readonly Nudge[]) => nudges.flatMap((nudge) => (nudge.kind === 'push' ? nudge.deviceIds : []));
const schedule = (world: World) => ({
  scheduleAt: world.clock.now() + HOUR,
  scheduleFinishAt: world.clock.now() + 3 * HOUR,
});

eachEngine('a planned job', (database) => {
  it('tells nobody before its time, whatever a device does, and then rings for those who are connected', async () => {
    const world = await createWorld(database);
    const [device, other] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    await world.connect(device);
    const job = await world.job(schedule(world));
    for (const step of [0, HOUR - 1]) {
      await world.pass(step);
      expect(await world.jobRow(job)).toMatchObject({ status: 'PLANNED', started_at: null });
      expect(await world.node.claim([device, other], 'all')).toEqual([]);
      expect(await world.inform(device, OLD)).toEqual([]);
      expect(await world.node.report(device, get)).toMatchObject([{ notice: { package: undefined } }]);
      await world.progress(device, 10);
      expect((await world.tasks(job)).map((task) => task.status)).toEqual(['QUEUED', 'QUEUED']);
    }
    expect(called(world.nudges)).toEqual([]);
    await world.pass(1);
    expect(await world.jobRow(job)).toMatchObject({ status: 'IN_PROGRESS', started_at: world.clock.now() });
    expect(called(world.nudges)).toEqual([device.deviceId]);
    expect(await world.node.claim([device, other], 'all')).toHaveLength(2);
  });

  describe('of many devices', () => {
    const TASKS = 11_000;

    /** A job that starts in an hour; of every so many devices one is connected. */
    async function large(world: World, every: number) {
      const devices = await world.devices(TASKS);
      const online = devices.filter((_, index) => index % every === 0);
      await world.engine.transaction((tx) =>
        tx.bulkInsert(
          'presence',
          online.map(({ deviceId: id }) => ({ device_id: id, node_id: 'n', connection_id: id, connected_at: 1 })),
        ),
      );
      const job = await world.job(schedule(world));
      await world.advance(job);
      await world.clock.advance(HOUR);
      return { job, online: online.map((device) => device.deviceId) };
    }

    it.each([
      ['few', 100, [null, 10_000]],
      ['many', 5, [null, 4_996, 9_996]],
    ])('rings for those who are connected, %s, in steps of a few statements each', async (_, every, cursors) => {
      const world = await createWorld(database);
      const { job, online } = await large(world, every);
      const spies: QuerySpy[] = [];
      const spied = (db: Db) => {
        const spy = spyOn(db, database.kind);
        spies.push(spy);
        return spy.db;
      };
      const engine: Engine = {
        ...world.engine,
        read: spied(world.engine.read),
        transaction: (work) => world.engine.transaction((tx) => work({ ...tx, db: spied(tx.db) })),
      };
      const count = () => spies.reduce((sum, spy) => sum + spy.count(), 0);
      const rung: number[] = [];
      const met = new Set<number | null>();
      for (let more = true; more; ) {
        const [before, heard] = [count(), called(world.nudges).length];
        more = await advanceJob({ ...world.deps, engine }, job);
        expect(count() - before).toBeLessThan(10);
        rung.push(called(world.nudges).length - heard);
        met.add((await world.jobRow(job)).call_from);
      }
      expect(Math.max(...rung)).toBeLessThanOrEqual(1_000);
      expect(met).toEqual(new Set([0, ...cursors]));
      expect(called(world.nudges)).toEqual(online);
      expect(await world.jobRow(job)).toMatchObject({ status: 'IN_PROGRESS', call_from: null });
    });

    it('goes on to ring after a restart', async () => {
      const world = await createWorld(database);
      const { job, online } = await large(world, 5);
      await advanceJob(world.deps, job);
      await advanceJob(world.deps, job);
      const { call_from, due_at } = await world.jobRow(job);
      expect([call_from, due_at]).toEqual([4_996, world.clock.now()]);
      // what it still tells other processes is told before the next one listens
      await world.engine[Symbol.asyncDispose]();
      const next = await reopen(world, database);
      await next.advance(job);
      expect(called(next.nudges)).toEqual(online.slice(1_000));
    });
  });

  it('counts a device that reports the target version before the start as a success', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    const job = await world.job(schedule(world));
    await world.inform(device, NEW);
    expect((await world.task(job, device)).status).toBe('SUCCEEDED');
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('PLANNED');
    await world.pass(HOUR);
    expect((await world.jobRow(job)).status).toBe('COMPLETED');
  });

  it('is ended by force: what is unfinished is CANCELED, what has ended stays', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(5);
    const job = await world.job(schedule(world));
    await world.pass(HOUR);
    const [done, failed, running, told] = devices as [DeviceRef, DeviceRef, DeviceRef, DeviceRef];
    await world.node.claim([done, failed, running, told], 'all');
    await world.progress(running, 10);
    await world.progress(failed, -1);
    await world.inform(done, NEW);
    await world.pass(2 * HOUR - 1);
    expect((await world.tasks(job)).map((task) => task.status)).toEqual([
      'SUCCEEDED',
      'FAILED',
      'IN_PROGRESS',
      'NOTIFIED',
      'QUEUED',
    ]);
    await world.pass(1);
    const tasks = await world.tasks(job);
    expect(tasks.map((task) => task.status)).toEqual(['SUCCEEDED', 'FAILED', 'CANCELED', 'CANCELED', 'CANCELED']);
    expect(new Set(tasks.slice(2).map((task) => task.description))).toEqual(new Set(['the scheduled end was reached']));
    expect(await world.jobRow(job)).toMatchObject({ status: 'COMPLETED', ended_at: world.clock.now(), due_at: null });
    expect(await world.node.claim(devices, 'all')).toEqual([]);
    await expectConsistent(world);
  });

  it('ends for every device at once, though a large job takes steps, over a restart', async () => {
    const before = await createWorld(database);
    const devices = await before.devices(1_200);
    const job = await before.job(schedule(before));
    await before.pass(0);
    await before.pass(HOUR);
    const [first, last] = [devices[0], devices.at(-1)] as [DeviceRef, DeviceRef];
    await before.node.claim([last], 'all');
    await before.progress(last, 10);
    await before.clock.advance(2 * HOUR);
    await advanceJob(before.deps, job);
    expect((await before.task(job, first)).status).toBe('CANCELED');
    // its row is to come, and says so already by that of its job
    expect((await before.task(job, last)).status).toBe('IN_PROGRESS');
    expect(await before.node.claim([last], 'all')).toEqual([]);
    await before.progress(last, -1);
    expect((await before.task(job, last)).status).toBe('IN_PROGRESS');
    const next = await before.job({ devices: [last] });
    expect((await before.task(next, last)).status).toBe('QUEUED');
    expect(await before.task(job, last)).toMatchObject({
      status: 'CANCELED',
      description: 'the scheduled end was reached',
    });
    await before.engine[Symbol.asyncDispose]();
    const after = await reopen(before, database);
    await after.advance(job);
    const texts = new Set((await after.tasks(job)).map((task) => `${task.status} ${task.description}`));
    expect([...texts]).toEqual(['CANCELED the scheduled end was reached']);
    expect(await after.jobRow(job)).toMatchObject({ status: 'CANCELED', cancel_states: null, cancel_text: null });
    await expectConsistent(after);
  });

  it('keeps the reason of its end when it is canceled by a call as well', async () => {
    const world = await createWorld(database);
    await world.devices(1_200);
    const job = await world.job(schedule(world));
    await world.pass(0);
    await world.clock.advance(4 * HOUR);
    await advanceJob(world.deps, job);
    const none = { scheduled: undefined, notified: undefined, inProgress: undefined, unconfirmed: undefined };
    await cancelTasksOfJob(world.deps, world.scope, job, { ...none, queued: true });
    await world.advance(job);
    const texts = new Set((await world.tasks(job)).map((task) => task.description));
    expect([...texts]).toEqual(['the scheduled end was reached']);
  });

  it('is CANCELED when its end came before anything happened, of more than a chunk of tasks', async () => {
    const world = await createWorld(database);
    await world.devices(1_200);
    const job = await world.job(schedule(world));
    await world.pass(0);
    await world.pass(4 * HOUR);
    expect((await world.jobRow(job)).status).toBe('CANCELED');
    expect((await world.tasks(job)).every((task) => task.status === 'CANCELED')).toBe(true);
    await expectConsistent(world);
  });
});

onPostgres('the devices of a job', (database) => {
  it.each([
    ['has not begun', () => schedule],
    ['pushes nothing', () => () => ({ needPush: false })],
  ])('are heard without waiting for the job while it %s', async (_, settings) => {
    const world = await createWorld(database);
    const device = await one(world);
    const job = await world.job(settings()(world));
    await world.engine.transaction(async (tx) => {
      await lockJob(tx, job);
      const other = { ...world.deps, engine: await database.open() };
      const node = createDeviceServices(other, 'node-2');
      expect(await node.claim([device], 'all')).toEqual([]);
      expect(await node.report(device, { kind: 'inform', id: '1', module: 'default', version: OLD })).toEqual([]);
    });
  });
});
