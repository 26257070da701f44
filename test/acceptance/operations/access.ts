import { type Operation, page, textAt, type Via, type World } from './operation.ts';

const user = (world: World, via: Via) => ({ UserId: world[via]['user'] });
const key = (world: World, via: Via) => ({ UserAccessKeyId: world[via]['key'] });
const unknownUser = { refused: () => ({ UserId: 'nothing' }), code: 'iot.access.UserNotExist' };
const unknownKey = { code: 'iot.access.AccessKeyNotExist' };
const tooLarge = { refused: () => ({ ...page, PageSize: 101 }), code: 'iot.common.InvalidPageParams' };

export const accessOperations: readonly Operation[] = [
  {
    action: 'CreateUser',
    good: (_, via) => ({ UserName: `user-${via}`, Password: 'correct horse battery' }),
    keep: (answer) => ({ user: textAt(answer, 'UserId') }),
    refused: () => ({ UserName: 'root' }),
    code: 'iot.access.InvalidUserName',
  },
  { action: 'UpdateUser', good: (world, via) => ({ ...user(world, via), RemovePassword: true }), ...unknownUser },
  { action: 'ListUsers', good: () => page, same: true, ...tooLarge },
  {
    action: 'CreateAccessKey',
    good: user,
    keep: (answer) => ({ key: textAt(answer, 'AccessKeyId') }),
    ...unknownUser,
  },
  { action: 'ListAccessKeys', good: () => page, same: true, ...tooLarge },
  {
    action: 'UpdateAccessKey',
    good: (world, via) => ({ ...key(world, via), Status: 'Inactive' }),
    refused: () => ({ UserAccessKeyId: 'nothing', Status: 'Active' }),
    ...unknownKey,
  },
  { action: 'DeleteAccessKey', good: key, refused: () => ({ UserAccessKeyId: 'nothing' }), ...unknownKey },
  { action: 'DeleteUser', good: user, ...unknownUser },
];
