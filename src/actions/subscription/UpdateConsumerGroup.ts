import { renameGroup } from '../../domain/consumer-groups.ts';
import type { Handler } from '../handler.ts';

export const UpdateConsumerGroup: Handler<'UpdateConsumerGroup'> = async (deps, scope, request) => {
  await renameGroup(deps, scope, { id: request.GroupId, name: request.NewGroupName });
  return {};
};
