import { beforeEach, expect, test } from 'vitest';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type World } from './world.ts';

const DYNAMIC = 'LINK_PLATFORM_DYNAMIC';
const UNKNOWN_GROUP = 'Q7uOhVRdZRRlDnTL';

eachEngine('dynamic groups', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
  });

  let groups = 0;
  const group = async (DynamicGroupExpression: string, GroupName = `dynamic_${++groups}`) =>
    (await world.call('CreateDeviceDynamicGroup', { GroupName, DynamicGroupExpression })).Data.GroupId;
  const found = async (GroupId: string, more: object = {}) =>
    (await world.call('QueryDynamicGroupDevices', { GroupId, ...more })).Data.SimpleDeviceInfo.map(
      (device) => device.DeviceName,
    );
  const tag = (DeviceName: string, props: object) =>
    world.call('SaveDeviceProp', { ProductKey: key, DeviceName, Props: JSON.stringify(props) });

  test('CreateDeviceDynamicGroup answers with the group and its rule', async () => {
    const { Data } = await world.call('CreateDeviceDynamicGroup', {
      GroupName: '路灯_1',
      GroupDesc: 'on the road',
      DynamicGroupExpression: 'product_key = "a1Lamp00001" and name LIKE "test%"',
    });
    expect(Data).toEqual({
      GroupId: expect.stringMatching(/^[0-9A-Za-z]{16}$/),
      GroupName: '路灯_1',
      GroupDesc: 'on the road',
      DynamicGroupExpression: 'product_key = "a1Lamp00001" and name LIKE "test%"',
      UtcCreate: '2030-01-01T00:00:00.000Z',
    });
  });

  test.each([
    ['group.invalidName', { GroupName: 'abc' }],
    ['group.longDescription', { GroupDesc: '灯'.repeat(101) }],
    ['common.invalidParameter', { GroupDesc: 'half \ud800' }],
    ['search.syntax', { DynamicGroupExpression: '' }],
    ['search.syntax', { DynamicGroupExpression: 'name = "half \ud800"' }],
    ['search.field', { DynamicGroupExpression: 'color = "red"' }],
    ['search.operator', { DynamicGroupExpression: 'name > "a"' }],
    ['search.parameter', { DynamicGroupExpression: 'status = "ON"' }],
    ['search.order', { DynamicGroupExpression: 'name = "a" order by name' }],
    ['search.offset', { DynamicGroupExpression: 'name = "a" limit 10' }],
    ['search.condition', { DynamicGroupExpression: Array(6).fill('name = "a"').join(' or ') }],
  ])('CreateDeviceDynamicGroup is refused with %s for %j', async (refusal, wrong) => {
    const request = { GroupName: 'roads', DynamicGroupExpression: 'name = "a"', ...wrong };
    expect(await world.refused('CreateDeviceDynamicGroup', request)).toBe(refusal);
  });

  test('there are ten dynamic groups at most, however many static ones', async () => {
    await world.newGroup();
    for (let index = 0; index < 8; index += 1) await group('name = "a"');
    const results = await world.atOnce(
      Array.from({ length: 5 }, (_, index) => () => group('name = "a"', `last_${index}`)),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(2);
    const refused = world.refused('CreateDeviceDynamicGroup', {
      GroupName: 'eleven',
      DynamicGroupExpression: 'name = "a"',
    });
    expect(await refused).toBe('group.countExceeded');
    await world.newGroup();
  });

  test('a name belongs to one group of either kind', async () => {
    await world.newGroup('roads');
    const request = { GroupName: 'roads', DynamicGroupExpression: 'name = "a"' };
    expect(await world.refused('CreateDeviceDynamicGroup', request)).toBe('group.nameTaken');
    await world.call('CreateDeviceDynamicGroup', request, await newScope(world.deps));
  });

  test('a group holds what its rule finds at the moment, in its own instance', async () => {
    const red = await group('tag.tag_name = "color" and tag.tag_value = "red"');
    const lamps = await group(`product_key = "${key}" and name like "dev%"`);
    for (const name of ['dev1', 'dev2', 'other']) await world.newDevice(key, name);
    expect(await found(red)).toEqual([]);
    await tag('dev1', { color: 'red', city: 'Rome' });
    await tag('other', { color: 'blue' });
    expect(await found(red)).toEqual(['dev1']);
    await tag('dev1', { color: 'blue' });
    expect(await found(red)).toEqual([]);
    expect(await found(lamps)).toEqual(['dev2', 'dev1']);
    const stranger = await newScope(world.deps);
    const theirs = await world.call(
      'CreateDeviceDynamicGroup',
      { GroupName: 'roads', DynamicGroupExpression: `product_key = "${key}"` },
      stranger,
    );
    const { Total } = await world.call('QueryDynamicGroupDevices', { GroupId: theirs.Data.GroupId }, stranger);
    expect(Total).toBe(0);
    expect(await world.refused('QueryDynamicGroupDevices', { GroupId: red }, stranger)).toBe('group.notFound');
  });

  test('QueryDynamicGroupDevices tells of each device what the SDK knows', async () => {
    const { iotId } = await world.newDevice(key, 'dev1');
    const GroupId = await group(`product_key = "${key}"`);
    expect(await world.call('QueryDynamicGroupDevices', { GroupId })).toEqual({
      Page: 1,
      PageCount: 1,
      PageSize: 10,
      Total: 1,
      NextToken: '',
      Data: {
        SimpleDeviceInfo: [
          {
            IotId: iotId,
            ProductKey: key,
            ProductName: 'lamp',
            CategoryKey: '',
            NodeType: 0,
            DeviceName: 'dev1',
            Nickname: '',
            Status: 'UNACTIVE',
            ActiveTime: '',
            UtcActiveTime: '',
            LastOnlineTime: '',
            UtcLastOnlineTime: '',
          },
        ],
      },
    });
  });

  test('QueryDynamicGroupDevices walks all devices by page and by token, of several products', async () => {
    const other = await world.newProduct();
    const names: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      names.unshift((await world.newDevice(index % 2 ? key : other, `dev-${index}`)).name);
    }
    const GroupId = await group('name like "dev-%"');
    const byPage: string[] = [];
    for (let page = 1; page <= 4; page += 1) byPage.push(...(await found(GroupId, { CurrentPage: page, PageSize: 2 })));
    expect(byPage).toEqual(names);
    const byToken: string[] = [];
    let NextToken = '';
    do {
      const page = await world.call('QueryDynamicGroupDevices', { GroupId, PageSize: 2, NextToken });
      expect(page).toMatchObject({ Total: 5, PageCount: 3 });
      byToken.push(...page.Data.SimpleDeviceInfo.map((device) => device.DeviceName));
      NextToken = page.NextToken;
    } while (NextToken !== '');
    expect(byToken).toEqual(names);
  });

  test('QueryDynamicGroupDevices can be limited by product, name, beginning of a name and status', async () => {
    const other = await world.newProduct();
    await world.newDevice(key, 'device-1');
    await world.newDevice(other, 'device-2');
    await world.call('DisableThing', { ProductKey: other, DeviceName: 'device-2' });
    const GroupId = await group('name like "dev%"');
    expect(await found(GroupId, { ProductKey: key })).toEqual(['device-1']);
    expect(await found(GroupId, { DeviceName: 'device-2' })).toEqual(['device-2']);
    expect(await found(GroupId, { DeviceName: 'device' })).toEqual([]);
    expect(await found(GroupId, { DeviceName: 'device', FuzzyName: true })).toEqual(['device-2', 'device-1']);
    expect(await found(GroupId, { Status: 'DISABLE' })).toEqual(['device-2']);
    const refused = (more: object) => world.refused('QueryDynamicGroupDevices', { GroupId, ...more });
    expect(await refused({ PageSize: 201 })).toBe('common.invalidPage');
    expect(await refused({ Status: 'ON' })).toBe('common.invalidParameter');
    expect(await refused({ ProductKey: 'a1' })).toBe('product.malformedKey');
    expect(await refused({ ProductKey: 'a1Unknown01' })).toBe('product.notFound');
    expect(await refused({ DeviceName: 'devi', FuzzyName: true })).toBe('device.malformedName');
    expect(await refused({ DeviceName: 'no' })).toBe('device.malformedName');
    expect(await refused({ NextToken: '?' })).toBe('device.illegalPageToken');
    expect(await refused({ GroupId: '' })).toBe('group.nullId');
  });

  test('a group is found by those that ask for its kind, static ones by default', async () => {
    const roads = await world.newGroup('roads');
    const GroupId = await group('name = "dev1"', 'lamps');
    const list = async (GroupTypes?: string[]) =>
      (await world.call('QueryDeviceGroupList', { GroupTypes })).Data.GroupInfo.map((one) => one.GroupType).sort();
    expect(await list()).toEqual(['LINK_PLATFORM']);
    expect(await list([DYNAMIC])).toEqual([DYNAMIC]);
    expect(await list(['LINK_PLATFORM', DYNAMIC])).toEqual(['LINK_PLATFORM', DYNAMIC]);
    const members = { GroupId, Device: [{ ProductKey: key, DeviceName: 'dev1' }] };
    expect(await world.refused('QueryDeviceGroupInfo', { GroupId })).toBe('group.notFound');
    expect(await world.refused('UpdateDeviceGroup', { GroupId, GroupDesc: 'x' })).toBe('group.notFound');
    expect(await world.refused('DeleteDeviceGroup', { GroupId })).toBe('group.notFound');
    expect(await world.refused('QueryDeviceListByDeviceGroup', { GroupId })).toBe('group.notFound');
    expect(await world.refused('QuerySuperDeviceGroup', { GroupId })).toBe('group.notFound');
    expect(await world.refused('BatchAddDeviceGroupRelations', members)).toBe('group.notFound');
    expect(await world.refused('BatchDeleteDeviceGroupRelations', members)).toBe('group.notFound');
    expect(await world.refused('CreateDeviceGroup', { GroupName: 'inner', SuperGroupId: GroupId })).toBe(
      'group.unfitParent',
    );
    expect(await world.refused('DeleteDeviceDynamicGroup', { GroupId: roads })).toBe('group.notFound');
    expect(await world.refused('QueryDynamicGroupDevices', { GroupId: roads })).toBe('group.notFound');
    expect(await world.refused('QueryDeviceGroupInfo', { GroupId: roads, GroupType: DYNAMIC })).toBe('group.notFound');
    await world.call('UpdateDeviceGroup', { GroupId, GroupDesc: 'all lamps', GroupType: DYNAMIC });
    const { Data } = await world.call('QueryDeviceGroupInfo', { GroupId, GroupType: DYNAMIC });
    expect(Data.GroupDesc).toBe('all lamps');
  });

  test('a group is counted, and told of its devices, by its rule', async () => {
    const listed = await world.newGroup('roads');
    await world.newDevice(key, 'dev1');
    await world.newDevice(await world.newProduct(), 'dev1');
    await world.call('BatchAddDeviceGroupRelations', {
      GroupId: listed,
      Device: [{ ProductKey: key, DeviceName: 'dev1' }],
    });
    await world.clock.advance(1);
    const byName = await group('name = "dev1"');
    const byGroup = await group(`group.group_id = "${listed}"`);
    const info = async (GroupId: string) =>
      (await world.call('QueryDeviceGroupInfo', { GroupId, GroupType: DYNAMIC })).Data;
    expect(await info(byName)).toMatchObject({
      DynamicGroupExpression: 'name = "dev1"',
      DeviceCount: 2,
      DeviceActive: 0,
      DeviceOnline: 0,
    });
    expect((await info(byGroup)).DeviceCount).toBe(1);
    expect((await world.call('QueryDeviceStatistics', { GroupId: byName, ProductKey: key })).Data.deviceCount).toBe(1);
    const { GroupInfos } = await world.call('QueryDeviceGroupByDevice', { ProductKey: key, DeviceName: 'dev1' });
    expect(GroupInfos.GroupInfo.map((one) => one.GroupId).sort()).toEqual([listed, byName, byGroup].sort());
    expect(GroupInfos.GroupInfo.at(-1)).toMatchObject({ GroupId: listed, GroupType: 'LINK_PLATFORM' });
  });

  test('DeleteDeviceDynamicGroup leaves the devices', async () => {
    await world.newDevice(key, 'dev1');
    const GroupId = await group('name = "dev1"');
    await world.call('DeleteDeviceDynamicGroup', { GroupId });
    expect(await world.refused('DeleteDeviceDynamicGroup', { GroupId })).toBe('group.notFound');
    expect(await world.refused('DeleteDeviceDynamicGroup', { GroupId: '' })).toBe('group.nullId');
    expect(await world.refused('DeleteDeviceDynamicGroup', { GroupId: UNKNOWN_GROUP })).toBe('group.notFound');
    await world.call('QueryDeviceDetail', { ProductKey: key, DeviceName: 'dev1' });
  });
});
