import { removeUser } from '../../domain/users.ts';
import type { Handler } from '../handler.ts';

export const DeleteUser: Handler<'DeleteUser'> = async (deps, scope, request) => {
  await removeUser(deps, scope, request.UserId);
  return {};
};
