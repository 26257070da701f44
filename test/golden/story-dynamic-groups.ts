import type { Teller } from './story-tasks.ts';

/** Groups that a rule makes. */
export async function tellOfDynamicGroups({ world, call, member }: Pick<Teller, 'world' | 'call' | 'member'>) {
  const productKey = member(await world.call('CreateProduct', { ProductName: 'signs', NodeType: '0' }), 'ProductKey');
  const product = { ProductKey: productKey };
  const named = (deviceName: string) => ({ ...product, DeviceName: deviceName });
  for (const name of ['sign-1', 'sign-2', 'sign-3']) await world.call('RegisterDevice', named(name));
  await world.call('SaveDeviceProp', { ...named('sign-1'), Props: '{"city":"Oslo & Rome"}' });
  const DYNAMIC = { GroupType: 'LINK_PLATFORM_DYNAMIC' };

  const rule = `product_key = "${productKey}" and name LIKE "sign%"`;
  const group = member(
    await call('a group', 'CreateDeviceDynamicGroup', {
      GroupName: 'all_signs',
      GroupDesc: 'on <all> roads',
      DynamicGroupExpression: rule,
    }),
    'GroupId',
  );
  const refused = (what: string, changes: object) =>
    call(what, 'CreateDeviceDynamicGroup', { GroupName: 'refused', DynamicGroupExpression: rule, ...changes });
  await refused('a name that is taken', { GroupName: 'all_signs' });
  await refused('a malformed name', { GroupName: 'no' });
  await refused('a long description', { GroupDesc: 'x'.repeat(101) });
  await refused('a description that cannot be told', { GroupDesc: 'tab\u0001' });
  await call('without a rule', 'CreateDeviceDynamicGroup', { GroupName: 'refused' });
  await refused('a rule that breaks off', { DynamicGroupExpression: `${rule} and` });
  await refused('a rule of too many conditions', {
    DynamicGroupExpression: Array.from({ length: 6 }, (_, index) => `name = "sign-${index}"`).join(' or '),
  });
  await refused('an unknown field', { DynamicGroupExpression: 'color = "red"' });
  await refused('an operator that does not fit', { DynamicGroupExpression: 'name > "sign"' });
  await refused('an order', { DynamicGroupExpression: `${rule} order by active_time` });
  await refused('a limit', { DynamicGroupExpression: `${rule} limit 10` });
  await refused('a status that is none', { DynamicGroupExpression: 'status = "ON"' });
  for (let index = 2; index <= 10; index += 1) {
    await world.call('CreateDeviceDynamicGroup', {
      GroupName: `group_${index}`,
      DynamicGroupExpression: 'tag.tag_name = "city" and tag.tag_value like "Oslo%"',
    });
  }
  await refused('the eleventh', {});
  await call('in a dynamic one', 'CreateDeviceGroup', { GroupName: 'inner', SuperGroupId: group });

  const page = { GroupId: group, PageSize: '2' };
  const first = await call('a page of devices', 'QueryDynamicGroupDevices', page);
  await call('the next by its token', 'QueryDynamicGroupDevices', { ...page, NextToken: member(first, 'NextToken') });
  await call('those of a name', 'QueryDynamicGroupDevices', { ...page, DeviceName: 'sign-2' });
  await call('none', 'QueryDynamicGroupDevices', { ...page, Status: 'ONLINE' });
  await call('without a group', 'QueryDynamicGroupDevices', { GroupId: '' });
  await call('of an unknown group', 'QueryDynamicGroupDevices', { GroupId: 'nothing' });
  await call('a page that is too large', 'QueryDynamicGroupDevices', { GroupId: group, PageSize: '201' });
  await call('a status that is none', 'QueryDynamicGroupDevices', { ...page, Status: 'ON' });
  await call('a product key that is none', 'QueryDynamicGroupDevices', { ...page, ProductKey: 'no' });
  await call('an unknown product', 'QueryDynamicGroupDevices', { ...page, ProductKey: 'a1Unknown01' });
  await call('a malformed name', 'QueryDynamicGroupDevices', { ...page, DeviceName: 'no' });
  await call('a token that is none', 'QueryDynamicGroupDevices', { ...page, NextToken: '?' });
  await call('a dynamic one', 'QueryDeviceGroupInfo', { GroupId: group, ...DYNAMIC });
  await call('a dynamic one without its type', 'QueryDeviceGroupInfo', { GroupId: group });
  await call('dynamic ones', 'QueryDeviceGroupList', { 'GroupTypes.1': DYNAMIC.GroupType, PageSize: '2' });
  await call('of a device that rules find', 'QueryDeviceGroupByDevice', named('sign-3'));
  await call('of a dynamic one', 'UpdateDeviceGroup', { GroupId: group, ...DYNAMIC, GroupDesc: 'all of them' });

  await call('a group', 'DeleteDeviceDynamicGroup', { GroupId: group });
  await call('the same again', 'DeleteDeviceDynamicGroup', { GroupId: group });
  await call('without a group', 'DeleteDeviceDynamicGroup', { GroupId: '' });
}
