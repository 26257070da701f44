import { beforeEach, expect, test } from 'vitest';
import type { Scope } from '../../../src/domain/deps.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type World } from './world.ts';

const UNKNOWN_GROUP = 'Q7uOhVRdZRRlDnTL';

eachEngine('groups', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
  });

  const add = (GroupId: string, ...names: string[]) =>
    world.call('BatchAddDeviceGroupRelations', {
      GroupId,
      Device: names.map((DeviceName) => ({ ProductKey: key, DeviceName })),
    });
  async function allDone<T>(work: (() => Promise<T>)[]): Promise<T[]> {
    return (await world.atOnce(work)).map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }
  const counts = (answer: Awaited<ReturnType<typeof add>>) => [
    answer.ValidDeviceCount,
    answer.SuccessAddedDeviceCount,
    answer.AlreadyRelatedGroupDeviceCount,
    answer.ExceedTenGroupDeviceCount,
  ];

  test('CreateDeviceGroup answers with the group', async () => {
    const { Data } = await world.call('CreateDeviceGroup', { GroupName: '路灯_1', GroupDesc: 'on the road' });
    expect(Data).toEqual({
      GroupId: expect.stringMatching(/^[0-9A-Za-z]{16}$/),
      GroupName: '路灯_1',
      GroupDesc: 'on the road',
      UtcCreate: '2030-01-01T00:00:00.000Z',
    });
  });

  test.each([
    ['group.invalidName', { GroupName: '' }],
    ['group.invalidName', { GroupName: 'abc' }],
    ['group.invalidName', { GroupName: 'a-b-c' }],
    ['group.invalidName', { GroupName: 'abcd\0' }],
    ['group.longDescription', { GroupDesc: '灯'.repeat(101) }],
    ['common.invalidParameter', { GroupDesc: 'half \ud800' }],
    ['group.notFound', { SuperGroupId: UNKNOWN_GROUP }],
    ['group.notFound', { SuperGroupId: 'nul\0' }],
  ])('CreateDeviceGroup is refused with %s for %j', async (refusal, wrong) => {
    expect(await world.refused('CreateDeviceGroup', { GroupName: 'roads', ...wrong })).toBe(refusal);
  });

  test('a group name is unique in its instance only', async () => {
    await world.newGroup('roads');
    expect(await world.refused('CreateDeviceGroup', { GroupName: 'roads' })).toBe('group.nameTaken');
    await world.call('CreateDeviceGroup', { GroupName: 'roads' }, await newScope(world.deps));
  });

  test('groups nest in three levels', async () => {
    const second = await world.newGroup('second', await world.newGroup('first'));
    const third = await world.newGroup('third', second);
    expect(await world.refused('CreateDeviceGroup', { GroupName: 'fourth', SuperGroupId: third })).toBe(
      'group.tooDeep',
    );
  });

  test('a group has at most 100 groups in it', async () => {
    const parent = await world.newGroup();
    for (let index = 0; index < 100; index += 1) await world.newGroup(undefined, parent);
    const refused = await world.refused('CreateDeviceGroup', { GroupName: 'one_more', SuperGroupId: parent });
    expect(refused).toBe('group.countExceeded');
  });

  test('callers at the same time cannot make more groups than the limit', async () => {
    world.limit({ groups: 3 });
    const results = await world.atOnce(Array.from({ length: 8 }, () => () => world.newGroup()));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(3);
    expect(await world.refused('CreateDeviceGroup', { GroupName: 'roads' })).toBe('group.countExceeded');
  });

  test('QueryDeviceGroupList walks all groups, newest first', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      ids.unshift(await world.newGroup());
      await world.clock.advance(1);
    }
    const seen: string[] = [];
    for (let page = 1; page <= 4; page += 1) {
      const answer = await world.call('QueryDeviceGroupList', { CurrentPage: page, PageSize: 2 });
      expect(answer).toMatchObject({ CurrentPage: page, PageSize: 2, PageCount: 3, Total: 5 });
      seen.push(...answer.Data.GroupInfo.map((group) => group.GroupId));
    }
    expect(seen).toEqual(ids);
  });

  test('QueryDeviceGroupList can be limited by exact name, parent and type', async () => {
    const parent = await world.newGroup('roads');
    const child = await world.newGroup('roads_1', parent);
    const list = async (request: { GroupName?: string; SuperGroupId?: string; GroupTypes?: string[] }) =>
      (await world.call('QueryDeviceGroupList', request)).Data.GroupInfo.map((group) => group.GroupId).sort();
    expect(await list({})).toEqual([parent, child].sort());
    expect(await list({ GroupName: '', SuperGroupId: '', GroupTypes: [] })).toEqual([parent, child].sort());
    expect(await list({ GroupName: 'roads' })).toEqual([parent]);
    expect(await list({ GroupName: 'no\0name' })).toEqual([]);
    expect(await list({ SuperGroupId: parent })).toEqual([child]);
    expect(await list({ SuperGroupId: parent, GroupName: 'roads' })).toEqual([]);
    expect(await list({ GroupTypes: ['LINK_PLATFORM', 'LINK_PLATFORM_DYNAMIC'] })).toHaveLength(2);
    expect(await list({ GroupTypes: ['LINK_PLATFORM_DYNAMIC'] })).toEqual([]);
  });

  test('QueryDeviceGroupList tells of each group what the reference lists', async () => {
    const id = await world.newGroup('roads');
    expect(await world.call('QueryDeviceGroupList', {})).toEqual({
      CurrentPage: 1,
      PageCount: 1,
      PageSize: 10,
      Total: 1,
      Data: {
        GroupInfo: [
          {
            GroupId: id,
            GroupName: 'roads',
            GroupDesc: '',
            GroupType: 'LINK_PLATFORM',
            UtcCreate: '2030-01-01T00:00:00.000Z',
          },
        ],
      },
    });
  });

  test('QueryDeviceGroupList refuses bad pages, types and parents', async () => {
    const refused = (request: object) => world.refused('QueryDeviceGroupList', request);
    for (const page of [{ CurrentPage: 0 }, { CurrentPage: -1 }, { PageSize: 0 }, { PageSize: 201 }]) {
      expect(await refused(page)).toBe('common.invalidPage');
    }
    expect(await refused({ GroupTypes: ['x'] })).toBe('common.invalidParameter');
    expect(await refused({ GroupTypes: Array.from({ length: 3 }, () => 'LINK_PLATFORM') })).toBe(
      'common.invalidParameter',
    );
    expect(await refused({ SuperGroupId: UNKNOWN_GROUP })).toBe('group.notFound');
  });

  test('BatchAddDeviceGroupRelations counts valid, added and earlier devices and says so in a sentence', async () => {
    const group = await world.newGroup();
    for (const name of ['dev1', 'dev2', 'dev3']) await world.newDevice(key, name);
    const first = await add(group, 'dev1', 'dev1', 'nobody');
    expect(counts(first)).toEqual([1, 1, 0, 0]);
    const second = await add(group, 'dev1', 'dev2', 'dev3', 'nobody');
    expect(counts(second)).toEqual([3, 2, 1, 0]);
    expect(second.ErrorMessage).toBe('Valid devices: 3. Added: 2. Already in the group: 1. In too many groups: 0.');
    expect(counts(await add(group, 'nobody'))).toEqual([0, 0, 0, 0]);
  });

  test('BatchAddDeviceGroupRelations takes devices of several products; an unknown product is no failure', async () => {
    const other = await world.newProduct();
    await world.newDevice(key, 'dev1');
    await world.newDevice(other, 'dev2');
    const answer = await world.call('BatchAddDeviceGroupRelations', {
      GroupId: await world.newGroup(),
      Device: [
        { ProductKey: key, DeviceName: 'dev1' },
        { ProductKey: key, DeviceName: 'dev2' },
        { ProductKey: other, DeviceName: 'dev1' },
        { ProductKey: other, DeviceName: 'dev2' },
        { ProductKey: 'a1TestKey01', DeviceName: 'dev1' },
      ],
    });
    expect(counts(answer)).toEqual([2, 2, 0, 0]);
  });

  test('a device of another account is as unknown as any other', async () => {
    await world.newDevice(key, 'dev1');
    const stranger = await newScope(world.deps);
    const { Data } = await world.call('CreateDeviceGroup', { GroupName: 'roads' }, stranger);
    const Device = [{ ProductKey: key, DeviceName: 'dev1' }];
    const answer = await world.call('BatchAddDeviceGroupRelations', { GroupId: Data.GroupId, Device }, stranger);
    expect(counts(answer)).toEqual([0, 0, 0, 0]);
  });

  test('a device is in ten groups at most, also when it is added to several at the same time', async () => {
    await world.newDevice(key, 'dev1');
    const groups: string[] = [];
    for (let index = 0; index < 14; index += 1) groups.push(await world.newGroup());
    for (const group of groups.splice(0, 6)) await add(group, 'dev1');
    const answers = await allDone(groups.map((group) => () => add(group, 'dev1')));
    const sum = answers.map(counts).reduce((total, one) => total.map((value, index) => value + (one[index] ?? 0)));
    expect(sum).toEqual([8, 4, 0, 4]);
    const full = groups[answers.findIndex((answer) => answer.ExceedTenGroupDeviceCount === 1)] ?? '';
    const earlier = groups[answers.findIndex((answer) => answer.SuccessAddedDeviceCount === 1)] ?? '';
    expect(counts(await add(full, 'dev1'))).toEqual([1, 0, 0, 1]);
    expect(counts(await add(earlier, 'dev1'))).toEqual([1, 0, 1, 0]);
  });

  test('a group that would hold too many devices takes none of the call', async () => {
    world.limit({ devicesPerGroup: 2 });
    const group = await world.newGroup();
    for (const name of ['dev1', 'dev2', 'dev3']) await world.newDevice(key, name);
    await add(group, 'dev1');
    await expect(add(group, 'dev2', 'dev3')).rejects.toMatchObject({ key: 'group.bindFailed' });
    expect(counts(await add(group, 'dev1', 'dev2'))).toEqual([2, 1, 1, 0]);
    await expect(add(group, 'dev3')).rejects.toMatchObject({ key: 'group.bindFailed' });
  });

  test('callers at the same time cannot put more devices into a group than the limit', async () => {
    world.limit({ devicesPerGroup: 3 });
    const group = await world.newGroup();
    const devices = await Promise.all(Array.from({ length: 8 }, () => world.newDevice(key)));
    const results = await world.atOnce(
      devices.map(
        ({ name }) =>
          () =>
            add(group, name),
      ),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(3);
  });

  test('the same devices added by many callers at the same time are added once', async () => {
    const group = await world.newGroup();
    const names = ['dev1', 'dev2', 'dev3'];
    for (const name of names) await world.newDevice(key, name);
    const answers = await allDone(
      Array.from({ length: 8 }, (_, index) => () => add(group, ...(index % 2 ? names : names.toReversed()))),
    );
    expect(answers.reduce((sum, answer) => sum + answer.SuccessAddedDeviceCount, 0)).toBe(3);
    expect(answers.reduce((sum, answer) => sum + answer.AlreadyRelatedGroupDeviceCount, 0)).toBe(21);
  });

  test('BatchAddDeviceGroupRelations refuses bad groups and lists', async () => {
    const group = await world.newGroup();
    const refused = (Device: { ProductKey: string; DeviceName: string }[], GroupId = group) =>
      world.refused('BatchAddDeviceGroupRelations', { GroupId, Device });
    const good = { ProductKey: key, DeviceName: 'dev1' };
    expect(await refused([good], '')).toBe('group.nullId');
    expect(await refused([good], UNKNOWN_GROUP)).toBe('group.notFound');
    expect(await refused([good], 'nul\0')).toBe('group.notFound');
    expect(await refused([])).toBe('device.noNames');
    expect(await refused(Array.from({ length: 201 }, () => good))).toBe('device.tooManyNames');
    expect(await refused(Array.from({ length: 10_000 }, () => good))).toBe('device.tooManyNames');
    expect(await refused([{ ...good, ProductKey: '' }])).toBe('product.nullKey');
    expect(await refused([{ ...good, ProductKey: 'a1' }])).toBe('product.malformedKey');
    expect(await refused([{ ...good, DeviceName: '' }])).toBe('device.nullName');
    expect(await refused([{ ...good, DeviceName: 'dev 1' }])).toBe('device.malformedName');
    expect(counts(await add(group, ...Array.from({ length: 200 }, (_, index) => `dev${index}x`)))).toEqual([
      0, 0, 0, 0,
    ]);
  });

  test('200 devices of 200 products are one call', async () => {
    const Device = Array.from({ length: 200 }, (_, index) => ({
      ProductKey: `k0${String(index).padStart(9, '0')}`,
      DeviceName: 'dev1',
    }));
    const answer = await world.call('BatchAddDeviceGroupRelations', { GroupId: await world.newGroup(), Device });
    expect(counts(answer)).toEqual([0, 0, 0, 0]);
  });

  test('QueryDeviceListByDeviceGroup walks the devices of a group, newest first', async () => {
    const group = await world.newGroup();
    const child = await world.newGroup(undefined, group);
    const devices: { IotId: string; ProductKey: string; ProductName: string; DeviceName: string }[] = [];
    for (let index = 0; index < 5; index += 1) {
      const { iotId, name } = await world.newDevice(key);
      devices.unshift({ IotId: iotId, ProductKey: key, ProductName: 'lamp', DeviceName: name });
    }
    await add(group, ...devices.map((device) => device.DeviceName));
    await add(child, (await world.newDevice(key)).name);
    const seen: object[] = [];
    for (let page = 1; page <= 4; page += 1) {
      const answer = await world.call('QueryDeviceListByDeviceGroup', {
        GroupId: group,
        CurrentPage: page,
        PageSize: 2,
      });
      expect(answer).toMatchObject({ Page: page, PageSize: 2, PageCount: 3, Total: 5 });
      seen.push(...answer.Data.SimpleDeviceInfo);
    }
    expect(seen).toEqual(devices);
  });

  test('QueryDeviceListByDeviceGroup of an empty group keeps its wrapper', async () => {
    expect(await world.call('QueryDeviceListByDeviceGroup', { GroupId: await world.newGroup() })).toEqual({
      Page: 1,
      PageSize: 10,
      PageCount: 0,
      Total: 0,
      Data: { SimpleDeviceInfo: [] },
    });
  });

  test('QueryDeviceListByDeviceGroup refuses bad groups and pages', async () => {
    const GroupId = await world.newGroup();
    const refused = (request: { GroupId: string; CurrentPage?: number; PageSize?: number }) =>
      world.refused('QueryDeviceListByDeviceGroup', request);
    expect(await refused({ GroupId: '' })).toBe('group.nullId');
    expect(await refused({ GroupId: UNKNOWN_GROUP })).toBe('group.notFound');
    expect(await refused({ GroupId: '0'.repeat(100_000) })).toBe('group.notFound');
    for (const page of [{ CurrentPage: 0 }, { CurrentPage: -1 }, { PageSize: 0 }, { PageSize: 201 }]) {
      expect(await refused({ GroupId, ...page })).toBe('common.invalidPage');
    }
  });

  test('UpdateDeviceGroup replaces, keeps or clears the description', async () => {
    const { GroupId } = (await world.call('CreateDeviceGroup', { GroupName: 'roads', GroupDesc: 'all' })).Data;
    const description = async () => (await world.call('QueryDeviceGroupInfo', { GroupId })).Data.GroupDesc;
    expect(await world.call('UpdateDeviceGroup', { GroupId, GroupDesc: '路灯', GroupType: 'LINK_PLATFORM' })).toEqual(
      {},
    );
    expect(await description()).toBe('路灯');
    await world.call('UpdateDeviceGroup', { GroupId });
    expect(await description()).toBe('路灯');
    await world.call('UpdateDeviceGroup', { GroupId, GroupDesc: '' });
    expect(await description()).toBe('');
  });

  test.each([
    ['group.nullId', { GroupId: '' }],
    ['group.notFound', { GroupId: UNKNOWN_GROUP }],
    ['group.notFound', { GroupType: 'LINK_PLATFORM_DYNAMIC' }],
    ['common.invalidParameter', { GroupType: 'x' }],
    ['group.longDescription', { GroupDesc: 'a'.repeat(101) }],
    ['common.invalidParameter', { GroupDesc: 'half \ud800' }],
  ])('UpdateDeviceGroup is refused with %s for %j', async (refusal, wrong) => {
    const GroupId = await world.newGroup();
    expect(await world.refused('UpdateDeviceGroup', { GroupId, GroupDesc: 'new', ...wrong })).toBe(refusal);
  });

  test('DeleteDeviceGroup leaves the devices, and is refused while there are groups in the group', async () => {
    const parent = await world.newGroup('parent');
    const child = await world.newGroup('child', parent);
    await world.newDevice(key, 'dev1');
    await add(child, 'dev1');
    expect(await world.refused('DeleteDeviceGroup', { GroupId: parent })).toBe('group.hasSubgroups');
    expect(await world.call('DeleteDeviceGroup', { GroupId: child })).toEqual({});
    await world.call('DeleteDeviceGroup', { GroupId: parent });
    expect(await world.refused('DeleteDeviceGroup', { GroupId: parent })).toBe('group.notFound');
    expect((await world.call('QueryDevice', { ProductKey: key })).Total).toBe(1);
    expect(await world.call('QueryDeviceGroupByDevice', { ProductKey: key, DeviceName: 'dev1' })).toEqual({
      GroupInfos: { GroupInfo: [] },
    });
    await world.newGroup('parent');
  });

  test('a group is either deleted or gets the group that is made in it at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const GroupId = await world.newGroup();
      const [deleted, made] = await world.atOnce<unknown>([
        () => world.call('DeleteDeviceGroup', { GroupId }),
        () => world.newGroup(undefined, GroupId),
      ]);
      expect([deleted?.status, made?.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });

  test('QueryDeviceGroupInfo counts the devices directly in the group', async () => {
    const { Data } = await world.call('CreateDeviceGroup', { GroupName: 'roads', GroupDesc: 'all' });
    const { GroupId } = Data;
    const child = await world.newGroup('child', GroupId);
    for (const name of ['dev1', 'dev2', 'dev3']) await world.newDevice(key, name);
    await add(GroupId, 'dev1', 'dev2');
    await add(child, 'dev3');
    await world.deps.engine.transaction(({ db }) =>
      db.updateTable('device').set({ status: 1, active_at: 1 }).where('name', '=', 'dev1').execute(),
    );
    expect((await world.call('QueryDeviceGroupInfo', { GroupId, GroupType: 'LINK_PLATFORM' })).Data).toEqual({
      ...Data,
      DynamicGroupExpression: '',
      DeviceCount: 2,
      DeviceActive: 1,
      DeviceOnline: 1,
    });
    const refused = (request: object) => world.refused('QueryDeviceGroupInfo', { GroupId, ...request });
    expect(await refused({ GroupType: 'LINK_PLATFORM_DYNAMIC' })).toBe('group.notFound');
    expect(await refused({ GroupType: 'x' })).toBe('common.invalidParameter');
    expect(await refused({ GroupId: UNKNOWN_GROUP })).toBe('group.notFound');
  });

  test('BatchDeleteDeviceGroupRelations takes out what is in the group and tells the rest apart', async () => {
    const GroupId = await world.newGroup();
    for (const name of ['dev1', 'dev2', 'dev3']) await world.newDevice(key, name);
    await add(GroupId, 'dev1', 'dev2');
    const remove = (...names: string[]) =>
      world.call('BatchDeleteDeviceGroupRelations', {
        GroupId,
        Device: names.map((DeviceName) => ({ ProductKey: key, DeviceName })),
      });
    expect(await remove('dev1', 'dev1', 'dev3', 'nobody')).toEqual({
      ValidDeviceCount: 2,
      SuccessDeviceCount: 1,
      AlreadyRelatedGroupDeviceCount: 1,
    });
    expect(await remove('nobody')).toMatchObject({ ValidDeviceCount: 0, SuccessDeviceCount: 0 });
    const { Data } = await world.call('QueryDeviceListByDeviceGroup', { GroupId });
    expect(Data.SimpleDeviceInfo.map((device) => device.DeviceName)).toEqual(['dev2']);
    const refused = (request: object) =>
      world.refused('BatchDeleteDeviceGroupRelations', {
        GroupId,
        Device: [{ ProductKey: key, DeviceName: 'dev1' }],
        ...request,
      });
    expect(await refused({ GroupId: UNKNOWN_GROUP })).toBe('group.notFound');
    expect(await refused({ Device: [] })).toBe('device.noNames');
    const many = Array.from({ length: 201 }, () => ({ ProductKey: key, DeviceName: 'dev1' }));
    expect(await refused({ Device: many })).toBe('device.tooManyNames');
  });

  test('QuerySuperDeviceGroup tells the parent, and nothing for a group at the top', async () => {
    const parent = await world.newGroup('parent');
    const child = await world.newGroup('child', parent);
    expect(await world.call('QuerySuperDeviceGroup', { GroupId: child })).toEqual({
      Data: { GroupInfo: [{ GroupId: parent, GroupName: 'parent', GroupDesc: '' }] },
    });
    expect(await world.call('QuerySuperDeviceGroup', { GroupId: parent })).toEqual({ Data: { GroupInfo: [] } });
    expect(await world.refused('QuerySuperDeviceGroup', { GroupId: UNKNOWN_GROUP })).toBe('group.notFound');
  });

  test('QueryDeviceGroupByDevice lists the groups of a device, newest first', async () => {
    const older = await world.newGroup('older');
    await world.clock.advance(1_000);
    const newer = await world.newGroup('newer');
    await world.newGroup('without');
    await world.newDevice(key, 'dev1');
    await add(older, 'dev1');
    await add(newer, 'dev1');
    const device = { ProductKey: key, DeviceName: 'dev1' };
    const { GroupInfos } = await world.call('QueryDeviceGroupByDevice', device);
    expect(GroupInfos.GroupInfo).toEqual([
      expect.objectContaining({ GroupId: newer, GroupName: 'newer', GroupType: 'LINK_PLATFORM' }),
      expect.objectContaining({ GroupId: older, UtcCreate: '2030-01-01T00:00:00.000Z' }),
    ]);
    const refused = (request: object, scope?: Scope) =>
      world.refused('QueryDeviceGroupByDevice', { ...device, ...request }, scope);
    expect(await refused({ DeviceName: 'nobody' })).toBe('device.notFound');
    expect(await refused({}, await newScope(world.deps))).toBe('product.notFound');
  });
});
