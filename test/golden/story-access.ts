import type { Teller } from './story-tasks.ts';

const policyOf = (...actions: readonly string[]) =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

/** Who may do what: users and keys, managed by the account and by a user who may. */
export async function tellOfAccess({ world, call, member }: Pick<Teller, 'world' | 'call' | 'member'>): Promise<void> {
  const page = { CurrentPage: '1', PageSize: '10' };
  const UserId = member(await call('a user', 'CreateUser', { UserName: 'ann' }), 'UserId');
  const Password = 'correct horse battery';
  await call('with rights and a password', 'CreateUser', {
    UserName: 'bob',
    Policy: policyOf('iot:Query*'),
    Password,
  });
  await call('a name that is taken', 'CreateUser', { UserName: 'ann' });
  await call('a name with a blank', 'CreateUser', { UserName: 'an n' });
  await call('the name of the account', 'CreateUser', { UserName: 'root' });
  await call('a policy that is none', 'CreateUser', { UserName: 'eve', Policy: '{"Version":"1","Statement":{}}' });
  await call('a password that is short', 'CreateUser', { UserName: 'eve', Password: 'short' });
  await call('one too many', 'CreateUser', { UserName: 'eve' }, { limits: { users: 2 } });
  await call('by name', 'ListUsers', page);
  await call('a page that is too large', 'ListUsers', { ...page, PageSize: '101' });
  await call("another account's", 'ListUsers', page, { as: world.keys.stranger });
  await call('without the right', 'ListUsers', page, { as: world.keys.powerless });

  await call('another name, rights and a password', 'UpdateUser', {
    UserId,
    NewUserName: 'ann.lee',
    Policy: policyOf('iot:*', 'otaru:*User', 'otaru:*AccessKey'),
    Password,
  });
  await call('an unknown one', 'UpdateUser', { UserId: 'nothing', NewUserName: 'ann' });
  await call("another account's", 'UpdateUser', { UserId, NewUserName: 'ann' }, { as: world.keys.stranger });
  await call('a name that is taken', 'UpdateUser', { UserId, NewUserName: 'bob' });
  await call('a name with a blank', 'UpdateUser', { UserId, NewUserName: 'an n' });
  await call('a policy that is none', 'UpdateUser', { UserId, Policy: '[]' });
  await call('a password that is long', 'UpdateUser', { UserId, Password: 'x'.repeat(129) });
  await call('no password any more', 'UpdateUser', { UserId, RemovePassword: 'true' });
  await call('who may do nothing for now', 'UpdateUser', { UserId, Status: 'Inactive' });
  await call('with one who is not active', 'ListUsers', page);
  await call('a status that is none', 'UpdateUser', { UserId, Status: 'asleep' });
  await call('as before', 'UpdateUser', { UserId, Status: 'Active' });

  const key = await call('of a user', 'CreateAccessKey', { UserId });
  const ann = { accessKeyId: member(key, 'AccessKeyId'), accessKeySecret: member(key, 'AccessKeySecret') };
  const second = member(await call('of the account itself', 'CreateAccessKey', {}), 'AccessKeyId');
  await call('of an unknown user', 'CreateAccessKey', { UserId: 'nothing' });
  await call('one too many', 'CreateAccessKey', { UserId }, { limits: { keysPerUser: 1 } });
  await call('all', 'ListAccessKeys', page);
  await call('of a user', 'ListAccessKeys', { ...page, UserId });
  await call('of an unknown user', 'ListAccessKeys', { ...page, UserId: 'nothing' });
  await call('a page that is too large', 'ListAccessKeys', { ...page, PageSize: '101' });

  // one who may manage users manages those who may do no more, and not the account itself
  const mighty = member(await world.call('CreateUser', { UserName: 'mighty', Policy: policyOf('*') }), 'UserId');
  const asAnn = { as: ann };
  const helper = await call(
    'by a user, with rights of that user',
    'CreateUser',
    { UserName: 'helper', Policy: policyOf('iot:*') },
    asAnn,
  );
  await call(
    'by a user, with rights that this one lacks',
    'CreateUser',
    { UserName: 'eve', Policy: policyOf('otaru:List*') },
    asAnn,
  );
  await call(
    'by a user, to rights that this one lacks',
    'UpdateUser',
    { UserId: member(helper, 'UserId'), Policy: policyOf('*') },
    asAnn,
  );
  await call('by a user, one who may do more', 'UpdateUser', { UserId: mighty, Password }, asAnn);
  await call('by a user, one who may do more', 'DeleteUser', { UserId: mighty }, asAnn);
  await call('by a user, for one who may do more', 'CreateAccessKey', { UserId: mighty }, asAnn);
  await call('by a user, for the account itself', 'CreateAccessKey', {}, asAnn);
  await call(
    'by a user, of the account itself',
    'UpdateAccessKey',
    { UserAccessKeyId: second, Status: 'Inactive' },
    asAnn,
  );
  await call('by a user, of the account itself', 'DeleteAccessKey', { UserAccessKeyId: second }, asAnn);

  await call('refused from now on', 'UpdateAccessKey', { UserAccessKeyId: second, Status: 'Inactive' });
  await call('the last of the account', 'UpdateAccessKey', {
    UserAccessKeyId: world.keys.root.accessKeyId,
    Status: 'Inactive',
  });
  await call('the last of the account', 'DeleteAccessKey', { UserAccessKeyId: world.keys.root.accessKeyId });
  await call('accepted again', 'UpdateAccessKey', { UserAccessKeyId: second, Status: 'Active' });
  await call('a status that is none', 'UpdateAccessKey', { UserAccessKeyId: second, Status: 'asleep' });
  await call('an unknown one', 'UpdateAccessKey', { UserAccessKeyId: 'nothing', Status: 'Active' });
  await call('that is there', 'DeleteAccessKey', { UserAccessKeyId: second });
  await call('the same again', 'DeleteAccessKey', { UserAccessKeyId: second });
  await call('with a key', 'DeleteUser', { UserId });
  await call('the same again', 'DeleteUser', { UserId });
}
