import { addUser } from '../../domain/users.ts';
import type { Handler } from '../handler.ts';

export const CreateUser: Handler<'CreateUser'> = async (deps, scope, request) => ({
  UserId: await addUser(deps, scope, { name: request.UserName, policy: request.Policy, password: request.Password }),
});
