import { addToGroup } from '../../domain/group-members.ts';
import type { Handler } from '../handler.ts';

export const BatchAddDeviceGroupRelations: Handler<'BatchAddDeviceGroupRelations'> = async (deps, scope, request) => {
  const addition = await addToGroup(deps, scope, {
    groupId: request.GroupId,
    members: request.Device.map((device) => ({ productKey: device.ProductKey, name: device.DeviceName })),
  });
  return {
    ValidDeviceCount: addition.valid,
    SuccessAddedDeviceCount: addition.added,
    AlreadyRelatedGroupDeviceCount: addition.already,
    ExceedTenGroupDeviceCount: addition.full,
    // told on success too (openapi-gateway 6.2)
    ErrorMessage:
      `Valid devices: ${addition.valid}. Added: ${addition.added}. Already in the group: ${addition.already}. ` +
      `In too many groups: ${addition.full}.`,
  };
};
