import { pageOfGroups } from '../../domain/groups.ts';
import { pagingAnswer } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';
import { typedGroupMembers } from './members.ts';

export const QueryDeviceGroupList: Handler<'QueryDeviceGroupList'> = async (deps, scope, request) => {
  const { page, total, groups } = await pageOfGroups(deps, scope, {
    page: request.CurrentPage,
    pageSize: request.PageSize,
    name: request.GroupName,
    parentId: request.SuperGroupId,
    types: request.GroupTypes,
  });
  return {
    ...pagingAnswer(page, total),
    Data: {
      GroupInfo: groups.map(typedGroupMembers),
    },
  };
};
