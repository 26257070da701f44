import { deviceStatistics } from '../../domain/device-states.ts';
import type { Handler } from '../handler.ts';

export const QueryDeviceStatistics: Handler<'QueryDeviceStatistics'> = async (deps, scope, request) => {
  const counts = await deviceStatistics(deps, scope, { productKey: request.ProductKey, groupId: request.GroupId });
  return { Data: { deviceCount: counts.total, activeCount: counts.activated, onlineCount: counts.online } };
};
