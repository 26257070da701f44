import { getDeviceDetail } from '../../domain/devices.ts';
import type { Handler } from '../handler.ts';
import { chinaTimeOf, detailMembers, selectorOf, utcOf } from './members.ts';

export const QueryDeviceDetail: Handler<'QueryDeviceDetail'> = async (deps, scope, request) => {
  const device = await getDeviceDetail(deps, scope, selectorOf(request));
  return {
    Data: {
      ...detailMembers(device),
      IpAddress: device.ip,
      GmtOnline: chinaTimeOf(device.onlineAt),
      UtcOnline: utcOf(device.onlineAt),
      Owner: true,
    },
  };
};
