import { unsubscribeGroup } from '../../domain/subscriptions.ts';
import type { Handler } from '../handler.ts';

export const DeleteConsumerGroupSubscribeRelation: Handler<'DeleteConsumerGroupSubscribeRelation'> = async (
  deps,
  scope,
  request,
) => {
  await unsubscribeGroup(deps, scope, { groupId: request.ConsumerGroupId, productKey: request.ProductKey });
  return {};
};
