import { createGroup } from '../../domain/groups.ts';
import type { Handler } from '../handler.ts';
import { groupMembers } from './members.ts';

export const CreateDeviceGroup: Handler<'CreateDeviceGroup'> = async (deps, scope, request) => {
  const group = await createGroup(deps, scope, {
    name: request.GroupName,
    description: request.GroupDesc,
    parentId: request.SuperGroupId,
  });
  return {
    Data: groupMembers(group),
  };
};
