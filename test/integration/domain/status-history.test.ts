import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { deviceStatusText } from '../../../src/contract/device-status.ts';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { disable, enable } from '../../../src/domain/device-states.ts';
import { deleteDevice, registerDevice } from '../../../src/domain/devices.ts';
import { buryDeadNodes, keepNodeAlive, NODE_LEASE_MS } from '../../../src/domain/nodes.ts';
import { page } from '../../../src/domain/paging.ts';
import { sweepStatuses } from '../../../src/domain/status-history.ts';
import { pageOfStatuses } from '../../../src/domain/status-list.ts';
import type { Engine } from '../../../src/store/engine.ts';
import {
  deleteHistoryFrom,
  deleteOldDeviceHistory,
  deleteSurplusHistory,
  historyFrom,
} from '../../../src/store/queries/device-history.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { spyOn } from '../../support/query-spy.ts';
import { createWorld, MINUTE, reopen, type World } from './world.ts';

const DAY = 24 * 60 * MINUTE;
const whole = page(1, 100, { maxSize: 100 });

const read = (world: World, device: DeviceRef, span = {}, wanted = whole) =>
  pageOfStatuses(world.deps, world.scope, { id: device.deviceId }, span, wanted);

/** A line for each change, newest first. */
const lines = async (world: World, device: DeviceRef) =>
  (await read(world, device)).changes.map(({ status, reason, address, nodeId }) =>
    [status, reason, address, nodeId].filter(Boolean).join(' '),
  );

const rows = async ({ engine }: { readonly engine: Engine }) =>
  engine.read.selectFrom('device_history').selectAll().orderBy('at').execute();

/** Connects and disconnects a device, so many times, each after the other. */
async function flap(world: World, device: DeviceRef, times: number, restMs = 1_000): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await world.connect(device, 'c');
    await world.clock.advance(restMs);
    await world.node.disconnected(device, 'c', 'LOST');
    await world.clock.advance(restMs);
  }
}

/** A world some time after its devices were activated. */
async function worldOf(database: TestDatabase, count: number) {
  const world = await createWorld(database);
  const devices = await world.devices(count);
  await world.clock.advance(MINUTE);
  return { world, devices, first: devices[0] as DeviceRef, second: devices[1] as DeviceRef };
}

const sweep = (world: World) => sweepStatuses(world.deps, async () => undefined);

