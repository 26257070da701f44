import { removeKey } from '../../domain/access-keys.ts';
import type { Handler } from '../handler.ts';

export const DeleteAccessKey: Handler<'DeleteAccessKey'> = async (deps, scope, request) => {
  await removeKey(deps, scope, request.UserAccessKeyId);
  return {};
};
