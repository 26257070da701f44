import { type Operation, page, UNKNOWN_PRODUCT, type World } from './operation.ts';

const noPage = { refused: () => ({ ...page, PageSize: 101 }), code: 'iot.common.InvalidPageParams' };

const noInstance = { refused: () => ({ IotInstanceId: 'iot-nothing' }), code: 'iot.Sre.IotInstanceNotFound' };
const noProduct = { refused: () => ({ ProductKey: UNKNOWN_PRODUCT }), code: 'iot.prod.NotExistedProduct' };
const ofPackage = (world: World) => ({ FirmwareId: world.v3['package'], ProductKey: world.v3['product'] });
const ofProduct = (world: World) => ({ ProductKey: world.v3['product'] });

/** Extensions, which no SDK of the vendor has. */
export const overviewOperations: readonly Operation[] = [
  { action: 'ListOTAJob', good: () => ({ ...page, JobStatus: ['IN_PROGRESS', 'PLANNED'] }), same: true, ...noPage },
  { action: 'QueryOTAOverview', good: () => ({}), same: true, ...noInstance },
  { action: 'ListOTAVersionDistribution', good: ofProduct, ...noProduct },
  {
    action: 'PreviewOTAUpgradeJob',
    good: (world) => ({ ...ofPackage(world), TargetSelection: 'SPECIFIC', TargetDeviceName: ['target-v3', 'nobody'] }),
    same: true,
    refused: (world) => ({ ...ofPackage(world), TargetSelection: 'SPECIFIC' }),
    code: 'iot.device.NoneDeviceNameElement',
  },
  {
    action: 'ListOTAFailureCauses',
    good: (world) => ({ JobId: world.v3['job'] }),
    same: true,
    refused: () => ({ JobId: 'nothing' }),
    code: 'iot.ota.InvalidJobId',
  },
  {
    action: 'QueryOTAHistory',
    good: (world) => ({ Period: 'DAY', JobId: world.v3['job'] }),
    refused: () => ({ Period: 'YEAR' }),
    code: 'iot.common.InvalidFormattedParameter',
  },
];