eachEngine('the history of a device', (database) => {
  it('says what its status became, when, for how long, from where and why', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1, { activated: false })) as [DeviceRef];
    expect(await read(world, device)).toEqual({ changes: [], total: 0 });
    const began = world.clock.now();
    await world.connect(device, 'c1');
    await world.clock.advance(MINUTE);
    await world.node.disconnected(device, 'c1', 'SILENT');
    await world.clock.advance(5_000);
    await disable(world.deps, world.scope, { id: device.deviceId });
    await disable(world.deps, world.scope, { id: device.deviceId });
    await world.clock.advance(5_000);
    await enable(world.deps, world.scope, { id: device.deviceId });
    expect(await read(world, device)).toEqual({
      total: 4,
      changes: [
        { at: began + 70_000, status: 'OFFLINE', lastedMs: undefined, reason: 'ENABLED', address: '', nodeId: '' },
        { at: began + 65_000, status: 'DISABLE', lastedMs: 5_000, reason: undefined, address: '', nodeId: '' },
        {
          at: began + 60_000,
          status: 'OFFLINE',
          lastedMs: 5_000,
          reason: 'SILENT',
          address: '10.0.0.1',
          nodeId: 'node-1',
        },
        { at: began, status: 'ONLINE', lastedMs: 60_000, reason: 'ACTIVATED', address: '10.0.0.1', nodeId: 'node-1' },
      ],
    });
    await world.connect(device, 'c2');
    expect((await lines(world, device))[0]).toBe('ONLINE 10.0.0.1 node-1');
  });

  it('is shown page by page and by time', async () => {
    const { world, first: device } = await worldOf(database, 1);
    const began = world.clock.now();
    await flap(world, device, 3);
    const second = await read(world, device, {}, page(2, 4, { maxSize: 50 }));
    expect(second.total).toBe(6);
    expect(second.changes.map(({ at }) => at - began)).toEqual([1_000, 0]);
    expect((await read(world, device, {}, page(3, 4, { maxSize: 50 }))).changes).toEqual([]);
    const some = await read(world, device, { from: began + 1_000, to: began + 3_000 });
    expect(some.changes.map(({ at, lastedMs }) => [at - began, lastedMs])).toEqual([
      [2_000, 1_000],
      [1_000, 1_000],
    ]);
    expect(some.total).toBe(2);
  });

  it('ends with the connection that is the device’s own, whichever node notices what first', async () => {
    const { world: here, first: device } = await worldOf(database, 1);
    const there = createDeviceServices((await reopen(here, database)).deps, 'node-2');
    await here.connect(device, 'a');
    await here.clock.advance(1_000);
    await here.node.connected(device, { connectionId: 'b', ip: '10.0.0.2', takesOver: true });
    await here.node.disconnected(device, 'a', 'TAKEN_OVER');
    await here.clock.advance(1_000);
    await there.connected(device, { connectionId: 'c', ip: '10.0.0.3' });
    await here.node.disconnected(device, 'b', 'TAKEN_OVER');
    expect(await lines(here, device)).toEqual([
      'ONLINE TAKEN_OVER 10.0.0.3 node-2',
      'ONLINE TAKEN_OVER 10.0.0.2 node-1',
      'ONLINE 10.0.0.1 node-1',
    ]);
    await there.disconnected(device, 'c', 'CLOSED');
    await there.disconnected(device, 'c', 'CLOSED');
    expect((await lines(here, device)).slice(0, 2)).toEqual([
      'OFFLINE CLOSED 10.0.0.3 node-2',
      'ONLINE TAKEN_OVER 10.0.0.3 node-2',
    ]);
  });

  it('has all changes of one millisecond, in the order of their commits', async () => {
    const { world, first: device } = await worldOf(database, 1);
    const nodes = ['node-2', 'node-3', 'node-4'].map((nodeId) => createDeviceServices(world.deps, nodeId));
    await Promise.all(
      nodes.map((node, index) => node.connected(device, { connectionId: `c${index}`, ip: '10.0.0.2' })),
    );
    const [holder] = await world.engine.read.selectFrom('presence').selectAll().execute();
    const { changes } = await read(world, device);
    expect(changes.map(({ reason }) => reason)).toEqual(['TAKEN_OVER', 'TAKEN_OVER', undefined]);
    expect(changes[0]?.nodeId).toBe(holder?.node_id);
    // a clock that was set back since
    const newest = changes[0]?.at as number;
    await world.engine.transaction(async ({ db }) => {
      await db
        .updateTable('device_history')
        .set({ at: newest + DAY })
        .where('at', '=', newest)
        .execute();
      await db
        .updateTable('device')
        .set({ history_at: newest + DAY })
        .execute();
    });
    await world.clock.advance(1_000);
    await disable(world.deps, world.scope, { id: device.deviceId });
    const after = await read(world, device);
    expect(after.changes.map(({ status }) => status)).toEqual(['DISABLE', 'ONLINE', 'ONLINE', 'ONLINE']);
    expect(after.changes[1]?.lastedMs).toBe(0);
  });

  it('says last what the device is, whatever happens at once', async () => {
    const { world, devices } = await worldOf(database, 20);
    const nodes = ['node-1', 'node-2'].map((nodeId) => createDeviceServices(world.deps, nodeId));
    const story = async (device: DeviceRef, node: (typeof nodes)[number], name: string) => {
      for (let time = 0; time < 5; time += 1) {
        await node.connected(device, { connectionId: `${name}${time}`, ip: '10.0.0.2' });
        await node.disconnected(device, `${name}${time}`, 'LOST');
      }
    };
    await Promise.all(
      devices.flatMap((device, index) => [
        ...nodes.map((node, number) => story(device, node, `${number}-`)),
        ...(index % 4 === 0 ? [disable(world.deps, world.scope, { id: device.deviceId })] : []),
      ]),
    );
    const found = await world.engine.read.selectFrom('device').select(['id', 'status', 'history_count']).execute();
    for (const { id, status, history_count: count } of found) {
      const { changes, total } = await read(world, { deviceId: id, productKey: '', deviceName: '' });
      expect(changes[0]?.status).toBe(deviceStatusText(status));
      expect(total).toBe(count);
      expect(changes.map(({ at }) => at)).toEqual(changes.map(({ at }) => at).toSorted((a, b) => b - a));
    }
  });

  it('has no end of the connection of a device that was disabled, unless it is enabled before that', async () => {
    const { world, first, second } = await worldOf(database, 2);
    for (const device of [first, second]) {
      await world.connect(device, 'c');
      await disable(world.deps, world.scope, { id: device.deviceId });
    }
    await world.node.disconnected(first, 'c', 'KICKED');
    await enable(world.deps, world.scope, { id: second.deviceId });
    await world.node.disconnected(second, 'c', 'KICKED');
    expect(await lines(world, first)).toEqual(['DISABLE', 'ONLINE 10.0.0.1 node-1']);
    expect((await lines(world, second)).slice(0, 2)).toEqual(['OFFLINE KICKED 10.0.0.1 node-1', 'OFFLINE ENABLED']);
  });

  it('tells of a node that died, and of a connection that outlived that', async () => {
    const { world, first: device } = await worldOf(database, 1);
    await keepNodeAlive(world.deps, 'node-1');
    await world.connect(device, 'c1');
    await world.clock.advance(NODE_LEASE_MS);
    await buryDeadNodes(world.deps, 'node-2');
    await world.clock.advance(1_000);
    await world.node.confirm([{ deviceId: device.deviceId, connectionId: 'c1' }]);
    expect(await lines(world, device)).toEqual([
      'ONLINE RECOVERED 10.0.0.1 node-1',
      'OFFLINE NODE_LOST 10.0.0.1 node-1',
      'ONLINE 10.0.0.1 node-1',
    ]);
  });

  it('goes with the device: one that is registered under its name has none of it', async () => {
    const { world, first: device, second: other } = await worldOf(database, 2);
    await flap(world, device, 60, 5);
    await flap(world, other, 1);
    await deleteDevice(world.deps, world.scope, { id: device.deviceId });
    expect((await rows(world)).map((row) => row.device_id)).toEqual([other.deviceId, other.deviceId]);
    const { productKey, deviceName: name } = device;
    const { id } = await registerDevice(world.deps, world.scope, { productKey, name });
    expect((await read(world, { ...device, deviceId: id })).total).toBe(0);
  });

  it('of a device that flaps stays short, and those of others whole', async () => {
    const { world, first: device, second: other } = await worldOf(database, 2);
    await flap(world, other, 10);
    await flap(world, device, 120, 10);
    expect(await rows(world)).toHaveLength(260);
    const before = await read(world, device);
    expect(before.total).toBe(50);
    await sweep(world);
    // 151 to 240: fifty before the last mark, which is of the 200th, and those after it
    const kept = (await rows(world)).filter((row) => row.device_id === device.deviceId);
    expect(kept).toHaveLength(90);
    expect(kept.every((row) => row.surplus === null)).toBe(true);
    expect(await read(world, device)).toEqual(before);
    expect((await read(world, other)).total).toBe(20);
    await flap(world, device, 5, 10);
    await sweep(world);
    expect((await rows(world)).filter((row) => row.device_id === device.deviceId)).toHaveLength(50);
  });

  it('is kept for thirty days, and swept a step at a time', async () => {
    const { world, devices, first } = await worldOf(database, 2_500);
    for (let from = 0; from < devices.length; from += 500) {
      const some = devices.slice(from, from + 500);
      await Promise.all(some.map((device, index) => world.connect(device, `c${from + index}`)));
      await world.clock.advance(1);
    }
    await world.clock.advance(30 * DAY - 5);
    await world.node.disconnected(first, 'c0', 'LOST');
    expect((await read(world, first)).total).toBe(2);
    await world.clock.advance(5);
    expect((await read(world, first)).total).toBe(1);
    let steps = 0;
    await sweepStatuses(world.deps, async () => void (steps += 1));
    expect(steps).toBe(2);
    expect((await rows(world)).map((row) => row.status)).toEqual([3]);
    // what a change came after may be gone
    expect(await lines(world, first)).toEqual(['OFFLINE LOST 10.0.0.1 node-1']);
  });

  it('is read and swept by keys, however long all of them together are', async () => {
    const world = await createWorld(database);
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      at: index,
      device_id: `d${index % 100}`,
      before_at: index < 100 ? null : index - 100,
      status: 1,
      reason: null,
      address: null,
      node_id: null,
      surplus: index % 5_000 === 4_999 ? (1 as const) : null,
    }));
    const plans = await world.engine.transaction(async (tx) => {
      await tx.bulkInsert('device_history', many);
      await sql`analyze`.execute(tx.db);
      const spy = spyOn(tx.db, database.kind);
      const found = await historyFrom(spy.db, { at: 19_900, device_id: 'd0' }, 50);
      expect(found.map(({ at }) => at)).toEqual(Array.from({ length: 50 }, (_, index) => 19_900 - index * 100));
      await deleteHistoryFrom(spy.db, { at: 19_901, device_id: 'd1' }, 1_000);
      await deleteSurplusHistory({ ...tx, db: spy.db }, 50, 20);
      await deleteOldDeviceHistory(spy.db, 100, 1_000);
      return spy.plans();
    });
    expect(plans.length).toBeGreaterThan(4);
    for (const plan of plans)
      expect(plan).not.toMatch(/SCAN (device_history|older|entry)(?! USING)|Seq Scan on device_history/);
  });
});
