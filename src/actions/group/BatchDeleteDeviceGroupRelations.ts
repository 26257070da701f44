import { removeFromGroup } from '../../domain/group-members.ts';
import type { Handler } from '../handler.ts';

export const BatchDeleteDeviceGroupRelations: Handler<'BatchDeleteDeviceGroupRelations'> = async (
  deps,
  scope,
  request,
) => {
  const { valid, removed } = await removeFromGroup(deps, scope, {
    groupId: request.GroupId,
    members: request.Device.map((device) => ({ productKey: device.ProductKey, name: device.DeviceName })),
  });
  return { ValidDeviceCount: valid, SuccessDeviceCount: removed, AlreadyRelatedGroupDeviceCount: removed };
};
