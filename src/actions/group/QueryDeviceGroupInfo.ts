import { getGroup } from '../../domain/groups.ts';
import type { Handler } from '../handler.ts';
import { groupMembers } from './members.ts';

export const QueryDeviceGroupInfo: Handler<'QueryDeviceGroupInfo'> = async (deps, scope, request) => {
  const { group, devices } = await getGroup(deps, scope, { id: request.GroupId, type: request.GroupType });
  return {
    Data: {
      ...groupMembers(group),
      DynamicGroupExpression: group.expression,
      DeviceCount: devices.total,
      DeviceActive: devices.activated,
      DeviceOnline: devices.online,
    },
  };
};
