import { type Operation, page, type Tree, textAt, type Via, type World } from './operation.ts';
import { fresh } from './package.ts';

const nothing = { JobId: 'nothing' };
const unknown = { refused: () => nothing, code: 'iot.ota.InvalidJobId' };
const own = (world: World, via: Via) => ({ JobId: world[via]['job'] });
const ofPackage = (world: World, via: Via) => ({ FirmwareId: world[via]['package'], ProductKey: world.v3['product'] });
const ofDevice = (world: World) => ({ ProductKey: world.v3['product'], DeviceName: 'target-v3' });

const taskOf = async (world: World, via: Via): Promise<string> =>
  textAt(
    await world.call('ListOTATaskByJob', { ...own(world, via), ...page }),
    'Data',
    'SimpleOTATaskInfo',
    0,
    'TaskId',
  );

const settings: Tree = {
  MaximumPerMinute: 500,
  TargetSelection: 'SPECIFIC',
  UpgradeType: 'STATIC',
  Tags: [{ Key: 'k2', Value: 'v2' }],
};

export const jobOperations: readonly Operation[] = [
  {
    action: 'CreateOTAVerifyJob',
    good: async (world, via) => {
      const parameters = { ...(await fresh(world, `unverified_${via}`)), NeedToVerify: true };
      const made = await world.call('CreateOTAFirmware', parameters);
      await world.device(`test-${via}`);
      return {
        FirmwareId: textAt(made, 'Data', 'FirmwareId'),
        ProductKey: world.v3['product'],
        TargetDeviceName: [`test-${via}`],
        Tag: [{ Key: 'k1', Value: 'v1' }],
      };
    },
    refused: (world) => ({ ...ofPackage(world, 'v3'), FirmwareId: 'nothing', TargetDeviceName: ['device-v3'] }),
    code: 'iot.ota.FirmwareNotFound',
  },
  {
    action: 'CreateOTAStaticUpgradeJob',
    good: async (world, via) => {
      await world.device(`target-${via}`);
      return {
        ...ofPackage(world, via),
        TargetSelection: 'SPECIFIC',
        TargetDeviceName: [`target-${via}`],
        NeedConfirm: true,
        MaximumPerMinute: 1_000,
        Tag: [{ Key: 'k1', Value: 'v1' }],
      };
    },
    keep: (answer) => ({ job: textAt(answer, 'Data', 'JobId') }),
    refused: (world) => ({ ...ofPackage(world, 'v3'), TargetSelection: 'SPECIFIC' }),
    code: 'iot.device.NoneDeviceNameElement',
  },
  { action: 'QueryOTAJob', good: (world) => own(world, 'v3'), same: true, ...unknown },
  {
    action: 'ListOTAJobByFirmware',
    good: ({ v3 }) => ({ FirmwareId: v3['package'], ...page }),
    same: true,
    refused: () => ({ FirmwareId: 'nothing', ...page }),
    code: 'iot.ota.FirmwareNotFound',
  },
  {
    action: 'ListOTATaskByJob',
    good: (world) => ({ ...own(world, 'v3'), ...page }),
    same: true,
    refused: () => ({ ...nothing, ...page }),
    code: 'iot.ota.InvalidJobId',
  },
  {
    action: 'ListOTATaskAttempts',
    good: async (world) => ({ TaskId: await taskOf(world, 'v3') }),
    same: true,
    refused: () => ({ TaskId: 'nothing' }),
    code: 'iot.ota.InvalidTaskId',
  },
  {
    action: 'ListOTAJobByDevice',
    good: (world) => ({ ...ofDevice(world), FirmwareId: world.v3['package'], ...page }),
    same: true,
    refused: (world) => ({ ...ofDevice(world), FirmwareId: 'nothing', ...page }),
    code: 'iot.ota.FirmwareNotFound',
  },
  {
    action: 'ListOTAUnfinishedTaskByDevice',
    good: ofDevice,
    same: true,
    refused: () => ({ ModuleName: 'default' }),
    code: 'iot.ota.EmptyDeviceInfoParams',
  },
  {
    action: 'UpdateOTAJob',
    good: (world, via) => ({ ...own(world, via), ...settings }),
    refused: () => ({ ...nothing, ...settings }),
    code: 'iot.ota.taskNotExist',
  },
  {
    action: 'ConfirmOTATask',
    good: async (world, via) => ({ TaskId: [await taskOf(world, via)] }),
    refused: () => ({ TaskId: ['nothing'] }),
    code: 'iot.ota.InvalidTaskId',
  },
  {
    action: 'CancelOTATaskByDevice',
    good: (world, via) => ({ ...ofPackage(world, via), DeviceName: [`target-${via}`] }),
    refused: (world) => ({ ...ofPackage(world, 'v3'), DeviceName: ['nobody'] }),
    code: 'iot.device.NotExistedDevice',
  },
  {
    action: 'ReupgradeOTATask',
    good: async (world, via) => ({ ...own(world, via), TaskId: [await taskOf(world, via)] }),
    refused: () => ({ ...nothing, TaskId: ['nothing'] }),
    code: 'iot.ota.InvalidJobId',
  },
  {
    action: 'CancelOTATaskByJob',
    good: (world, via) => ({ ...own(world, via), CancelQueuedTask: true, CancelUnconfirmedTask: true }),
    refused: () => ({ ...nothing, CancelQueuedTask: true }),
    code: 'iot.ota.InvalidJobId',
  },
  {
    action: 'CreateOTADynamicUpgradeJob',
    good: (world, via) => ({
      ...ofPackage(world, via),
      SrcVersion: ['0.9.0', '0.8.0'],
      DynamicMode: 2,
      RetryInterval: 10,
      RetryCount: 1,
      Tag: [{ Key: 'k1', Value: 'v1' }],
    }),
    keep: (answer) => ({ dynamicJob: textAt(answer, 'Data', 'JobId') }),
    refused: (world) => ({ ...ofPackage(world, 'v3'), DynamicMode: 2 }),
    code: 'iot.common.InvalidFormattedParameter',
  },
  {
    action: 'CancelOTAStrategyByJob',
    good: (world, via) => ({ JobId: world[via]['dynamicJob'] }),
    ...unknown,
  },
];
