import { createDynamicGroup } from '../../domain/dynamic-groups.ts';
import type { Handler } from '../handler.ts';
import { groupMembers } from './members.ts';

export const CreateDeviceDynamicGroup: Handler<'CreateDeviceDynamicGroup'> = async (deps, scope, request) => {
  const group = await createDynamicGroup(deps, scope, {
    name: request.GroupName,
    description: request.GroupDesc,
    expression: request.DynamicGroupExpression,
  });
  return { Data: { ...groupMembers(group), DynamicGroupExpression: group.expression } };
};
