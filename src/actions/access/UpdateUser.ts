import { changeUser, readStatus } from '../../domain/users.ts';
import type { Handler } from '../handler.ts';

export const UpdateUser: Handler<'UpdateUser'> = async (deps, scope, request) => {
  await changeUser(deps, scope, request.UserId, {
    name: request.NewUserName || undefined,
    policy: request.RemovePolicy ? null : request.Policy || undefined,
    password: request.RemovePassword ? null : request.Password || undefined,
    isActive: request.Status === undefined ? undefined : readStatus(request.Status),
  });
  return {};
};
