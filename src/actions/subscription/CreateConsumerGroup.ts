import { createConsumerGroup } from '../../domain/consumer-groups.ts';
import type { Handler } from '../handler.ts';

export const CreateConsumerGroup: Handler<'CreateConsumerGroup'> = async (deps, scope, request) => ({
  GroupId: await createConsumerGroup(deps, scope, request.GroupName),
});
