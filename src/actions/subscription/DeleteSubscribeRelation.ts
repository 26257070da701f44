import { removeSubscription } from '../../domain/subscriptions.ts';
import type { Handler } from '../handler.ts';

export const DeleteSubscribeRelation: Handler<'DeleteSubscribeRelation'> = async (deps, scope, request) => {
  await removeSubscription(deps, scope, { productKey: request.ProductKey, type: request.Type });
  return {};
};
