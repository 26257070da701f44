import { pageOfKeys } from '../../domain/access-keys.ts';
import { pagingAnswer } from '../../domain/paging.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { statusText } from './members.ts';

export const ListAccessKeys: Handler<'ListAccessKeys'> = async (deps, scope, request) => {
  const { CurrentPage: page, PageSize: pageSize, UserId: userId } = request;
  const found = await pageOfKeys(deps, scope, { page, pageSize, userId });
  return {
    ...pagingAnswer(found.page, found.total),
    Data: {
      AccessKey: found.keys.map((key) => ({
        AccessKeyId: key.id,
        UserId: key.user?.id,
        UserName: key.user?.name,
        UserStatus: key.user && statusText(key.user.isActive),
        Status: statusText(key.isActive),
        CreateTime: utcText(key.createdAt),
      })),
    },
  };
};
