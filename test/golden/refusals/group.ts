import { member } from '../story.ts';
import { newDevice, newProduct, type Refuser, refuseDevices } from './refuser.ts';

const UNREADABLE = '\u0001';

export async function refusalsOfGroups(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const productKey = await newProduct(refuser);
  await newDevice(refuser, productKey, 'device-1');
  const nested = async (name: string, superGroup: string) =>
    member(await world.call('CreateDeviceGroup', { GroupName: name, SuperGroupId: superGroup }), 'GroupId');
  const top = member(await world.call('CreateDeviceGroup', { GroupName: 'first' }), 'GroupId');
  const lowest = await nested('third', await nested('second', top));

  const fresh = { GroupName: 'fresh' };
  await refuse('a malformed name', 'CreateDeviceGroup', { GroupName: 'two words' });
  await refuse('a long description', 'CreateDeviceGroup', { ...fresh, GroupDesc: 'x'.repeat(101) });
  await refuse('a character that XML cannot carry', 'CreateDeviceGroup', { ...fresh, GroupDesc: UNREADABLE });
  await refuse('in an unknown group', 'CreateDeviceGroup', { ...fresh, SuperGroupId: 'nothing' });
  await refuse('a fourth level', 'CreateDeviceGroup', { ...fresh, SuperGroupId: lowest });
  await refuse('one too many', 'CreateDeviceGroup', fresh, { limits: { groups: 3 } });

  const one = { 'Device.1.ProductKey': productKey, 'Device.1.DeviceName': 'device-1' };
  const many = Array.from({ length: 201 }, (_, index) => [
    [`Device.${index + 1}.ProductKey`, productKey],
    [`Device.${index + 1}.DeviceName`, `device-${index}`],
  ]);
  for (const action of ['BatchAddDeviceGroupRelations', 'BatchDeleteDeviceGroupRelations']) {
    await refuse('an empty GroupId', action, { ...one, GroupId: '' });
    await refuse('an empty ProductKey', action, { ...one, GroupId: top, 'Device.1.ProductKey': '' });
    await refuse('a malformed ProductKey', action, { ...one, GroupId: top, 'Device.1.ProductKey': 'a1' });
    await refuse('an empty name', action, { ...one, GroupId: top, 'Device.1.DeviceName': '' });
    await refuse('a malformed name', action, { ...one, GroupId: top, 'Device.1.DeviceName': 'n' });
    await refuse('too many devices', action, { GroupId: top, ...Object.fromEntries(many.flat()) });
  }
  const full = { limits: { devicesPerGroup: 0 } };
  await refuse('a full group', 'BatchAddDeviceGroupRelations', { ...one, GroupId: top }, full);

  await refuse('in an unknown group', 'QueryDeviceGroupList', { SuperGroupId: 'nothing' });
  await refuse('a kind that is none', 'QueryDeviceGroupList', { 'GroupTypes.1': 'SOME' });
  await refuse('a page that is too large', 'QueryDeviceListByDeviceGroup', { GroupId: top, PageSize: '201' });
  for (const [action, rest] of [
    ['QueryDeviceListByDeviceGroup', {}],
    ['UpdateDeviceGroup', { GroupDesc: 'x' }],
    ['DeleteDeviceGroup', {}],
    ['QueryDeviceGroupInfo', {}],
    ['QuerySuperDeviceGroup', {}],
  ] as const) {
    await refuse('an empty GroupId', action, { ...rest, GroupId: '' });
  }
  await refuse('a long description', 'UpdateDeviceGroup', { GroupId: top, GroupDesc: 'x'.repeat(101) });
  await refuse('a kind that is none', 'UpdateDeviceGroup', { GroupId: top, GroupType: 'SOME' });
  await refuse('a kind that is none', 'QueryDeviceGroupInfo', { GroupId: top, GroupType: 'SOME' });
  await refuseDevices(refuser, 'QueryDeviceGroupByDevice', { productKey });
}
