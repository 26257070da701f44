import { getDevice } from '../../domain/devices.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const GetDeviceStatus: Handler<'GetDeviceStatus'> = async (deps, scope, request) => {
  const device = await getDevice(deps, scope, selectorOf(request));
  return { Data: { Status: device.status, Timestamp: device.statusAt } };
};
