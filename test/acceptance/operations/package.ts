import { type Operation, page, type Tree, textAt, UNKNOWN_PRODUCT, type Via, type World } from './operation.ts';

const unknown = { refused: () => ({ FirmwareId: 'nothing' }), code: 'iot.ota.FirmwareNotFound' };

/** A package of the shared product that needs no verification. */
export const fresh = async ({ v3, upload }: World, name: string): Promise<Tree> => ({
  FirmwareName: name,
  DestVersion: '2.0.0',
  ProductKey: v3['product'],
  FirmwareUrl: await upload(),
  FirmwareDesc: '说明',
  NeedToVerify: false,
});

export const packageOperations: readonly Operation[] = [
  {
    action: 'GenerateOTAUploadURL',
    good: () => ({ FileSuffix: 'tar.gz' }),
    refused: () => ({ FileSuffix: 'exe' }),
    code: 'iot.firmware.InvalidGenerateOTAUploadURLParam',
  },
  {
    action: 'GenerateDeviceNameListURL',
    good: () => ({}),
    refused: () => ({ IotInstanceId: 'iot-nothing' }),
    code: 'iot.Sre.IotInstanceNotFound',
  },
  {
    action: 'CreateOTAFirmware',
    good: (world, via) => fresh(world, `package_${via}`),
    keep: (answer) => ({ package: textAt(answer, 'Data', 'FirmwareId') }),
    refused: ({ v3 }) => ({ FirmwareName: 'x', DestVersion: '2.0.0', ProductKey: v3['product'], FirmwareUrl: 'none' }),
    code: 'iot.firmware.MalformedFirmwareUrl',
  },
  { action: 'QueryOTAFirmware', good: ({ v3 }) => ({ FirmwareId: v3['package'] }), ...unknown },
  {
    action: 'ListOTAFirmware',
    good: ({ v3 }) => ({ ...page, ProductKey: v3['product'] }),
    same: true,
    refused: () => ({ ...page, ProductKey: UNKNOWN_PRODUCT }),
    code: 'iot.prod.NotExistedProduct',
  },
  {
    action: 'ModifyOTAFirmware',
    good: (world, via) => ({
      FirmwareId: world[via]['package'],
      ProductKey: world.v3['product'],
      FirmwareName: `package_${via}_b`,
    }),
    refused: ({ v3 }) => ({ FirmwareId: v3['package'], ProductKey: v3['product'], FirmwareName: '-' }),
    code: 'iot.firmware.IncorrectFormattedFirmwareName',
  },
  {
    action: 'DeleteOTAFirmware',
    good: async (world, via) => {
      const made = await world.call('CreateOTAFirmware', await fresh(world, `doomed_${via}`));
      return { FirmwareId: textAt(made, 'Data', 'FirmwareId') };
    },
    ...unknown,
  },
];

const module = ({ v3 }: World, via: Via) => ({ ProductKey: v3['product'], ModuleName: `arm_${via}` });

export const moduleOperations: readonly Operation[] = [
  {
    action: 'CreateOTAModule',
    good: (world, via) => ({ ...module(world, via), AliasName: '机械臂', Desc: 'left & <right>' }),
    refused: ({ v3 }) => ({ ProductKey: v3['product'], ModuleName: 'default' }),
    code: 'iot.ota.AlreadyExistedOtaModuleName',
  },
  {
    action: 'UpdateOTAModule',
    good: (world, via) => ({ ...module(world, via), Desc: 'both' }),
    refused: ({ v3 }) => ({ ProductKey: v3['product'], ModuleName: 'nothing', Desc: 'x' }),
    code: 'iot.ota.OtaModuleNotFound',
  },
  {
    action: 'ListOTAModuleByProduct',
    good: ({ v3 }) => ({ ProductKey: v3['product'] }),
    same: true,
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT }),
    code: 'iot.prod.NotExistedProduct',
  },
  {
    action: 'ListOTAModuleVersionsByDevice',
    good: ({ v3 }) => ({ IotId: v3['device'], ...page }),
    same: true,
    refused: () => ({ IotId: 'nobody', ...page }),
    code: 'iot.device.InvalidIoTId',
  },
  {
    action: 'DeleteOTAModule',
    good: module,
    refused: ({ v3 }) => ({ ProductKey: v3['product'], ModuleName: 'default' }),
    code: 'iot.ota.DefaultOtaModuleForbidden',
  },
];
