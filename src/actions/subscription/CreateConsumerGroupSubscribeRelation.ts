import { subscribeGroup } from '../../domain/subscriptions.ts';
import type { Handler } from '../handler.ts';

export const CreateConsumerGroupSubscribeRelation: Handler<'CreateConsumerGroupSubscribeRelation'> = async (
  deps,
  scope,
  request,
) => {
  await subscribeGroup(deps, scope, { groupId: request.ConsumerGroupId, productKey: request.ProductKey });
  return {};
};
