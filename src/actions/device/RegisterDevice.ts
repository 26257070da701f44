import { registerDevice } from '../../domain/devices.ts';
import type { Handler } from '../handler.ts';

export const RegisterDevice: Handler<'RegisterDevice'> = async (deps, scope, request) => {
  const device = await registerDevice(deps, scope, {
    productKey: request.ProductKey,
    name: request.DeviceName,
    nickname: request.Nickname,
  });
  return {
    Data: {
      IotId: device.id,
      ProductKey: device.productKey,
      DeviceName: device.name,
      DeviceSecret: device.secret,
      Nickname: device.nickname,
      DevEui: '',
      JoinEui: '',
    },
  };
};
