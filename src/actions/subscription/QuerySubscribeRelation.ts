import { getSubscription } from '../../domain/subscriptions.ts';
import type { Handler } from '../handler.ts';
import { flagMembers } from './members.ts';

export const QuerySubscribeRelation: Handler<'QuerySubscribeRelation'> = async (deps, scope, request) => {
  const subscription = await getSubscription(deps, scope, { productKey: request.ProductKey, type: request.Type });
  return {
    ProductKey: request.ProductKey,
    Type: request.Type,
    ConsumerGroupIds: [...subscription.groupIds],
    MnsConfiguration: '',
    ...flagMembers(subscription.flags),
  };
};
