import { createGroup } from '../../domain/groups.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const CreateDeviceGroup: Handler<'CreateDeviceGroup'> = async (deps, scope, request) => {
  const group = await createGroup(deps, scope, {
    name: request.GroupName,
    description: request.GroupDesc,
    parentId: request.SuperGroupId,
  });
  return {
    Data: {
      GroupId: group.id,
      GroupName: group.name,
      GroupDesc: group.description,
      UtcCreate: utcText(group.createdAt),
    },
  };
};
