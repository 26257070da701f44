import { pageOfConsumerGroups } from '../../domain/consumer-groups.ts';
import { pagingAnswer } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';
import { groupMembers } from './members.ts';

export const QueryConsumerGroupList: Handler<'QueryConsumerGroupList'> = async (deps, scope, request) => {
  const { page, total, groups } = await pageOfConsumerGroups(deps, scope, {
    page: request.CurrentPage,
    pageSize: request.PageSize,
    name: request.GroupName,
    fuzzy: request.Fuzzy,
  });
  return { ...pagingAnswer(page, total), Data: { ConsumerGroupDTO: groups.map(groupMembers) } };
};
