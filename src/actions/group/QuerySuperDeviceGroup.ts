import { parentsOfGroup } from '../../domain/groups.ts';
import type { Handler } from '../handler.ts';

export const QuerySuperDeviceGroup: Handler<'QuerySuperDeviceGroup'> = async (deps, scope, request) => {
  const parents = await parentsOfGroup(deps, scope, request.GroupId);
  return {
    Data: {
      GroupInfo: parents.map(({ id, name, description }) => ({
        GroupId: id,
        GroupName: name,
        GroupDesc: description,
      })),
    },
  };
};
