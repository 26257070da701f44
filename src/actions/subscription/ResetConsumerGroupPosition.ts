import { resetConsumerGroup } from '../../domain/consumer-groups.ts';
import type { Handler } from '../handler.ts';

export const ResetConsumerGroupPosition: Handler<'ResetConsumerGroupPosition'> = async (deps, scope, request) => {
  await resetConsumerGroup(deps, scope, request.GroupId);
  return {};
};
