import { pagingAnswer } from '../../domain/paging.ts';
import { pageOfUsers } from '../../domain/users.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { statusText } from './members.ts';

export const ListUsers: Handler<'ListUsers'> = async (deps, scope, request) => {
  const found = await pageOfUsers(deps, scope, { page: request.CurrentPage, pageSize: request.PageSize });
  return {
    ...pagingAnswer(found.page, found.total),
    Data: {
      User: found.users.map((user) => ({
        UserId: user.id,
        UserName: user.name,
        Policy: user.policy,
        HasPassword: user.hasPassword,
        Status: statusText(user.isActive),
        CreateTime: utcText(user.createdAt),
      })),
    },
  };
};
