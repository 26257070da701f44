import { changeGroup } from '../../domain/groups.ts';
import type { Handler } from '../handler.ts';

export const UpdateDeviceGroup: Handler<'UpdateDeviceGroup'> = async (deps, scope, request) => {
  await changeGroup(deps, scope, { id: request.GroupId, description: request.GroupDesc, type: request.GroupType });
  return {};
};
