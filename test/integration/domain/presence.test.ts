import { expect, it, vi } from 'vitest';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { disable } from '../../../src/domain/device-states.ts';
import { getDevice, registerDevice } from '../../../src/domain/devices.ts';
import { withLease } from '../../../src/domain/leases.ts';
import {
  beginNode,
  buryDeadNodes,
  endNode,
  HEARTBEAT_MS,
  keepNodeAlive,
  NODE_LEASE_MS,
} from '../../../src/domain/nodes.ts';
import { makeConnect, parseConnect } from '../../../src/wire/mqtt-connect.ts';
import { eachEngine } from '../../support/engines.ts';
import { spyOnTransactions } from '../../support/query-spy.ts';
import { createWorld, MINUTE, reopen, type World } from './world.ts';

const status = async (world: World, device: DeviceRef) =>
  (await getDevice(world.deps, world.scope, { id: device.deviceId })).status;
const nodes = (world: World) => world.engine.read.selectFrom('lease').select('name').orderBy('name').execute();

eachEngine('the connection of a device', (database) => {
  it('makes it ONLINE and activates it the first time; its end makes it OFFLINE', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1, { activated: false })) as [DeviceRef];
    const get = () => getDevice(world.deps, world.scope, { id: device.deviceId });
    expect(await get()).toMatchObject({ status: 'UNACTIVE', activeAt: null, onlineAt: null, ip: '' });
    const first = world.clock.now();
    await world.connect(device, 'c1');
    expect(await get()).toMatchObject({
      status: 'ONLINE',
      activeAt: first,
      onlineAt: first,
      statusAt: first,
      ip: '10.0.0.1',
    });
    await world.clock.advance(MINUTE);
    await world.node.disconnected(device, 'c1');
    expect(await get()).toMatchObject({
      status: 'OFFLINE',
      activeAt: first,
      onlineAt: first,
      statusAt: first + MINUTE,
    });
    await world.clock.advance(MINUTE);
    await world.connect(device, 'c2');
    expect(await get()).toMatchObject({ status: 'ONLINE', activeAt: first, onlineAt: first + 2 * MINUTE });
  });

  it('that is replaced by a newer one, on another node too, does not take the device offline when it ends', async () => {
    const here = await createWorld(database);
    const there = createDeviceServices((await reopen(here, database)).deps, 'node-2');
    const [device] = (await here.devices(1)) as [DeviceRef];
    await here.connect(device, 'old');
    await there.connected(device, { connectionId: 'new', ip: '10.0.0.2' });
    await here.node.disconnected(device, 'old');
    expect(await status(here, device)).toBe('ONLINE');
    await here.node.disconnected(device, 'old');
    await there.disconnected(device, 'new');
    await there.disconnected(device, 'new');
    expect(await status(here, device)).toBe('OFFLINE');
  });

  it('that is replaced by one on another node is named to that node, whatever comes at once', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const replaced = () =>
      world.nudges.flatMap((nudge) => (nudge.kind === 'replaced' ? nudge.connections.map((c) => c.connectionId) : []));
    await world.connect(device, 'c0');
    await world.connect(device, 'c1');
    // a connection of the same node has been closed already
    expect(replaced()).toEqual([]);
    const others = ['c2', 'c3', 'c4', 'c5', 'c6'];
    await Promise.all(
      others.map((connectionId) =>
        createDeviceServices(world.deps, `node-${connectionId}`).connected(device, { connectionId, ip: '10.0.0.2' }),
      ),
    );
    const [left] = await world.engine.read.selectFrom('presence').select('connection_id').execute();
    expect([...replaced(), left?.connection_id].sort()).toEqual(['c1', ...others]);
  });

  it('shares its transaction with those that come at once, and so do the ends; one deleted device bars no other', async () => {
    const world = await createWorld(database);
    const { engine, costs } = spyOnTransactions(world.engine, database.kind);
    const node = createDeviceServices({ ...world.deps, engine }, 'node-1');
    const devices = await world.devices(100);
    const connected = (device: DeviceRef) =>
      node.connected(device, { connectionId: `c-${device.deviceName}`, ip: `10.0.0.${device.deviceName.slice(-2)}` });
    await Promise.all(devices.map(connected));
    // their connections, the devices, their states, their histories, who listens
    expect(costs()).toEqual([5]);
    const rows = await world.engine.read.selectFrom('device').select(['name', 'status', 'ip']).execute();
    expect(rows.every(({ name, status, ip }) => status === 1 && ip === `10.0.0.${name.slice(-2)}`)).toBe(true);
    const [gone, replaced, ...others] = devices as [DeviceRef, DeviceRef, ...DeviceRef[]];
    await node.connected(replaced, { connectionId: 'newer', ip: '10.0.0.1' });
    expect(costs()).toEqual([4]);
    await Promise.all(devices.map((device) => node.disconnected(device, `c-${device.deviceName}`)));
    // the connections are held in order before they are ended
    expect(costs()).toEqual([6]);
    expect(await status(world, replaced)).toBe('ONLINE');
    expect(await status(world, gone)).toBe('OFFLINE');
    await world.engine.transaction(({ db }) => db.deleteFrom('device').where('id', '=', gone.deviceId).execute());
    const outcomes = await Promise.allSettled([gone, ...others].map(connected));
    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(1);
    expect(outcomes[0]?.status).toBe('rejected');
    expect(await Promise.all(others.slice(0, 2).map((device) => status(world, device)))).toEqual(['ONLINE', 'ONLINE']);
  });

  it('of thousands of devices begins and ends by the five hundred, as when a node drains', async () => {
    const world = await createWorld(database);
    const { engine, costs } = spyOnTransactions(world.engine, database.kind);
    const node = createDeviceServices({ ...world.deps, engine }, 'node-1');
    const devices = await world.devices(2_000);
    const connectionId = (device: DeviceRef) => `c-${device.deviceName}`;
    await Promise.all(
      devices.map((device) => node.connected(device, { connectionId: connectionId(device), ip: '10.0.0.1' })),
    );
    expect(costs()).toEqual([5, 5, 5, 5]);
    await Promise.all(devices.map((device) => node.disconnected(device, connectionId(device))));
    expect(costs()).toEqual([6, 6, 6, 6]);
    expect(await world.engine.read.selectFrom('presence').select('device_id').execute()).toEqual([]);
    const states = await world.engine.read.selectFrom('device').select('status').distinct().execute();
    expect(states).toEqual([{ status: 3 }]);
  });

  it('leaves a disabled device disabled', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await world.engine.transaction(({ db }) => db.updateTable('device').set({ status: 8 }).execute());
    await world.connect(device, 'c1');
    expect(await status(world, device)).toBe('DISABLE');
    await world.node.disconnected(device, 'c1');
    expect(await status(world, device)).toBe('DISABLE');
  });
});

