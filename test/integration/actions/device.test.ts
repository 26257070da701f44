import { beforeEach, expect, test } from 'vitest';
import { setModuleVersions } from '../../../src/store/queries/modules.ts';
import { insertPresences, markDevices } from '../../../src/store/queries/presence.ts';
import { eachEngine } from '../../support/engines.ts';
import { TEST_START } from '../../support/test-clock.ts';
import { createWorld, newScope, type World } from './world.ts';

const UNKNOWN_KEY = 'a1TestKey01';

eachEngine('devices', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
  });

  const deviceCount = async () => (await world.call('QueryProduct', { ProductKey: key })).Data.DeviceCount;
  const recount = async () => (await world.deps.engine.read.selectFrom('device').select('id').execute()).length;

  /** Lets a device connect at the present time. */
  async function connect(iotId: string) {
    const now = world.clock.now();
    await world.deps.engine.transaction(async (tx) => {
      await insertPresences(tx.db, [{ device_id: iotId, node_id: 'n', connection_id: 'c', connected_at: now }]);
      await markDevices(tx, [iotId], { online: true, now, ips: new Map([[iotId, '10.0.0.7']]) });
    });
  }

  /** Lets a device report a version. */
  const report = (iotId: string, module: string, version: string) =>
    world.deps.engine.transaction(({ db }) =>
      setModuleVersions(db, [{ device_id: iotId, module, version, reported_at: world.clock.now() }]),
    );

  /** Every way to name a device wrongly, and what it is refused with. */
  const wrongSelectors = [
    ['product.nullKey', {}],
    ['product.nullKey', { IotId: '', ProductKey: '', DeviceName: '' }],
    ['product.nullKey', { DeviceName: 'dev1' }],
    ['product.malformedKey', { ProductKey: 'a1', DeviceName: 'dev1' }],
    ['product.notFound', { ProductKey: UNKNOWN_KEY, DeviceName: 'dev1' }],
    ['device.nullName', { ProductKey: UNKNOWN_KEY }],
    ['device.malformedName', { ProductKey: UNKNOWN_KEY, DeviceName: 'dev 1' }],
    ['device.malformedName', { ProductKey: UNKNOWN_KEY, DeviceName: 'dev1\0' }],
    ['device.invalidIotId', { IotId: 'Q7uOhVRdZRRlDnTLvAbc000100' }],
    ['device.invalidIotId', { IotId: 'nul\0' }],
    ['device.invalidIotId', { IotId: '0'.repeat(2_000) }],
  ] as const;

  for (const action of ['QueryDeviceDetail', 'GetDeviceStatus', 'DeleteDevice'] as const) {
    test(`${action} refuses every wrong selector`, async () => {
      for (const [refusal, selector] of wrongSelectors) {
        expect([selector, await world.refused(action, selector)]).toEqual([selector, refusal]);
      }
      expect(await world.refused(action, { ProductKey: key, DeviceName: 'nobody' })).toBe('device.notFound');
    });

    test(`${action} takes the IotId when it is given product and name, too`, async () => {
      const device = await world.newDevice(key);
      await world.call(action, { IotId: device.iotId, ProductKey: 'x', DeviceName: 'x' });
    });
  }

  test('RegisterDevice tells the credentials, and the secret is sealed at rest', async () => {
    const { Data } = await world.call('RegisterDevice', { ProductKey: key, DeviceName: 'dev1', Nickname: '路灯' });
    expect(Data).toEqual({
      IotId: expect.stringMatching(/^[0-9A-Za-z]{25}$/),
      ProductKey: key,
      DeviceName: 'dev1',
      DeviceSecret: expect.stringMatching(/^[0-9A-Za-z]{32}$/),
      Nickname: '路灯',
      DevEui: '',
      JoinEui: '',
    });
    const row = await world.deps.engine.read.selectFrom('device').select('secret').executeTakeFirstOrThrow();
    expect(row.secret).not.toContain(Data.DeviceSecret);
  });

  test('RegisterDevice makes up a name of 20 letters and digits', async () => {
    const absent = await world.call('RegisterDevice', { ProductKey: key });
    const empty = await world.call('RegisterDevice', { ProductKey: key, DeviceName: '', Nickname: '' });
    expect(absent.Data.DeviceName).toMatch(/^[0-9A-Za-z]{20}$/);
    expect(empty.Data.DeviceName).not.toBe(absent.Data.DeviceName);
  });

  test.each([
    ['product.nullKey', { ProductKey: '' }],
    ['product.malformedKey', { ProductKey: 'a1' }],
    ['product.notFound', { ProductKey: UNKNOWN_KEY }],
    ['device.malformedName', { DeviceName: 'dev' }],
    ['device.malformedName', { DeviceName: 'dev1\ud800' }],
    ['device.malformedNickname', { Nickname: 'abc' }],
  ])('RegisterDevice is refused with %s for %j', async (refusal, wrong) => {
    expect(await world.refused('RegisterDevice', { ProductKey: key, ...wrong })).toBe(refusal);
    expect(await deviceCount()).toBe(0);
  });

  test('a device name is unique in its product only, and letter case tells names apart', async () => {
    const other = await world.newProduct();
    await world.newDevice(key, 'dev1');
    expect(await world.refused('RegisterDevice', { ProductKey: key, DeviceName: 'dev1' })).toBe('device.nameTaken');
    await world.newDevice(key, 'DEV1');
    await world.newDevice(other, 'dev1');
    expect(await deviceCount()).toBe(2);
  });

  test('of many who register one name at the same time exactly one succeeds', async () => {
    const results = await world.atOnce(Array.from({ length: 12 }, () => () => world.newDevice(key, 'dev1')));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ key: 'device.nameTaken' });
    }
    expect(await deviceCount()).toBe(1);
  });

  test('a product takes no more devices than the limit, also from callers at the same time', async () => {
    world.limit({ devicesPerProduct: 4 });
    const results = await world.atOnce(Array.from({ length: 9 }, () => () => world.newDevice(key)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(4);
    expect(await world.refused('RegisterDevice', { ProductKey: key })).toBe('device.countExceeded');
    expect([await deviceCount(), await recount()]).toEqual([4, 4]);
  });

  test('the number of devices is exact after additions and deletions at the same time', async () => {
    const first = await Promise.all(Array.from({ length: 10 }, () => world.newDevice(key)));
    await world.atOnce<unknown>([
      ...Array.from({ length: 10 }, (_, index) => () => world.newDevice(key, `extra${index % 7}`)),
      // each device is deleted by two callers
      ...first
        .slice(0, 6)
        .flatMap(({ iotId, name }) => [
          () => world.call('DeleteDevice', { IotId: iotId }),
          () => world.call('DeleteDevice', { ProductKey: key, DeviceName: name }),
        ]),
    ]);
    expect([await deviceCount(), await recount()]).toEqual([11, 11]);
  });

  test('QueryDevice tells of each device what the reference lists', async () => {
    const device = await world.newDevice(key, 'dev1');
    const answer = await world.call('QueryDevice', { ProductKey: key });
    expect(answer).toEqual({
      Page: 1,
      PageCount: 1,
      PageSize: 10,
      Total: 1,
      NextToken: '',
      Data: {
        DeviceInfo: [
          {
            IotId: device.iotId,
            DeviceId: device.iotId,
            ProductKey: key,
            DeviceName: 'dev1',
            DeviceSecret: device.secret,
            Nickname: '',
            DeviceStatus: 'UNACTIVE',
            GmtCreate: 'Tue, 01-Jan-2030 00:00:00 GMT',
            GmtModified: 'Tue, 01-Jan-2030 00:00:00 GMT',
            UtcCreate: '2030-01-01T00:00:00.000Z',
            UtcModified: '2030-01-01T00:00:00.000Z',
          },
        ],
      },
    });
  });

  test('QueryDevice walks a product by page number and by token alike, newest first', async () => {
    await world.newDevice(await world.newProduct());
    const names: string[] = [];
    for (let index = 0; index < 7; index += 1) names.unshift((await world.newDevice(key)).name);
    const byNumber: string[] = [];
    const byToken: string[] = [];
    let token = '';
    for (let page = 1; page <= 3; page += 1) {
      const request = { ProductKey: key, CurrentPage: page, PageSize: 3 };
      const numbered = await world.call('QueryDevice', request);
      const continued = await world.call('QueryDevice', { ...request, NextToken: token });
      expect(numbered).toMatchObject({ Page: page, PageCount: 3, PageSize: 3, Total: 7 });
      byNumber.push(...numbered.Data.DeviceInfo.map((device) => device.DeviceName));
      byToken.push(...continued.Data.DeviceInfo.map((device) => device.DeviceName));
      token = continued.NextToken;
      expect(token === '').toBe(page === 3);
    }
    expect(byNumber).toEqual(names);
    expect(byToken).toEqual(names);
    expect((await world.call('QueryDevice', { ProductKey: key, CurrentPage: 4, PageSize: 3 })).Data.DeviceInfo).toEqual(
      [],
    );
  });

  test('a walk by token meets each device once while devices come and go', async () => {
    const devices = [];
    for (let index = 0; index < 6; index += 1) devices.unshift(await world.newDevice(key));
    const first = await world.call('QueryDevice', { ProductKey: key, PageSize: 2 });
    await world.newDevice(key);
    await world.call('DeleteDevice', { IotId: devices[1]?.iotId });
    const rest = await world.call('QueryDevice', {
      ProductKey: key,
      CurrentPage: 2,
      PageSize: 50,
      NextToken: first.NextToken,
    });
    expect(rest.Data.DeviceInfo.map((device) => device.DeviceName)).toEqual(devices.slice(2).map(({ name }) => name));
  });

  test('beyond the depth without a token QueryDevice shows nothing, with one it goes on', async () => {
    world.limit({ deviceDepth: 4, deviceDepthWithToken: 8 });
    for (let index = 0; index < 8; index += 1) await world.newDevice(key);
    const request = { ProductKey: key, PageSize: 2 };
    const second = await world.call('QueryDevice', { ...request, CurrentPage: 2 });
    expect(second.Data.DeviceInfo).toHaveLength(2);
    const third = await world.call('QueryDevice', { ...request, CurrentPage: 3 });
    expect(third).toMatchObject({ Page: 3, PageCount: 4, Total: 8, NextToken: '', Data: { DeviceInfo: [] } });
    const token = { NextToken: second.NextToken };
    expect((await world.call('QueryDevice', { ...request, ...token, CurrentPage: 3 })).Data.DeviceInfo).toHaveLength(2);
    expect(await world.refused('QueryDevice', { ...request, ...token, CurrentPage: 4 })).toBe('common.invalidPage');
  });

  test.each([
    [0, 10],
    [-5, 10],
    [1, 0],
    [1, 51],
    [2_147_483_647, 50],
  ])('QueryDevice refuses page %d of %d rows', async (CurrentPage, PageSize) => {
    expect(await world.refused('QueryDevice', { ProductKey: key, CurrentPage, PageSize })).toBe('common.invalidPage');
  });

  test('QueryDevice refuses a token that it did not give for this product', async () => {
    const other = await world.newProduct();
    await world.newDevice(other);
    await world.newDevice(other);
    const { NextToken } = await world.call('QueryDevice', { ProductKey: other, PageSize: 1 });
    const wrong = [
      NextToken,
      'x',
      'null',
      '灯',
      '\0',
      `${NextToken}=`,
      'A'.repeat(100_000),
      Buffer.from(key).toString('base64url'),
    ];
    for (const token of wrong) {
      expect(await world.refused('QueryDevice', { ProductKey: key, NextToken: token })).toBe('device.illegalPageToken');
    }
  });

  test.each([
    ['product.nullKey', ''],
    ['product.malformedKey', 'a1'],
    ['product.notFound', UNKNOWN_KEY],
  ])('QueryDevice is refused with %s for the product %j', async (refusal, ProductKey) => {
    expect(await world.refused('QueryDevice', { ProductKey })).toBe(refusal);
  });

  test('QueryDeviceDetail of a device that never connected has empty times, address and version', async () => {
    const device = await world.newDevice(key, 'dev1');
    const { Data } = await world.call('QueryDeviceDetail', { ProductKey: key, DeviceName: 'dev1' });
    expect(Data).toEqual({
      IotId: device.iotId,
      ProductKey: key,
      ProductName: 'lamp',
      DeviceName: 'dev1',
      DeviceSecret: device.secret,
      Nickname: '',
      NodeType: 0,
      Status: 'UNACTIVE',
      FirmwareVersion: '',
      Region: 'cn-shanghai',
      IpAddress: '',
      Owner: true,
      GmtCreate: '2030-01-01 08:00:00',
      UtcCreate: '2030-01-01T00:00:00.000Z',
      GmtActive: '',
      UtcActive: '',
      GmtOnline: '',
      UtcOnline: '',
    });
  });

  test('QueryDeviceDetail tells the connection and the version of the module `default`', async () => {
    const { iotId } = await world.newDevice(key);
    await world.clock.advance(1_500);
    await connect(iotId);
    await report(iotId, 'mcu', '9.9');
    await report(iotId, 'default', '1.0');
    await report(iotId, 'default', '1.1');
    expect((await world.call('QueryDeviceDetail', { IotId: iotId })).Data).toMatchObject({
      Status: 'ONLINE',
      FirmwareVersion: '1.1',
      IpAddress: '10.0.0.7',
      GmtActive: '2030-01-01 08:00:01',
      UtcActive: '2030-01-01T00:00:01.500Z',
      GmtOnline: '2030-01-01 08:00:01',
      UtcOnline: '2030-01-01T00:00:01.500Z',
    });
  });

  test('BatchQueryDeviceDetail answers in the order asked, each device once, without unknown ones', async () => {
    const first = await world.newDevice(key, 'dev1');
    await world.newDevice(key, 'dev2');
    await world.newDevice(await world.newProduct(), 'dev3');
    await report(first.iotId, 'default', '1.0');
    const { Data } = await world.call('BatchQueryDeviceDetail', {
      ProductKey: key,
      DeviceName: ['dev2', 'nobody', 'dev3', 'dev1', 'dev2'],
    });
    expect(Data.Data.map((device) => device.DeviceName)).toEqual(['dev2', 'dev1']);
    expect(Data.Data[1]).toEqual({
      IotId: first.iotId,
      ProductKey: key,
      ProductName: 'lamp',
      DeviceName: 'dev1',
      DeviceSecret: first.secret,
      Nickname: '',
      NodeType: 0,
      Status: 'UNACTIVE',
      FirmwareVersion: '1.0',
      Region: 'cn-shanghai',
      GmtCreate: '2030-01-01 08:00:00',
      UtcCreate: '2030-01-01T00:00:00.000Z',
      GmtActive: '',
      UtcActive: '',
    });
    const none = await world.call('BatchQueryDeviceDetail', { ProductKey: key, DeviceName: ['nobody'] });
    expect(none).toEqual({ Data: { Data: [] } });
  });

  const names = (count: number) => Array.from({ length: count }, (_, index) => `dev${index + 1000}`);

  test('BatchQueryDeviceDetail refuses a bad list or product', async () => {
    const refused = (DeviceName: string[], ProductKey = key) =>
      world.refused('BatchQueryDeviceDetail', { ProductKey, DeviceName });
    expect(await refused([])).toBe('device.noNames');
    expect(await refused(names(101))).toBe('device.tooManyNames');
    expect(await refused(names(10_000))).toBe('device.tooManyNames');
    expect(await refused(['dev1', ''])).toBe('device.nullName');
    expect(await refused(['dev1', 'dev 2'])).toBe('device.malformedNameInList');
    expect(await refused(['dev1'], UNKNOWN_KEY)).toBe('product.notFound');
    expect(await refused(['dev1'], 'a1')).toBe('product.malformedKey');
    expect(await refused(['dev1'], '')).toBe('product.nullKey');
    await world.call('BatchQueryDeviceDetail', { ProductKey: key, DeviceName: names(100) });
  });

  test('GetDeviceStatus tells the state and when it last changed', async () => {
    const { iotId } = await world.newDevice(key);
    const status = async () => (await world.call('GetDeviceStatus', { IotId: iotId })).Data;
    expect(await status()).toEqual({ Status: 'UNACTIVE', Timestamp: TEST_START });
    await world.clock.advance(1_000);
    await connect(iotId);
    expect(await status()).toEqual({ Status: 'ONLINE', Timestamp: TEST_START + 1_000 });
    await world.clock.advance(1_000);
    const now = world.clock.now();
    await world.deps.engine.transaction((tx) => markDevices(tx, [iotId], { online: false, now }));
    expect(await status()).toEqual({ Status: 'OFFLINE', Timestamp: TEST_START + 2_000 });
    await world.deps.engine.transaction(({ db }) => db.updateTable('device').set({ status: 8 }).execute());
    expect((await status()).Status).toBe('DISABLE');
  });

  test('BatchGetDeviceState answers by ids or by names in the order asked, without unknown devices', async () => {
    const first = await world.newDevice(key, 'dev1');
    const second = await world.newDevice(key, 'dev2');
    await world.clock.advance(1_000);
    await connect(first.iotId);
    const online = {
      IotId: first.iotId,
      DeviceId: first.iotId,
      DeviceName: 'dev1',
      Status: 'ONLINE',
      LastOnlineTime: '2030-01-01 08:00:01',
      AsAddress: '10.0.0.7',
      Timestamp: TEST_START + 1_000,
    };
    const never = {
      IotId: second.iotId,
      DeviceId: second.iotId,
      DeviceName: 'dev2',
      Status: 'UNACTIVE',
      LastOnlineTime: '',
      AsAddress: '',
      Timestamp: TEST_START,
    };
    const byName = await world.call('BatchGetDeviceState', {
      ProductKey: key,
      DeviceName: ['dev2', 'nobody', 'dev1', 'dev1'],
    });
    expect(byName.DeviceStatusList.DeviceStatus).toEqual([never, online]);
    const byId = await world.call('BatchGetDeviceState', {
      IotId: [first.iotId, 'unknown', second.iotId],
      ProductKey: UNKNOWN_KEY,
    });
    expect(byId.DeviceStatusList.DeviceStatus).toEqual([online, never]);
  });

  test('BatchGetDeviceState refuses a bad list, product or id', async () => {
    const refused = (request: { ProductKey?: string; DeviceName?: string[]; IotId?: string[] }) =>
      world.refused('BatchGetDeviceState', request);
    expect(await refused({})).toBe('product.nullKey');
    expect(await refused({ IotId: [] })).toBe('product.nullKey');
    expect(await refused({ DeviceName: ['dev1'] })).toBe('product.nullKey');
    expect(await refused({ ProductKey: 'a1', DeviceName: ['dev1'] })).toBe('product.malformedKey');
    expect(await refused({ ProductKey: UNKNOWN_KEY, DeviceName: ['dev1'] })).toBe('product.notFound');
    expect(await refused({ ProductKey: key })).toBe('device.noNames');
    expect(await refused({ ProductKey: key, DeviceName: names(51) })).toBe('device.tooManyNames');
    expect(await refused({ ProductKey: key, DeviceName: [''] })).toBe('device.nullName');
    expect(await refused({ ProductKey: key, DeviceName: ['a\0bcd'] })).toBe('device.malformedNameInList');
    expect(await refused({ IotId: names(51) })).toBe('device.tooManyNames');
    expect(await refused({ IotId: ['a\0bcd'] })).toBe('device.invalidIotId');
    await world.call('BatchGetDeviceState', { ProductKey: key, DeviceName: names(50) });
  });

  test('DeleteDevice takes everything of the device with it and ends its connection', async () => {
    const { iotId } = await world.newDevice(key, 'dev1');
    const kept = await world.newDevice(key, 'dev2');
    const group = await world.newGroup();
    await world.call('BatchAddDeviceGroupRelations', {
      GroupId: group,
      Device: ['dev1', 'dev2'].map((DeviceName) => ({ ProductKey: key, DeviceName })),
    });
    for (const id of [iotId, kept.iotId]) {
      await connect(id);
      await report(id, 'default', '1.0');
    }
    const nudges: object[] = [];
    using _ = world.deps.engine.onNudge((nudge) => nudges.push(nudge));
    expect(await world.call('DeleteDevice', { IotId: iotId })).toEqual({});
    expect(nudges).toEqual([{ kind: 'kick', deviceIds: [iotId] }]);
    const { read } = world.deps.engine;
    for (const table of ['presence', 'module_version', 'device_group_member'] as const) {
      expect(await read.selectFrom(table).select('device_id').execute()).toEqual([{ device_id: kept.iotId }]);
    }
    expect(await deviceCount()).toBe(1);
    expect(await world.refused('GetDeviceStatus', { IotId: iotId })).toBe('device.invalidIotId');
    expect(await world.refused('DeleteDevice', { ProductKey: key, DeviceName: 'dev1' })).toBe('device.notFound');
    expect((await world.newDevice(key, 'dev1')).iotId).not.toBe(iotId);
  });

  test('DeleteDevice cancels what the device still had to do and says why', async () => {
    const { iotId } = await world.newDevice(key, 'dev1');
    await world.deps.engine.transaction(async (tx) => {
      await tx.bulkInsert('task', [
        task(0, iotId, 'QUEUED', 'default'),
        task(1, iotId, 'SUCCEEDED', null),
        task(2, 'another', 'QUEUED', 'default'),
      ]);
      await tx.bulkInsert('task_count', [
        { job_id: 'job', status: 'QUEUED', block: 0, count: 2 },
        { job_id: 'job', status: 'SUCCEEDED', block: 0, count: 1 },
      ]);
    });
    await world.call('DeleteDevice', { IotId: iotId });
    const tasks = await world.deps.engine.read
      .selectFrom('task')
      .select(['seq', 'status', 'description', 'active_module'])
      .orderBy('seq')
      .execute();
    expect(tasks).toEqual([
      { seq: 0, status: 'CANCELED', description: expect.stringMatching(/deleted/), active_module: null },
      { seq: 1, status: 'SUCCEEDED', description: '', active_module: null },
      { seq: 2, status: 'QUEUED', description: '', active_module: 'default' },
    ]);
  });

  function task(seq: number, deviceId: string, status: 'QUEUED' | 'SUCCEEDED', module: string | null) {
    return {
      job_id: 'job',
      seq,
      device_id: deviceId,
      device_name: `dev${seq}`,
      src_version: '1.0',
      status,
      description: '',
      progress: 0,
      active_module: module,
      retries: 0,
      created_at: TEST_START,
      modified_at: TEST_START,
      first_progress_at: null,
      retry_at: null,
      due_at: null,
      attempts: 0,
    };
  }

  test('a scope is needed to see a device, not its ids only', async () => {
    const { iotId } = await world.newDevice(key, 'dev1');
    const stranger = await newScope(world.deps);
    expect(await world.refused('DeleteDevice', { IotId: iotId }, stranger)).toBe('device.invalidIotId');
    expect(await world.refused('DeleteDevice', { ProductKey: key, DeviceName: 'dev1' }, stranger)).toBe(
      'product.notFound',
    );
    expect(await deviceCount()).toBe(1);
  });
});
