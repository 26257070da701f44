import { expect, it } from 'vitest';
import {
  createAccount,
  createInstance,
  createUser,
  deleteKey,
  disableKey,
  ensureRootAccount,
  identify,
  listKeys,
  resolveScope,
} from '../../../src/domain/accounts.ts';
import { forgetOldNonces, rememberNonce } from '../../../src/domain/nonces.ts';
import { permits } from '../../../src/domain/policy.ts';
import { createProduct, getProduct } from '../../../src/domain/products.ts';
import { createVault } from '../../../src/lib/vault.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, MINUTE, reopen } from './world.ts';

const policy = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'iot:Query*', Resource: '*' }] });

eachEngine('an account', (database) => {
  it('has a key that identifies it and is under no policy', async () => {
    const { deps } = await createWorld(database);
    const account = await createAccount(deps, 'mine');
    const { caller, secret } = await identify(deps, account.accessKeyId);
    const { instanceId } = await resolveScope(deps.engine.read, account.accountId, undefined);
    expect(caller).toEqual({
      publicInstanceId: instanceId,
      accessKeyId: account.accessKeyId,
      accountId: account.accountId,
    });
    expect(secret).toBe(account.accessKeySecret);
  });

  it('keeps its secrets unreadable in the database', async () => {
    const { deps, engine } = await createWorld(database);
    const account = await createAccount(deps, 'mine');
    const rows = await engine.read.selectFrom('access_key').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(account.accessKeySecret);
    const other = { ...deps, vault: createVault(Buffer.alloc(32, 8)) };
    await expect(identify(other, account.accessKeyId)).rejects.toThrow();
  });

  it('is made once as the root account, with the key that the operator chose', async () => {
    const world = await createWorld(database);
    const { deps } = world;
    const given = { accessKeyId: 'LTAIchosen', accessKeySecret: 'chosen' };
    const other = await reopen(world, database);
    const made = await Promise.all([ensureRootAccount(deps, given), ensureRootAccount(other.deps, given)]);
    expect(made.filter((root) => root !== undefined)).toHaveLength(1);
    expect(await ensureRootAccount(deps, undefined)).toBeUndefined();
    expect((await identify(deps, 'LTAIchosen')).secret).toBe('chosen');
  });

  it('is made as the root account at the first start, even where the operator made others before', async () => {
    const { deps } = await createWorld(database);
    await createAccount(deps, 'made before');
    const root = await ensureRootAccount(deps, { accessKeyId: 'LTAIchosen', accessKeySecret: 'chosen' });
    expect((await identify(deps, 'LTAIchosen')).caller.accountId).toBe(root?.accountId);
  });
});

eachEngine('a key', (database) => {
  it('that is disabled or deleted identifies nobody from then on, in every process', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    const first = await createAccount(here.deps, 'first');
    const second = await createAccount(here.deps, 'second');
    for (const { deps } of [here, there]) await identify(deps, first.accessKeyId);
    expect(await disableKey(here.deps, first.accessKeyId)).toBe(true);
    expect(await deleteKey(here.deps, second.accessKeyId)).toBe(true);
    for (const world of [here, there]) {
      expect(await world.refusal(() => identify(world.deps, first.accessKeyId))).toBe('gateway.inactiveAccessKey');
      expect(await world.refusal(() => identify(world.deps, second.accessKeyId))).toBe('gateway.unknownAccessKey');
    }
    expect(await deleteKey(here.deps, second.accessKeyId)).toBe(false);
    expect(await disableKey(here.deps, second.accessKeyId)).toBe(false);
  });

  it('that nobody has is unknown, however it is spelled', async () => {
    const world = await createWorld(database);
    for (const id of ['', 'LTAI', "' or 1=1 --", 'x'.repeat(10_000)]) {
      expect(await world.refusal(() => identify(world.deps, id))).toBe('gateway.unknownAccessKey');
    }
  });

  it('is listed with its owner, never with its secret', async () => {
    const { deps } = await createWorld(database);
    const account = await createAccount(deps, 'mine');
    const user = await createUser(deps, { accountId: account.accountId, name: 'ci', policy });
    await disableKey(deps, user.accessKeyId);
    const mine = (await listKeys(deps)).filter((key) => key.account_id === account.accountId);
    expect(mine.map(({ id, account_name, user_name, active }) => [id, account_name, user_name, active])).toEqual([
      [account.accessKeyId, 'mine', null, 1],
      [user.accessKeyId, 'mine', 'ci', 0],
    ]);
    expect(JSON.stringify(mine)).not.toContain(account.accessKeySecret);
  });
});

