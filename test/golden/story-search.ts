import { member, type Story, teller } from './story.ts';

/** Devices are searched by statements. */
export const tellOfSearches: Story = async (world, kept) => {
  const call = teller(world, kept);
  const { stranger, powerless } = world.keys;
  const product = await world.call('CreateProduct', { ProductName: '灯_lamp', NodeType: '0' });
  const ProductKey = member(product, 'ProductKey');
  const ids: string[] = [];
  for (const [name, nickname] of [
    ['lamp-1', '大厅_左'],
    ['lamp-2', ''],
    ['door-1', 'hall_1'],
  ] as const) {
    const device = { ProductKey, DeviceName: name, ...(nickname === '' ? {} : { Nickname: nickname }) };
    ids.push(member(await world.call('RegisterDevice', device), 'IotId'));
    await world.clock.advance(1_234);
  }
  const [lamp = ''] = ids;
  await world.call('SaveDeviceProp', { IotId: lamp, Props: '{"city":"Oslo & Rome","floor":"1"}' });
  const group = member(await world.call('CreateDeviceGroup', { GroupName: 'hall' }), 'GroupId');
  await world.call('BatchAddDeviceGroupRelations', {
    GroupId: group,
    'Device.1.ProductKey': ProductKey,
    'Device.1.DeviceName': 'lamp-1',
  });
  const device = world.device(ProductKey, 'lamp-1', lamp);
  await world.devices.connected(device, { connectionId: 'c1', ip: '192.0.2.1' });
  await world.devices.report(device, { kind: 'inform', id: '1', module: 'default', version: '1.0.0' });

  const search = (what: string, SQL: string) => call(what, 'QueryDeviceBySQL', { SQL });
  const from = (select: string, where: string, rest = '') =>
    `SELECT ${select} FROM device WHERE ${where}${rest === '' ? '' : ` ${rest}`}`;
  const ours = `product_key = "${ProductKey}"`;
  await search('by the beginning of a name', from('*', `${ours} and name LIKE "lamp%"`));
  await search('counted', from('count(*)', `${ours} and name LIKE "lamp%"`));
  await search('by what it holds', from('*', 'tag.tag_name = "city" and ota_module.version = "1.0.0"'));
  await search('members that are selected', from('name, group.group_id', ours, 'order by gmt_create'));
  await search('the second page', from('name', ours, 'order by gmt_create desc limit 1,1'));
  await search('by a time', from('name', 'active_time > "2020-01-01 00:00:00.000"'));
  await search('a text in single quotes', from('name', "nickname like '大厅%'"));
  await search('none', from('*', `${ours} and status = "DISABLE"`));
  await call("another account's", 'QueryDeviceBySQL', { SQL: from('*', ours) }, { as: stranger });
  await call('by a user without rights', 'QueryDeviceBySQL', { SQL: from('*', ours) }, { as: powerless });

  await call('without a statement', 'QueryDeviceBySQL', {});
  await search('no statement', 'name = "lamp-1"');
  await search('a character that cannot be stored', from('*', 'name = "\u0001"'));
  await search(
    'too many conditions',
    from('*', Array.from({ length: 6 }, (_, index) => `name = "lamp-${index}"`).join(' or ')),
  );
  await search('an unknown field', from('*', 'color = "red"'));
  await search('an operator that does not fit', from('*', 'name > "lamp"'));
  await search('an order by what has none', from('*', ours, 'order by name'));
  await search('more than a page', from('*', ours, 'limit 51'));
  await search('beyond what can be reached', from('*', ours, 'limit 9951,50'));
  await search('a time that is none', from('*', 'gmt_create > "yesterday"'));
};