eachEngine('a node', (database) => {
  it('that stops renewing is buried with its connections when its lease has run out, and not before', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(1_100);
    const [first] = devices as [DeviceRef];
    await keepNodeAlive(world.deps, 'node-1');
    await keepNodeAlive(world.deps, 'node-2');
    for (const device of devices.slice(0, 20)) await world.connect(device, `c-${device.deviceId}`);
    const rows = devices.slice(20).map(({ deviceId }) => ({
      device_id: deviceId,
      node_id: 'node-1',
      connection_id: `c-${deviceId}`,
      connected_at: 1,
    }));
    await world.engine.transaction((tx) => tx.bulkInsert('presence', rows));

    await world.clock.advance(NODE_LEASE_MS - 1);
    await buryDeadNodes(world.deps);
    expect(await status(world, first)).toBe('ONLINE');
    await keepNodeAlive(world.deps, 'node-2');
    await world.clock.advance(1);
    await buryDeadNodes(world.deps);
    const online = world.engine.read.selectFrom('device').select('id').where('status', '=', 1);
    expect(await online.execute()).toEqual([]);
    expect(await world.engine.read.selectFrom('presence').select('device_id').execute()).toEqual([]);
    expect(await nodes(world)).toEqual([{ name: 'node:node-2' }]);
  });

  it('that has come back in the meantime is not buried', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await keepNodeAlive(world.deps, 'node-1');
    await world.connect(device);
    await world.clock.advance(NODE_LEASE_MS);
    // it comes back between being found dead and being buried
    const engine = {
      ...world.engine,
      transaction: (async (work) => {
        await keepNodeAlive(world.deps, 'node-1');
        return world.engine.transaction(work);
      }) as World['engine']['transaction'],
    };
    await buryDeadNodes({ ...world.deps, engine });
    expect(await status(world, device)).toBe('ONLINE');
    expect(await nodes(world)).toEqual([{ name: 'node:node-1' }]);
  });

  it('does not bury itself after it was held up', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await keepNodeAlive(world.deps, 'node-1');
    await world.connect(device);
    await world.clock.advance(NODE_LEASE_MS);
    await buryDeadNodes(world.deps, 'node-1');
    expect(await status(world, device)).toBe('ONLINE');
    await buryDeadNodes(world.deps, 'node-2');
    expect(await status(world, device)).toBe('OFFLINE');
  });

  it('that is buried loses its leases', async () => {
    const world = await createWorld(database);
    await keepNodeAlive(world.deps, 'node-1');
    const lease = { name: 'sweep', holder: 'node-1', forMs: 60_000 };
    const held = Promise.withResolvers<void>();
    const work = withLease(world.deps, lease, () => held.promise);
    await vi.waitFor(async () => expect(await nodes(world)).toHaveLength(2), 10_000);
    await world.clock.advance(NODE_LEASE_MS);
    const other = { ...lease, holder: 'node-2' };
    expect(await withLease(world.deps, other, async () => {})).toBe(false);
    await buryDeadNodes(world.deps);
    expect(await withLease(world.deps, other, async () => {})).toBe(true);
    held.resolve();
    await work;
  });

  it('that was buried and lives records its connections again, but for devices that moved or lost their right', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(4);
    const [stays, moves, goes, left] = devices as [DeviceRef, DeviceRef, DeviceRef, DeviceRef];
    const life = await beginNode(world.deps, 'node-1');
    for (const device of devices) await world.connect(device, `c-${device.deviceId}`);
    const connection = ({ deviceId }: DeviceRef) => ({ deviceId, connectionId: `c-${deviceId}` });
    expect(await world.node.confirm(devices.map(connection))).toEqual({ replaced: [], barred: [], recorded: [] });
    await world.clock.advance(NODE_LEASE_MS);
    await buryDeadNodes(world.deps);
    expect(await status(world, stays)).toBe('OFFLINE');
    await createDeviceServices(world.deps, 'node-2').connected(moves, { connectionId: 'new', ip: '10.0.0.2' });
    await world.engine.transaction(({ db }) => db.deleteFrom('device').where('id', '=', goes.deviceId).execute());

    await life.renew();
    expect(world.nudges).toContainEqual({ kind: 'lapsed', nodeId: 'node-1' });
    expect(await world.node.confirm([stays, moves, goes].map(connection))).toEqual({
      replaced: [connection(moves)],
      barred: [connection(goes)],
      recorded: [connection(stays)],
    });
    expect(await status(world, stays)).toBe('ONLINE');
    expect(await status(world, left)).toBe('OFFLINE');
    await world.node.disconnected(stays, connection(stays).connectionId);
    expect(await status(world, stays)).toBe('OFFLINE');
  });

  it('finds a device that was disabled when nobody told it so', async () => {
    const world = await createWorld(database);
    const [barred, other] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    await world.connect(barred, 'c1');
    await world.connect(other, 'c2');
    await disable(world.deps, world.scope, { id: barred.deviceId });
    const connections = [
      { deviceId: barred.deviceId, connectionId: 'c1' },
      { deviceId: other.deviceId, connectionId: 'c2' },
    ];
    const standing = { replaced: [], barred: [connections[0]], recorded: [] };
    expect(await world.node.confirm(connections)).toEqual(standing);
  });

  it('that renews in time is not told that it lapsed', async () => {
    const world = await createWorld(database);
    const life = await beginNode(world.deps, 'node-1');
    await world.clock.advance(NODE_LEASE_MS - 1);
    await life.renew();
    expect(world.nudges).toEqual([]);
  });

  it('leaves those alone that were held up with it, until they have had time to renew', async () => {
    const world = await createWorld(database);
    const [one, two] = [await beginNode(world.deps, 'node-1'), await beginNode(world.deps, 'node-2')];
    await beginNode(world.deps, 'node-3');
    // the database is away for longer than the leases hold
    await world.clock.advance(2 * NODE_LEASE_MS);
    await one.buryOthers();
    await one.renew();
    await one.buryOthers();
    await world.clock.advance(HEARTBEAT_MS);
    await one.renew();
    await one.buryOthers();
    await two.renew();
    await two.buryOthers();
    expect(await nodes(world)).toHaveLength(3);
    await world.clock.advance(HEARTBEAT_MS);
    await one.buryOthers();
    expect(await nodes(world)).toEqual([{ name: 'node:node-1' }, { name: 'node:node-2' }]);
  });

  it('does not lose a device that has moved to another node', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await keepNodeAlive(world.deps, 'node-1');
    await world.connect(device);
    const other = createDeviceServices(world.deps, 'node-2');
    await other.connected(device, { connectionId: 'new', ip: '10.0.0.2' });
    await world.clock.advance(NODE_LEASE_MS);
    await buryDeadNodes(world.deps);
    expect(await status(world, device)).toBe('ONLINE');
  });

  it('that ends in order leaves nothing to wait for, even if it could not record the end of a connection', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await keepNodeAlive(world.deps, 'node-1');
    await world.connect(device);
    await endNode(world.deps, 'node-1');
    await buryDeadNodes(world.deps);
    expect(await status(world, device)).toBe('OFFLINE');
    expect(await nodes(world)).toEqual([]);
  });
});

