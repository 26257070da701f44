import type { Parameters } from './api-world.ts';
import type { Teller } from './story-tasks.ts';

/** Setting up a fleet and clearing it away again. */
export async function tellOfFleet({ world, call, member }: Pick<Teller, 'world' | 'call' | 'member'>): Promise<void> {
  const { stranger } = world.keys;
  const productKey = member(await world.call('CreateProduct', { ProductName: 'fleet', NodeType: '0' }), 'ProductKey');
  const product = { ProductKey: productKey };
  const named = (deviceName: string) => ({ ...product, DeviceName: deviceName });

  await call('a name and a description', 'UpdateProduct', {
    ...product,
    ProductName: '车队',
    Description: '<all> cars',
  });
  await call('a malformed name', 'UpdateProduct', { ...product, ProductName: 'x' });
  await call('without a name', 'UpdateProduct', product);
  await call("another account's", 'UpdateProduct', { ...product, ProductName: 'mine' }, { as: stranger });

  // many devices at once
  const applied = await call('of three devices, two with aliases', 'BatchCheckDeviceNames', {
    ...product,
    'DeviceName.1': 'car-1',
    'DeviceNameList.1.DeviceName': 'car-2',
    'DeviceNameList.1.DeviceNickname': '车_2',
    'DeviceNameList.2.DeviceName': 'car-3',
    'DeviceNameList.2.DeviceNickname': 'third_car',
  });
  const application = { ...product, ApplyId: numberOf(applied.body, 'ApplyId') };
  await call('while it is checked', 'QueryBatchRegisterDeviceStatus', application);
  await call('while it is checked', 'BatchRegisterDeviceWithApplyId', application);
  await world.makeDevices();
  await call('that are free', 'QueryBatchRegisterDeviceStatus', application);
  await call('before they are made', 'QueryPageByApplyId', { ApplyId: application.ApplyId });
  await call('of a successful check', 'BatchRegisterDeviceWithApplyId', application);
  await world.makeDevices();
  await call('that are made', 'QueryBatchRegisterDeviceStatus', application);
  await call('the second page', 'QueryPageByApplyId', { ...application, CurrentPage: '2', PageSize: '2' });
  await call('again', 'BatchRegisterDeviceWithApplyId', application);
  const bad = await call('malformed ones and one given twice', 'BatchCheckDeviceNames', {
    ...product,
    'DeviceName.1': 'car-1',
    'DeviceName.2': 'n',
    'DeviceName.3': 'car-4',
    'DeviceName.4': 'car-4',
    'DeviceNameList.1.DeviceName': 'a <car>',
    'DeviceNameList.1.DeviceNickname': 'no',
  });
  await world.makeDevices();
  const failed = { ...product, ApplyId: numberOf(bad.body, 'ApplyId') };
  await call('that failed', 'QueryBatchRegisterDeviceStatus', failed);
  await call('of a check that failed', 'BatchRegisterDeviceWithApplyId', failed);
  await call('an unknown one', 'QueryBatchRegisterDeviceStatus', { ...product, ApplyId: '1' });
  await call('an unknown one', 'QueryPageByApplyId', { ApplyId: '1' });
  await call('an id that is none', 'QueryPageByApplyId', { ApplyId: '-1' });
  await call('without names', 'BatchCheckDeviceNames', product);
  await call('two devices', 'BatchRegisterDevice', { ...product, Count: '2' });
  await call('too many', 'BatchRegisterDevice', { ...product, Count: '10001' });
  await call('of an unknown product', 'BatchRegisterDevice', { ProductKey: 'a1Unknown01', Count: '2' });
  await world.makeDevices();

  // single ones
  const id = member(await call('names, alias, secret', 'QueryDeviceInfo', named('car-2')), 'IotId');
  await call('an unknown one', 'QueryDeviceInfo', named('nobody'));
  await call('one by id, one by name', 'BatchUpdateDeviceNickname', {
    'DeviceNicknameInfo.1.IotId': id,
    'DeviceNicknameInfo.1.Nickname': 'second_car',
    'DeviceNicknameInfo.2.ProductKey': productKey,
    'DeviceNicknameInfo.2.DeviceName': 'car-3',
  });
  await call('a malformed alias', 'BatchUpdateDeviceNickname', {
    'DeviceNicknameInfo.1.IotId': id,
    'DeviceNicknameInfo.1.Nickname': 'no',
  });
  await call('two tags', 'SaveDeviceProp', { ...named('car-1'), Props: '{"color":"red","城市":"a & b"}' });
  await call('no JSON', 'SaveDeviceProp', { ...named('car-1'), Props: 'color=red' });
  await call('empty', 'SaveDeviceProp', { ...named('car-1'), Props: '' });
  await call('two tags', 'QueryDeviceProp', named('car-1'));
  await call('none', 'QueryDeviceProp', named('car-2'));
  await call('an unknown device', 'QueryDeviceProp', named('nobody'));
  await call('a tag', 'DeleteDeviceProp', { ...named('car-1'), PropKey: 'color' });
  await call('an empty key', 'DeleteDeviceProp', { ...named('car-1'), PropKey: '' });

  // their states
  const device = world.device(productKey, 'car-2', id);
  await world.devices.connected(device, { connectionId: 'c-car-2', ip: '192.0.2.3' });
  await call('those that are online', 'QueryDeviceByStatus', { ...product, Status: '1' });
  await call('a product and all', 'QueryDeviceStatistics', product);
  await call('one', 'DisableThing', { IotId: id });
  await call('an unknown one', 'DisableThing', named('nobody'));
  await world.devices.disconnected(device, 'c-car-2');
  await call('those that are disabled', 'QueryDeviceByStatus', { ...product, Status: '8' });
  await call('none', 'QueryDeviceByStatus', { ...product, Status: '1' });
  await call('a status that is none', 'QueryDeviceByStatus', { Status: '2' });
  await call('one', 'EnableThing', { IotId: id });
  await call('an unknown one', 'EnableThing', named('nobody'));

  // groups
  const newGroup = async (parameters: Parameters) =>
    member(await world.call('CreateDeviceGroup', parameters), 'GroupId');
  const parent = await newGroup({ GroupName: 'country', GroupDesc: 'all cities' });
  const child = await newGroup({ GroupName: 'city', SuperGroupId: parent });
  const members = {
    GroupId: child,
    'Device.1.ProductKey': productKey,
    'Device.1.DeviceName': 'car-1',
    'Device.2.ProductKey': productKey,
    'Device.2.DeviceName': 'car-2',
  };
  await world.call('BatchAddDeviceGroupRelations', members);
  await call('a group', 'QueryDeviceStatistics', { GroupId: child });
  await call('an unknown group', 'QueryDeviceStatistics', { GroupId: 'nothing' });
  await call('its description', 'UpdateDeviceGroup', { GroupId: child, GroupDesc: 'one & only' });
  await call('an unknown one', 'UpdateDeviceGroup', { GroupId: 'nothing', GroupDesc: '' });
  await call('with its counts', 'QueryDeviceGroupInfo', { GroupId: child });
  await call('an unknown one', 'QueryDeviceGroupInfo', { GroupId: 'nothing' });
  await call('of a group in a group', 'QuerySuperDeviceGroup', { GroupId: child });
  await call('of a group at the top', 'QuerySuperDeviceGroup', { GroupId: parent });
  await call('of an unknown group', 'QuerySuperDeviceGroup', { GroupId: 'nothing' });
  await call('of a device', 'QueryDeviceGroupByDevice', named('car-1'));
  await call('of an unknown device', 'QueryDeviceGroupByDevice', named('nobody'));
  await call('two devices and an unknown one', 'BatchDeleteDeviceGroupRelations', {
    ...members,
    'Device.3.ProductKey': productKey,
    'Device.3.DeviceName': 'nobody',
  });
  await call('from an unknown group', 'BatchDeleteDeviceGroupRelations', { ...members, GroupId: 'nothing' });
  await call('with a group in it', 'DeleteDeviceGroup', { GroupId: parent });
  await call('one', 'DeleteDeviceGroup', { GroupId: child });
  await call('the same again', 'DeleteDeviceGroup', { GroupId: child });

  await call('one that has lost its credentials', 'ResetThing', { IotId: id });
  await call('the same again, by name', 'ResetThing', named('car-2'));
  await call("another account's", 'ResetThing', named('car-2'), { as: stranger });

  await call('with devices', 'DeleteProduct', product);
  const spare = member(await world.call('CreateProduct', { ProductName: 'spare', NodeType: '0' }), 'ProductKey');
  await call('without devices', 'DeleteProduct', { ProductKey: spare });
  await call('the same again', 'DeleteProduct', { ProductKey: spare });
}

/** A number in an answer of either format. */
export function numberOf(body: string, name: string): string {
  const found = new RegExp(`"${name}":(\\d+)|<${name}>(\\d+)</${name}>`).exec(body);
  return found?.[1] ?? found?.[2] ?? '';
}
