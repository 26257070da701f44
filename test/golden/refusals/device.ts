import { numberOf } from '../story-fleet.ts';
import { listOf, newDevice, newProduct, type Refuser, refuseDevices, refuseProducts } from './refuser.ts';

/** Operations on one device that is named by its id or by product and name, with what else they need. */
const ofOneDevice = {
  QueryDeviceDetail: {},
  GetDeviceStatus: {},
  DeleteDevice: {},
  DisableThing: {},
  EnableThing: {},
  ResetThing: {},
  QueryDeviceInfo: {},
  SaveDeviceProp: { Props: '{"k":"v"}' },
  QueryDeviceProp: {},
  DeleteDeviceProp: { PropKey: 'k' },
} as const;

export async function refusalsOfDevices(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const productKey = await newProduct(refuser);
  const iotId = await newDevice(refuser, productKey, 'device-1');
  const product = { ProductKey: productKey };
  const full = { limits: { devicesPerProduct: 1 } };

  for (const [action, rest] of Object.entries(ofOneDevice)) {
    await refuseDevices(refuser, action, { productKey, rest });
    await refuse('an IotId that is none', action, { ...rest, IotId: 'nothing' });
  }

  await refuseProducts(refuser, 'RegisterDevice', { DeviceName: 'device-2' });
  await refuse('a malformed alias', 'RegisterDevice', { ...product, DeviceName: 'device-2', Nickname: 'two words' });
  await refuse('one too many', 'RegisterDevice', { ...product, DeviceName: 'device-2' }, full);

  await refuseProducts(refuser, 'QueryDevice');
  await refuse('a token that is none', 'QueryDevice', { ...product, NextToken: 'nothing' });

  const names = listOf('DeviceName', 101, (index) => `device-${index}`);
  for (const action of ['BatchQueryDeviceDetail', 'BatchGetDeviceState']) {
    await refuseProducts(refuser, action, { 'DeviceName.1': 'device-1' });
    await refuse('too many names', action, { ...product, ...names });
    await refuse('an empty name', action, { ...product, 'DeviceName.1': '' });
    await refuse('a malformed name', action, { ...product, 'DeviceName.1': 'n' });
  }
  await refuse('an IotId that is none', 'BatchGetDeviceState', { 'IotId.1': 'no id' });

  // many at once
  await refuseProducts(refuser, 'BatchRegisterDevice', { Count: '2' });
  await refuse('more than there is room for', 'BatchRegisterDevice', { ...product, Count: '2' }, full);
  await refuseProducts(refuser, 'BatchCheckDeviceNames', { 'DeviceName.1': 'device-2' });
  await refuse('too many names', 'BatchCheckDeviceNames', {
    ...product,
    ...listOf('DeviceName', 10_000, (index) => `device-${index}`),
    'DeviceNameList.1.DeviceName': 'one-more',
  });
  const check = await world.call('BatchCheckDeviceNames', { ...product, 'DeviceName.1': 'device-2' });
  await world.makeDevices();
  const applyId = numberOf(check.body, 'ApplyId');
  for (const action of ['BatchRegisterDeviceWithApplyId', 'QueryBatchRegisterDeviceStatus']) {
    await refuseProducts(refuser, action, { ApplyId: applyId });
    await refuse('an id that is none', action, { ...product, ApplyId: '0' });
    await refuse('an unknown application', action, { ...product, ApplyId: '1' });
  }
  const application = { ...product, ApplyId: applyId };
  await refuse('more than there is room for', 'BatchRegisterDeviceWithApplyId', application, full);
  await refuse('a page that is too large', 'QueryPageByApplyId', { ApplyId: applyId, PageSize: '51' });

  for (const [name, rest] of [
    ['QueryDeviceByStatus', { Status: '1' }],
    ['QueryDeviceStatistics', {}],
  ] as const) {
    await refuse('a malformed ProductKey', name, { ...rest, ProductKey: 'a1' });
    await refuse('an unknown product', name, { ...rest, ProductKey: 'a1Unknown01' });
  }
  await refuse('a page that is too large', 'QueryDeviceByStatus', { Status: '1', PageSize: '51' });

  // aliases and tags
  const entry = 'DeviceNicknameInfo.1.';
  const alias = { [`${entry}Nickname`]: 'alias' };
  await refuseDevices(refuser, 'BatchUpdateDeviceNickname', { productKey, rest: alias, prefix: entry });
  await refuse('an IotId that is none', 'BatchUpdateDeviceNickname', { ...alias, [`${entry}IotId`]: 'nothing' });
  await refuse('too many', 'BatchUpdateDeviceNickname', listOf51Aliases(iotId));

  const device = { IotId: iotId };
  await refuse('no tags', 'SaveDeviceProp', { ...device, Props: '{}' });
  await refuse('more than 5 KB', 'SaveDeviceProp', { ...device, Props: JSON.stringify({ k: 'x'.repeat(5_120) }) });
  const hundredAndOne = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, '']));
  await refuse('too many tags', 'SaveDeviceProp', { ...device, Props: JSON.stringify(hundredAndOne) });
  await refuse('a key that is too long', 'DeleteDeviceProp', { ...device, PropKey: 'k'.repeat(129) });
}

const listOf51Aliases = (iotId: string) =>
  Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`DeviceNicknameInfo.${index + 1}.IotId`, iotId]));
