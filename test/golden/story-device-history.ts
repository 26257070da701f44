import { member, type Story, teller } from './story.ts';

/** A device comes and goes, and may not, and may again. */
export const tellOfDeviceHistory: Story = async (world, kept) => {
  const call = teller(world, kept);
  const { stranger, powerless } = world.keys;
  const product = await world.call('CreateProduct', { ProductName: '灯_lamp', NodeType: '0' });
  const ProductKey = member(product, 'ProductKey');
  const lamp = { ProductKey, DeviceName: 'lamp <1>' };
  const IotId = member(await world.call('RegisterDevice', { ProductKey, DeviceName: 'lamp-1' }), 'IotId');
  const named = { ProductKey, DeviceName: 'lamp-1' };
  const device = world.device(ProductKey, 'lamp-1', IotId);
  await call('of a device that has never connected', 'ListDeviceStatusHistory', { IotId });

  await world.devices.connected(device, { connectionId: 'c1', ip: '192.0.2.1' });
  await world.clock.advance(90_000);
  await world.devices.connected(device, { connectionId: 'c2', ip: '2001:db8::2', takesOver: true });
  await world.clock.advance(61_000);
  const since = world.clock.now();
  await world.devices.disconnected(device, 'c1', 'TAKEN_OVER');
  await world.devices.disconnected(device, 'c2', 'SILENT');
  await world.clock.advance(5_000);
  await world.call('DisableThing', { IotId });
  const until = world.clock.now();
  await world.call('EnableThing', { IotId });

  await call('newest first', 'ListDeviceStatusHistory', { IotId });
  await call('the second page', 'ListDeviceStatusHistory', { ...named, CurrentPage: '2', PageSize: '2' });
  await call('of a time', 'ListDeviceStatusHistory', { ...named, StartTime: String(since), EndTime: String(until) });
  await call('a page beyond the last', 'ListDeviceStatusHistory', { ...named, CurrentPage: '7' });
  await call("another account's", 'ListDeviceStatusHistory', { IotId }, { as: stranger });
  await call('by a user without rights', 'ListDeviceStatusHistory', { IotId }, { as: powerless });

  await world.call('DeleteDevice', { IotId });
  await call('of a device that was deleted', 'ListDeviceStatusHistory', { IotId });
  await world.call('RegisterDevice', named);
  await call('of a new one of that name', 'ListDeviceStatusHistory', named);

  await call('an IotId that is none', 'ListDeviceStatusHistory', { IotId: 'nothing' });
  await call('without a product', 'ListDeviceStatusHistory', { DeviceName: 'lamp-1' });
  await call('a malformed product', 'ListDeviceStatusHistory', { ...named, ProductKey: 'a1' });
  await call('an unknown product', 'ListDeviceStatusHistory', { ...named, ProductKey: 'a1Unknown01' });
  await call('without a name', 'ListDeviceStatusHistory', { ProductKey });
  await call('a malformed name', 'ListDeviceStatusHistory', lamp);
  await call('an unknown name', 'ListDeviceStatusHistory', { ProductKey, DeviceName: 'nobody' });
  await call('a page that is too large', 'ListDeviceStatusHistory', { ...named, PageSize: '51' });
  await call('a time that is none', 'ListDeviceStatusHistory', { ...named, StartTime: 'yesterday' });
};
