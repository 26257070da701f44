import { groupsOf } from '../../domain/group-members.ts';
import type { Handler } from '../handler.ts';
import { typedGroupMembers } from './members.ts';

export const QueryDeviceGroupByDevice: Handler<'QueryDeviceGroupByDevice'> = async (deps, scope, request) => {
  const groups = await groupsOf(deps, scope, { productKey: request.ProductKey, name: request.DeviceName });
  return {
    GroupInfos: { GroupInfo: groups.map(typedGroupMembers) },
  };
};
