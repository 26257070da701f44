import { getDevices } from '../../domain/devices.ts';
import type { Handler } from '../handler.ts';
import { chinaTimeOf } from './members.ts';

export const BatchGetDeviceState: Handler<'BatchGetDeviceState'> = async (deps, scope, request) => {
  const devices = await getDevices(deps, scope, {
    ids: request.IotId,
    productKey: request.ProductKey,
    names: request.DeviceName,
  });
  return {
    DeviceStatusList: {
      DeviceStatus: devices.map((device) => ({
        IotId: device.id,
        DeviceId: device.id,
        DeviceName: device.name,
        Status: device.status,
        LastOnlineTime: chinaTimeOf(device.onlineAt),
        AsAddress: device.ip,
        Timestamp: device.statusAt,
      })),
    },
  };
};
