import { getConsumerGroup } from '../../domain/consumer-groups.ts';
import type { Handler } from '../handler.ts';
import { groupMembers } from './members.ts';

export const QueryConsumerGroupByGroupId: Handler<'QueryConsumerGroupByGroupId'> = async (deps, scope, request) => ({
  Data: groupMembers(await getConsumerGroup(deps, scope, request.GroupId)),
});
