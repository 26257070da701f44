import { expect, it } from 'vitest';
import { createKey, pageOfKeys, removeKey, switchKey } from '../../../src/domain/access-keys.ts';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { addUser, changeAccountPassword, changeUser, pageOfUsers, removeUser } from '../../../src/domain/users.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld } from '../actions/world.ts';

const PASSWORD = 'correct horse battery';

eachEngine('users and keys of an account', (database) => {
  async function world() {
    const { deps, atOnce } = await createWorld(database);
    const key = await createAccount(deps, 'acme');
    const scope = await resolveScope(deps.engine.read, key.accountId, undefined);
    const own = async () => {
      const { keys } = await pageOfKeys(deps, scope, { page: 1, pageSize: 100 });
      return keys.filter(({ user, isActive }) => !user && isActive).map(({ id }) => id);
    };
    return { deps, scope, key, own, atOnce };
  }

  it('leave the account a way in, also when its keys are deleted at the same time', async () => {
    const { deps, scope, key, own, atOnce } = await world();
    const second = await createKey(deps, scope, undefined);
    const outcomes = await atOnce([
      () => removeKey(deps, scope, key.accessKeyId),
      () => switchKey(deps, scope, { id: second.accessKeyId, status: 'Inactive' }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [last = '', ...others] = await own();
    expect(others).toEqual([]);
    await expect(removeKey(deps, scope, last)).rejects.toThrow('access.lastWayIn');
    await changeAccountPassword(deps, scope.accountId, PASSWORD);
    await removeKey(deps, scope, last);
    expect(await own()).toEqual([]);
  });

  it('are not found from another account', async () => {
    const { deps, scope, key } = await world();
    const stranger = await createAccount(deps, 'stranger');
    const elsewhere = await resolveScope(deps.engine.read, stranger.accountId, undefined);
    const id = await addUser(deps, scope, { name: 'ann' });
    const before = await pageOfUsers(deps, scope, { page: 1, pageSize: 10 });
    for (const act of [
      () => changeUser(deps, elsewhere, id, { policy: null, password: PASSWORD }),
      () => removeUser(deps, elsewhere, id),
      () => createKey(deps, elsewhere, id),
      () => pageOfKeys(deps, elsewhere, { page: 1, pageSize: 10, userId: id }),
    ]) {
      await expect(act()).rejects.toThrow('access.userNotFound');
    }
    await expect(removeKey(deps, elsewhere, key.accessKeyId)).rejects.toThrow('access.keyNotFound');
    const off = { id: key.accessKeyId, status: 'Inactive' };
    await expect(switchKey(deps, elsewhere, off)).rejects.toThrow('access.keyNotFound');
    expect(await pageOfUsers(deps, scope, { page: 1, pageSize: 10 })).toEqual(before);
    expect((await pageOfUsers(deps, elsewhere, { page: 1, pageSize: 10 })).users).toEqual([]);
  });

  it('are at most so many, also when they are made at the same time', async () => {
    const { deps, scope, atOnce } = await world();
    const few = { ...deps, limits: { ...deps.limits, users: 1, keysPerUser: 2 } };
    const users = await atOnce([
      () => addUser(few, scope, { name: 'ann' }),
      () => addUser(few, scope, { name: 'bob' }),
    ]);
    const keys = await atOnce([() => createKey(few, scope, undefined), () => createKey(few, scope, undefined)]);
    for (const outcomes of [users, keys]) {
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    }
  });
});
