import { removeConsumerGroup } from '../../domain/consumer-groups.ts';
import type { Handler } from '../handler.ts';

export const DeleteConsumerGroup: Handler<'DeleteConsumerGroup'> = async (deps, scope, request) => {
  await removeConsumerGroup(deps, scope, request.GroupId);
  return {};
};
