import { versionDistribution } from '../../domain/version-distribution.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const ListOTAVersionDistribution: Handler<'ListOTAVersionDistribution'> = async (deps, scope, request) => {
  const { at, deviceCount, modules } = await versionDistribution(deps, scope, {
    productKey: request.ProductKey,
    module: request.ModuleName || undefined,
    most: request.MaxVersions ?? 20,
  });
  return {
    Data: {
      UtcCounted: utcText(at),
      DeviceCount: deviceCount,
      Modules: {
        ModuleDistribution: modules.map((one) => ({
          ModuleName: one.module,
          DeviceCount: one.deviceCount,
          VersionCount: one.versionCount,
          Versions: {
            VersionDevices: one.versions.map(([version, devices]) => ({ Version: version, DeviceCount: devices })),
          },
          OtherDeviceCount: one.otherDeviceCount,
        })),
      },
    },
  };
};