eachEngine('a RAM user', (database) => {
  it('may do what its policy says, in its own account', async () => {
    const { deps } = await createWorld(database);
    const { accountId } = await createAccount(deps, 'mine');
    const user = await createUser(deps, { accountId, name: 'ci', policy });
    const { caller, secret } = await identify(deps, user.accessKeyId);
    expect([caller.accountId, secret]).toEqual([accountId, user.accessKeySecret]);
    expect(permits(caller.policy ?? [], 'iot:QueryOTAJob', accountId)).toBe(true);
    expect(permits(caller.policy ?? [], 'iot:DeleteDevice', accountId)).toBe(false);
  });

  it('without a policy may do nothing, and neither may one whose stored policy makes no sense', async () => {
    const { deps, engine } = await createWorld(database);
    const { accountId } = await createAccount(deps, 'mine');
    const user = await createUser(deps, { accountId, name: 'ci' });
    const allowed = async () => {
      const { caller } = await identify(deps, user.accessKeyId);
      expect(caller.policy).toBeDefined();
      return permits(caller.policy ?? [], 'iot:QueryOTAJob', accountId);
    };
    expect(await allowed()).toBe(false);
    for (const stored of ['{', 'null', '{"Version":"2"}']) {
      await engine.transaction(({ db }) => db.updateTable('ram_user').set({ policy: stored }).execute());
      expect(await allowed()).toBe(false);
    }
    await engine.transaction(({ db }) => db.updateTable('ram_user').set({ policy }).execute());
    expect(await allowed()).toBe(true);
  });

  it('is refused with a sentence when its policy, account or name is wrong', async () => {
    const { deps } = await createWorld(database);
    const { accountId } = await createAccount(deps, 'mine');
    await createUser(deps, { accountId, name: 'ci' });
    await expect(createUser(deps, { accountId, name: 'x', policy: '{}' })).rejects.toThrow('The policy is not valid');
    await expect(createUser(deps, { accountId: 'nobody', name: 'x' })).rejects.toThrow('There is no account nobody.');
    await expect(createUser(deps, { accountId, name: 'ci' })).rejects.toThrow('has a user named ci already');
    const other = await createAccount(deps, 'other');
    await createUser(deps, { accountId: other.accountId, name: 'ci' });
  });
});

eachEngine('an instance', (database) => {
  it('is the public one of the account without an id, and its own by id only', async () => {
    const world = await createWorld(database);
    const { deps, engine } = world;
    const mine = await createAccount(deps, 'mine');
    const other = await createAccount(deps, 'other');
    const { iotInstanceId } = await createInstance(deps, { accountId: mine.accountId, name: 'edge' });
    const open = await resolveScope(engine.read, mine.accountId, undefined);
    expect(await resolveScope(engine.read, mine.accountId, '')).toEqual(open);
    expect(await resolveScope(engine.read, mine.accountId, iotInstanceId)).toEqual({
      accountId: mine.accountId,
      instanceId: iotInstanceId,
    });
    for (const id of [open.instanceId, 'iot-nobody', iotInstanceId.toUpperCase()]) {
      expect(await world.refusal(() => resolveScope(engine.read, mine.accountId, id)), id).toBe('instance.notFound');
    }
    expect(await world.refusal(() => resolveScope(engine.read, other.accountId, iotInstanceId))).toBe(
      'instance.notFound',
    );
    expect(await world.refusal(() => resolveScope(engine.read, 'nobody', undefined))).toBe('instance.notFound');
    await expect(createInstance(deps, { accountId: 'nobody', name: 'x' })).rejects.toThrow(
      'There is no account nobody.',
    );
  });

  it('sees its own objects only, and a package or device of another one does not exist in it', async () => {
    const world = await createWorld(database);
    const { deps, scope } = world;
    const { iotInstanceId } = await createInstance(deps, { accountId: scope.accountId, name: 'edge' });
    const edge = await resolveScope(world.engine.read, scope.accountId, iotInstanceId);
    const product = await createProduct(deps, edge, { name: 'pump', nodeType: 0 });
    expect(await world.refusal(() => getProduct(deps, scope, product.key))).toBe('product.notFound');
    expect(await world.refusal(() => getProduct(deps, edge, world.productKey))).toBe('product.notFound');
    expect(await world.refusal(() => world.job({ productKey: product.key }))).toBe('product.notFound');
  });
});

eachEngine('a nonce', (database) => {
  it('is taken once by each key within its window, however many processes are asked', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    const tries = [here, there, here, there].map(({ deps }) => rememberNonce(deps, 'key', 'n', 10 * MINUTE));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await rememberNonce(here.deps, 'other', 'n', 10 * MINUTE)).toBe(true);
    expect(await rememberNonce(here.deps, 'key', 'N', 10 * MINUTE)).toBe(true);
    await here.clock.advance(10 * MINUTE);
    expect(await rememberNonce(there.deps, 'key', 'n', 10 * MINUTE)).toBe(false);
    await here.clock.advance(1);
    expect(await rememberNonce(there.deps, 'key', 'n', 10 * MINUTE)).toBe(true);
  });

  it('may be any text', async () => {
    const { deps } = await createWorld(database);
    for (const nonce of [
      '',
      ' ',
      'x'.repeat(64),
      'x'.repeat(65),
      'x'.repeat(100_000),
      '灯',
      '\ud800',
      'a\0b',
      'a\0c',
    ]) {
      expect(await rememberNonce(deps, 'key', nonce, MINUTE)).toBe(true);
      expect(await rememberNonce(deps, 'key', nonce, MINUTE)).toBe(false);
    }
  });

  it('is forgotten after its window, not before', async () => {
    const { deps, clock, engine } = await createWorld(database);
    await rememberNonce(deps, 'key', 'short', MINUTE);
    await rememberNonce(deps, 'key', 'long', 10 * MINUTE);
    const left = async () => {
      await forgetOldNonces(deps);
      return (await engine.read.selectFrom('nonce').select('nonce').execute()).map((row) => row.nonce);
    };
    expect(await left()).toHaveLength(2);
    await clock.advance(MINUTE + 1);
    expect(await left()).toEqual(['long']);
    await clock.advance(10 * MINUTE);
    expect(await left()).toEqual([]);
  });
});
