import { changeSubscription } from '../../domain/subscriptions.ts';
import type { Handler } from '../handler.ts';
import { settingsOf } from './members.ts';

export const UpdateSubscribeRelation: Handler<'UpdateSubscribeRelation'> = async (deps, scope, request) => {
  await changeSubscription(deps, scope, { productKey: request.ProductKey, type: request.Type }, settingsOf(request));
  return {};
};
