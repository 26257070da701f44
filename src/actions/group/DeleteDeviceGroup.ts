import { removeGroup } from '../../domain/groups.ts';
import type { Handler } from '../handler.ts';

export const DeleteDeviceGroup: Handler<'DeleteDeviceGroup'> = async (deps, scope, request) => {
  await removeGroup(deps, scope, request.GroupId);
  return {};
};
