import { switchKey } from '../../domain/access-keys.ts';
import type { Handler } from '../handler.ts';

export const UpdateAccessKey: Handler<'UpdateAccessKey'> = async (deps, scope, request) => {
  await switchKey(deps, scope, { id: request.UserAccessKeyId, status: request.Status });
  return {};
};
