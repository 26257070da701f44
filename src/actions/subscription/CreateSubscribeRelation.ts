import { createSubscription } from '../../domain/subscriptions.ts';
import type { Handler } from '../handler.ts';
import { settingsOf } from './members.ts';

export const CreateSubscribeRelation: Handler<'CreateSubscribeRelation'> = async (deps, scope, request) => {
  await createSubscription(deps, scope, { productKey: request.ProductKey, type: request.Type }, settingsOf(request));
  return {};
};
