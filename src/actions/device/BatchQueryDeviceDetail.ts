import { getDeviceDetails } from '../../domain/devices.ts';
import type { Handler } from '../handler.ts';
import { detailMembers } from './members.ts';

export const BatchQueryDeviceDetail: Handler<'BatchQueryDeviceDetail'> = async (deps, scope, request) => {
  const devices = await getDeviceDetails(deps, scope, { productKey: request.ProductKey, names: request.DeviceName });
  return { Data: { Data: devices.map(detailMembers) } };
};