eachEngine('the login of a device', (database) => {
  async function worldWithDevice() {
    const world = await createWorld(database);
    const device = await registerDevice(world.deps, world.scope, { productKey: world.productKey, name: 'dev-one' });
    const login = (changes: Partial<{ productKey: string; deviceName: string; deviceSecret: string }> = {}) => {
      const identity = { productKey: world.productKey, deviceName: 'dev-one', deviceSecret: device.secret, ...changes };
      const { clientId, username, password } = makeConnect(identity);
      const claim = parseConnect(clientId, username, password);
      if (!claim) throw new Error('malformed');
      return world.node.login(claim, '192.0.2.1');
    };
    return { world, device, login };
  }

  it('tells who it is', async () => {
    const { world, device, login } = await worldWithDevice();
    expect(await login()).toEqual({
      ok: true,
      device: { deviceId: device.id, productKey: world.productKey, deviceName: 'dev-one' },
    });
  });

  it('is refused to a wrong secret, an unknown name or product, and what cannot be one', async () => {
    const { login } = await worldWithDevice();
    const wrong = [
      { deviceSecret: 'x' },
      { deviceName: 'dev-two' },
      { productKey: 'a1000000000' },
      { deviceName: 'dev\0one' },
      { productKey: '\0' },
    ];
    for (const changes of wrong) expect(await login(changes)).toMatchObject({ ok: false, reason: 'refused' });
  });

  it('is refused to a disabled device that knows its secret, and to others as if it were not disabled', async () => {
    const { world, login } = await worldWithDevice();
    await world.engine.transaction(({ db }) => db.updateTable('device').set({ status: 8 }).execute());
    expect(await login()).toMatchObject({ ok: false, reason: 'disabled' });
    expect(await login({ deviceSecret: 'x' })).toMatchObject({ ok: false, reason: 'refused' });
  });
});
