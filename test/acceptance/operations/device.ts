import { eventually } from '../support/wait.ts';
import { type Operation, page, type Tree, textAt, UNKNOWN_PRODUCT, type World } from './operation.ts';

const nobody = { IotId: 'nobody' };
const refusedByIotId = { refused: () => nobody, code: 'iot.device.InvalidIoTId' };
const inProduct = ({ v3 }: World) => ({ ProductKey: v3['product'] });

/** An operation on the device that this SDK has made. */
const ofOwn = (action: string, more: Tree = {}): Operation => ({
  action,
  good: (world, via) => ({ IotId: world[via]['device'], ...more }),
  refused: () => ({ ...nobody, ...more }),
  code: 'iot.device.InvalidIoTId',
});

/** One that only looks at a device. */
const atShared = (action: string): Operation => ({
  action,
  good: (world) => ({ ...inProduct(world), DeviceName: 'device-v3' }),
  same: true,
  ...refusedByIotId,
});

/** Waits for what the server does on its own with an application. */
async function settled(world: World, applyId: string | undefined, status: string): Promise<Tree> {
  const application = { ...inProduct(world), ApplyId: Number(applyId) };
  await eventually(async () => {
    const answer = await world.call('QueryBatchRegisterDeviceStatus', application);
    if (textAt(answer, 'Data', 'Status') !== status) throw new Error(JSON.stringify(answer));
  });
  return application;
}

export const deviceOperations: readonly Operation[] = [
  {
    action: 'RegisterDevice',
    good: (world, via) => ({ ...inProduct(world), DeviceName: `device-${via}`, Nickname: '灯_1' }),
    keep: (answer) => ({ device: textAt(answer, 'Data', 'IotId') }),
    refused: (world) => ({ ...inProduct(world), DeviceName: 'device-v1' }),
    code: 'iot.device.AlreadyExistedDeviceName',
  },
  {
    action: 'QueryDevice',
    good: (world) => ({ ...inProduct(world), PageSize: 1 }),
    same: true,
    refused: (world) => ({ ...inProduct(world), PageSize: 51 }),
    code: 'iot.common.InvalidPageParams',
  },
  atShared('QueryDeviceDetail'),
  {
    action: 'BatchQueryDeviceDetail',
    good: (world) => ({ ...inProduct(world), DeviceName: ['device-v1', 'nobody', 'device-v3'] }),
    same: true,
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT, DeviceName: ['nobody'] }),
    code: 'iot.prod.NotExistedProduct',
  },
  atShared('GetDeviceStatus'),
  atShared('ListDeviceStatusHistory'),
  {
    action: 'BatchGetDeviceState',
    good: ({ v1, v3 }) => ({ IotId: [v1['device'], v3['device']] }),
    same: true,
    unseen: ['Timestamp'],
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT, DeviceName: ['nobody'] }),
    code: 'iot.prod.NotExistedProduct',
  },
  {
    action: 'QueryDeviceByStatus',
    good: (world) => ({ ...inProduct(world), Status: 0 }),
    same: true,
    refused: () => ({ Status: 2 }),
    code: 'iot.common.InvalidFormattedParameter',
  },
  {
    action: 'QueryDeviceBySQL',
    good: (world) => ({ SQL: `SELECT * FROM device WHERE product_key = "${world.v3['product']}" limit 2` }),
    same: true,
    refused: () => ({ SQL: 'SELECT * FROM device' }),
    code: 'iot.devicesearch.InvalidSQLError',
  },
  {
    action: 'QueryDeviceStatistics',
    good: inProduct,
    same: true,
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT }),
    code: 'iot.prod.NotExistedProduct',
  },
  ofOwn('DisableThing'),
  ofOwn('EnableThing'),
  ofOwn('ResetThing'),
  atShared('QueryDeviceInfo'),
  {
    action: 'BatchUpdateDeviceNickname',
    good: (world, via) => ({ DeviceNicknameInfo: [{ IotId: world[via]['device'], Nickname: 'alias_2' }] }),
    refused: () => ({ DeviceNicknameInfo: [{ ...nobody, Nickname: 'alias_2' }] }),
    code: 'iot.device.InvalidIoTId',
  },
  ofOwn('SaveDeviceProp', { Props: '{"城市":"a & b"}' }),
  atShared('QueryDeviceProp'),
  ofOwn('DeleteDeviceProp', { PropKey: '城市' }),
  {
    action: 'BatchCheckDeviceNames',
    good: (world, via) => ({ ...inProduct(world), DeviceName: [`batch-${via}-1`, `batch-${via}-2`] }),
    unseen: ['InvalidDetailList', 'RepeatedDeviceNameList'],
    keep: (answer) => ({ application: textAt(answer, 'Data', 'ApplyId') }),
    refused: (world) => inProduct(world),
    code: 'iot.device.NoneDeviceNameElement',
  },
  {
    action: 'QueryBatchRegisterDeviceStatus',
    good: (world) => settled(world, world.v3['application'], 'CHECK_SUCCESS'),
    same: true,
    unseen: ['InvalidDetailList'],
    refused: (world) => ({ ...inProduct(world), ApplyId: 1 }),
    code: 'iot.device.DeviceApplyIsNotFound',
  },
  {
    action: 'BatchRegisterDeviceWithApplyId',
    good: (world, via) => settled(world, world[via]['application'], 'CHECK_SUCCESS'),
    refused: (world) => ({ ...inProduct(world), ApplyId: 1 }),
    code: 'iot.device.DeviceApplyIsNotFound',
  },
  {
    action: 'QueryPageByApplyId',
    good: async (world) => {
      const { ApplyId } = await settled(world, world.v3['application'], 'CREATE_SUCCESS');
      return { ApplyId, ...page };
    },
    same: true,
    refused: () => ({ ApplyId: 1 }),
    code: 'iot.device.DeviceApplyIsNotFound',
  },
  {
    action: 'BatchRegisterDevice',
    good: (world) => ({ ...inProduct(world), Count: 2 }),
    refused: (world) => ({ ...inProduct(world), Count: 10_001 }),
    code: 'iot.common.InvalidFormattedParameter',
  },
  {
    action: 'DeleteDevice',
    good: async ({ device }, via) => ({ IotId: await device(`doomed-${via}`) }),
    ...refusedByIotId,
  },
];
