import { removeDynamicGroup } from '../../domain/dynamic-groups.ts';
import type { Handler } from '../handler.ts';

export const DeleteDeviceDynamicGroup: Handler<'DeleteDeviceDynamicGroup'> = async (deps, scope, request) => {
  await removeDynamicGroup(deps, scope, request.GroupId);
  return {};
};
