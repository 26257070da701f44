import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { loginDevice } from '../../../src/domain/device-login.ts';
import { createPresence } from '../../../src/domain/presence.ts';
import { makeConnect, parseConnect } from '../../../src/wire/mqtt-connect.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type World } from './world.ts';

const UNKNOWN_GROUP = 'Q7uOhVRdZRRlDnTL';

eachEngine('the states of devices', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
  });

  const ref = (deviceId: string, productKey = key) => ({ deviceId, productKey, deviceName: '' });
  const presence = () => createPresence(world.deps, 'node');
  const connect = (id: string) => presence().connected(ref(id), { connectionId: `c-${id}`, ip: '10.0.0.1' });
  const disconnect = (id: string) => presence().disconnected(ref(id), `c-${id}`);
  const statusOf = async (IotId: string) => (await world.call('GetDeviceStatus', { IotId })).Data.Status;
  const statistics = async (filter: { ProductKey?: string; GroupId?: string } = {}) => {
    const { Data } = await world.call('QueryDeviceStatistics', filter);
    return [Data.deviceCount, Data.activeCount, Data.onlineCount];
  };
  const inStatus = async (
    Status: number,
    request: { ProductKey?: string; CurrentPage?: number; PageSize?: number } = {},
  ) => world.call('QueryDeviceByStatus', { Status, ...request });
  const namesIn = async (...args: Parameters<typeof inStatus>) =>
    (await inStatus(...args)).Data.SimpleDeviceInfo.map((device) => device.DeviceName);

  test('DisableThing ends the connection of a device and keeps it from coming back until EnableThing', async () => {
    const { iotId, name, secret } = await world.newDevice(key);
    const login = async () => {
      const { clientId, username, password } = makeConnect({ productKey: key, deviceName: name, deviceSecret: secret });
      const claim = parseConnect(clientId, username, password);
      return claim && loginDevice(world.deps, claim);
    };
    await connect(iotId);
    await world.clock.advance(1_000);
    const nudges: object[] = [];
    using _ = world.deps.engine.onNudge((nudge) => nudges.push(nudge));
    expect(await world.call('DisableThing', { IotId: iotId })).toEqual({});
    expect(nudges).toEqual([{ kind: 'kick', deviceIds: [iotId] }]);
    expect((await world.call('GetDeviceStatus', { IotId: iotId })).Data).toEqual({
      Status: 'DISABLE',
      Timestamp: world.clock.now(),
    });
    await disconnect(iotId);
    expect(await statusOf(iotId)).toBe('DISABLE');
    expect(await login()).toMatchObject({ ok: false, reason: 'disabled' });

    expect(await world.call('EnableThing', { ProductKey: key, DeviceName: name })).toEqual({});
    expect(await statusOf(iotId)).toBe('OFFLINE');
    expect(await login()).toMatchObject({ ok: true });
    await connect(iotId);
    expect(await statusOf(iotId)).toBe('ONLINE');
  });

  test('a device that never connected is UNACTIVE again when it is enabled', async () => {
    const { iotId } = await world.newDevice(key);
    await world.call('DisableThing', { IotId: iotId });
    expect(await statistics()).toEqual([1, 0, 0]);
    await world.call('EnableThing', { IotId: iotId });
    expect(await statusOf(iotId)).toBe('UNACTIVE');
  });

  test('disabling twice and enabling what is enabled change nothing', async () => {
    const { iotId } = await world.newDevice(key);
    await connect(iotId);
    const before = (await world.call('GetDeviceStatus', { IotId: iotId })).Data;
    await world.clock.advance(1_000);
    await world.call('EnableThing', { IotId: iotId });
    expect((await world.call('GetDeviceStatus', { IotId: iotId })).Data).toEqual(before);
    await world.call('DisableThing', { IotId: iotId });
    const disabled = (await world.call('GetDeviceStatus', { IotId: iotId })).Data;
    await world.clock.advance(1_000);
    await world.call('DisableThing', { IotId: iotId });
    expect((await world.call('GetDeviceStatus', { IotId: iotId })).Data).toEqual(disabled);
  });

  test('DisableThing leaves the tasks of the device as they are', async () => {
    const { iotId } = await world.newDevice(key);
    const row = {
      ...{ job_id: 'job', seq: 0, device_id: iotId, device_name: 'd', src_version: '1', status: 'QUEUED' as const },
      ...{ description: '', progress: 0, active_module: 'default', retries: 0, created_at: 1, modified_at: 1 },
      ...{ first_progress_at: null, retry_at: null, due_at: null, waiting_at: null, cause: null, attempts: 0 },
    };
    await world.deps.engine.transaction((tx) => tx.bulkInsert('task', [row]));
    await world.call('DisableThing', { IotId: iotId });
    expect(await world.deps.engine.read.selectFrom('task').selectAll().execute()).toEqual([row]);
  });

  test('QueryDeviceByStatus tells all that it knows of a device', async () => {
    const { iotId, name, secret } = await world.newDevice(key);
    const answer = await inStatus(0);
    expect(answer).toEqual({
      Page: 1,
      PageCount: 1,
      PageSize: 10,
      Total: 1,
      Data: {
        SimpleDeviceInfo: [
          {
            IotId: iotId,
            ProductKey: key,
            DeviceName: name,
            DeviceSecret: secret,
            Nickname: '',
            Status: 'UNACTIVE',
            GmtCreate: '2030-01-01 08:00:00',
            GmtModified: '2030-01-01 08:00:00',
            UtcCreate: '2030-01-01T00:00:00.000Z',
            UtcModified: '2030-01-01T00:00:00.000Z',
          },
        ],
      },
    });
  });

  test('QueryDeviceByStatus pages through the products, newest first, and through each, newest first', async () => {
    const keys = [key];
    for (const name of ['empty', 'radio']) {
      await world.clock.advance(1_000);
      keys.push(await world.newProduct(name));
    }
    const [lamp, , radio] = keys as [string, string, string];
    const ids = [];
    for (const [productKey, name] of [
      ...['radio1', 'radio2', 'radio3'].map((text) => [radio, text] as const),
      ...['lamp1', 'lamp2', 'lamp3', 'lamp4'].map((text) => [lamp, text] as const),
    ]) {
      ids.push((await world.newDevice(productKey, name)).iotId);
    }
    for (const id of ids) await connect(id);
    await world.newDevice(lamp, 'idle');
    const all = ['radio3', 'radio2', 'radio1', 'lamp4', 'lamp3', 'lamp2', 'lamp1'];
    expect(await namesIn(1)).toEqual(all);
    for (const size of [1, 2, 3, 4]) {
      const seen: string[] = [];
      for (let number = 1; number <= Math.ceil(7 / size); number += 1) {
        const answer = await inStatus(1, { CurrentPage: number, PageSize: size });
        expect(answer).toMatchObject({ Page: number, PageCount: Math.ceil(7 / size), Total: 7 });
        seen.push(...answer.Data.SimpleDeviceInfo.map((device) => device.DeviceName));
      }
      expect(seen).toEqual(all);
    }
    expect(await namesIn(1, { CurrentPage: 8, PageSize: 1 })).toEqual([]);
    expect(await namesIn(1, { ProductKey: lamp, CurrentPage: 2, PageSize: 3 })).toEqual(['lamp1']);
    expect(await namesIn(0, { ProductKey: lamp })).toEqual(['idle']);
    expect(await inStatus(8)).toMatchObject({ Total: 0, PageCount: 0 });
  });

  test.each([
    ['common.invalidParameter', { Status: 2 }],
    ['common.invalidPage', { Status: 1, PageSize: 51 }],
    ['common.invalidPage', { Status: 1, CurrentPage: 0 }],
    ['product.malformedKey', { Status: 1, ProductKey: 'nothing' }],
    ['product.notFound', { Status: 1, ProductKey: 'a1Unknown01' }],
  ])('QueryDeviceByStatus is refused with %s for %j', async (refusal, request) => {
    expect(await world.refused('QueryDeviceByStatus', request)).toBe(refusal);
  });

  test('QueryDeviceStatistics counts a product, a group, a product in a group, and everything', async () => {
    const other = await world.newProduct('radio');
    const GroupId = await world.newGroup();
    const ids = [];
    for (const name of ['dev1', 'dev2', 'dev3', 'dev4']) ids.push((await world.newDevice(key, name)).iotId);
    ids.push((await world.newDevice(other, 'dev1')).iotId);
    await world.call('BatchAddDeviceGroupRelations', {
      GroupId,
      Device: [
        { ProductKey: key, DeviceName: 'dev1' },
        { ProductKey: key, DeviceName: 'dev4' },
        { ProductKey: other, DeviceName: 'dev1' },
      ],
    });
    const [first, second, third] = ids as [string, string, string];
    for (const id of [first, second, third, ids[4] as string]) await connect(id);
    await disconnect(second);
    await world.call('DisableThing', { IotId: third });
    expect(await statistics({ ProductKey: key })).toEqual([4, 3, 1]);
    expect(await statistics()).toEqual([5, 4, 2]);
    expect(await statistics({ ProductKey: '', GroupId: '' })).toEqual([5, 4, 2]);
    expect(await statistics({ GroupId })).toEqual([3, 2, 2]);
    expect(await statistics({ GroupId, ProductKey: key })).toEqual([2, 1, 1]);
    expect(await world.refused('QueryDeviceStatistics', { GroupId: UNKNOWN_GROUP })).toBe('group.notFound');
    expect(await world.refused('QueryDeviceStatistics', { GroupId: 'no id' })).toBe('group.notFound');
    expect(await world.refused('QueryDeviceStatistics', { ProductKey: 'a1Unknown01' })).toBe('product.notFound');
    const stranger = await newScope(world.deps);
    expect((await world.call('QueryDeviceStatistics', {}, stranger)).Data.deviceCount).toBe(0);
    expect(await world.refused('QueryDeviceStatistics', { GroupId }, stranger)).toBe('group.notFound');
  });

  test('the counts are those of a recount, whatever happens to devices at the same time', async () => {
    const step = fc.record({
      what: fc.constantFrom('register', 'connect', 'disconnect', 'disable', 'enable', 'delete'),
      which: fc.nat(9),
    });
    const known: string[] = [];
    const act = async ({ what, which }: { what: string; which: number }) => {
      if (what === 'register') {
        known.push((await world.newDevice(key)).iotId);
        return;
      }
      const IotId = known[which % Math.max(1, known.length)];
      if (IotId === undefined) return;
      if (what === 'connect') await connect(IotId);
      if (what === 'disconnect') await disconnect(IotId);
      if (what === 'disable') await world.call('DisableThing', { IotId });
      if (what === 'enable') await world.call('EnableThing', { IotId });
      if (what === 'delete') await world.call('DeleteDevice', { IotId });
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 8 }), async (rounds) => {
        // a device that has been deleted refuses, and cannot be connected
        for (const round of rounds) await Promise.allSettled(round.map(act));
        const devices = await world.deps.engine.read.selectFrom('device').select(['status', 'active_at']).execute();
        const having = (status: number) => devices.filter((device) => device.status === status).length;
        const active = devices.filter((device) => device.active_at !== null).length;
        expect(await statistics({ ProductKey: key })).toEqual([devices.length, active, having(1)]);
        for (const status of [0, 1, 3, 8]) expect((await inStatus(status)).Total).toBe(having(status));
      }),
      { numRuns: 12 },
    );
  });
});
