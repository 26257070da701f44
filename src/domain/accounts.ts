import type { Db, Tx } from '../store/engine.ts';
import {
  deleteAccessKey,
  findAccessKey,
  findAccount,
  findInstance,
  findPublicInstance,
  insertAccessKey,
  insertAccount,
  insertInstance,
  insertUser,
  listAccessKeys,
  setAccessKeyActive,
} from '../store/queries/accounts.ts';
import { deleteSessionsOf } from '../store/queries/console-sessions.ts';
import { readMeta, settleMeta } from '../store/queries/meta.ts';
import { addBuiltInGroup } from './consumer-groups.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isUserName } from './names.ts';
import { type Policy, parsePolicy, storedPolicy } from './policy.ts';

/** Who is calling, once the signature of a call has been verified, or a session was found. */
export interface Caller {
  /** Empty for who signed in to the console by a password. */
  readonly accessKeyId: string;
  readonly accountId: string;
  /** The public instance of the account: looked up with the key, since most calls are about it. */
  readonly publicInstanceId: string | null;
  /** Absent for the account itself, which may do everything. */
  readonly policy?: Policy;
  /** The RAM user, if it is one. */
  readonly user?: { readonly id: string; readonly name: string };
}

export interface KeyPair {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** Under which the database remembers the first account. */
const ROOT_ACCOUNT = 'root-account';

type KeyDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault'>;

export const newKeyPair = ({ ids }: Pick<Deps, 'ids'>): KeyPair => ({
  accessKeyId: `LTAI5t${ids.text(18)}`,
  accessKeySecret: ids.text(30),
});

export async function addKey(
  deps: KeyDeps,
  tx: Tx,
  owner: { accountId: string; userId: string | null },
  pair: KeyPair,
) {
  await insertAccessKey(tx.db, {
    id: pair.accessKeyId,
    account_id: owner.accountId,
    user_id: owner.userId,
    secret: deps.vault.seal(pair.accessKeySecret),
    active: 1,
    created_at: deps.clock.now(),
  });
  tx.made(pair.accessKeyId);
}

async function addInstance(tx: Tx, row: Parameters<typeof insertInstance>[1]): Promise<void> {
  await insertInstance(tx.db, row);
  await addBuiltInGroup(tx, row.id, row.created_at);
}

async function addAccount(deps: KeyDeps, tx: Tx, accountId: string, name: string, pair: KeyPair) {
  const now = deps.clock.now();
  await insertAccount(tx.db, { id: accountId, name, created_at: now });
  tx.made(accountId);
  await addInstance(tx, { id: deps.ids.id(), account_id: accountId, name: 'public', is_public: 1, created_at: now });
  await addKey(deps, tx, { accountId, userId: null }, pair);
  return { accountId, ...pair };
}

/** Makes an account with its public instance and its first key, whose secret is told here only. */
export async function createAccount(deps: KeyDeps, name: string): Promise<KeyPair & { readonly accountId: string }> {
  return deps.engine.transaction((tx) => addAccount(deps, tx, deps.ids.id(), name, newKeyPair(deps)));
}

/**
 * Makes the root account at the first start, whether or not other accounts were made before.
 * @param given the key that the operator chose; a new one is made otherwise
 * @returns undefined when it had been made already
 */
export async function ensureRootAccount(
  deps: KeyDeps,
  given: KeyPair | undefined,
): Promise<(KeyPair & { readonly accountId: string }) | undefined> {
  return deps.engine.transaction(async (tx) => {
    const accountId = deps.ids.id();
    if ((await settleMeta(tx.db, ROOT_ACCOUNT, accountId)) !== accountId) return undefined;
    return addAccount(deps, tx, accountId, 'root', given ?? newKeyPair(deps));
  });
}

/** The account that the first start made. */
export const rootAccountId = (db: Db): Promise<string | undefined> => readMeta(db, ROOT_ACCOUNT);

/** Makes a RAM user with its first key. Without a policy it may do nothing. @throws Error with a sentence for the operator */
export async function createUser(
  deps: KeyDeps,
  input: { readonly accountId: string; readonly name: string; readonly policy?: string },
): Promise<KeyPair & { readonly userId: string }> {
  if (input.policy !== undefined) {
    const parsed = parsePolicy(input.policy);
    if (typeof parsed === 'string') throw new Error(`The policy is not valid: ${parsed}.`);
  }
  if (!isUserName(input.name)) {
    throw new Error('The name of a user is 1-64 letters, digits and . - _, and not root.');
  }
  const userId = deps.ids.id();
  const pair = newKeyPair(deps);
  await deps.engine.transaction(async (tx) => {
    if (!(await findAccount(tx.db, input.accountId))) throw new Error(`There is no account ${input.accountId}.`);
    try {
      await insertUser(tx.db, {
        id: userId,
        account_id: input.accountId,
        name: input.name,
        policy: input.policy ?? null,
        created_at: deps.clock.now(),
      });
    } catch (error) {
      if (deps.engine.isUniqueViolation(error)) throw new Error(`The account has a user named ${input.name} already.`);
      throw error;
    }
    tx.made(userId);
    await addKey(deps, tx, { accountId: input.accountId, userId }, pair);
  });
  return { userId, ...pair };
}

/** Makes an instance that is addressed by its id. @throws Error with a sentence for the operator */
export async function createInstance(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  input: { readonly accountId: string; readonly name: string },
): Promise<{ readonly iotInstanceId: string }> {
  const iotInstanceId = `iot-${deps.ids.text(14).toLowerCase()}`;
  await deps.engine.transaction(async (tx) => {
    if (!(await findAccount(tx.db, input.accountId))) throw new Error(`There is no account ${input.accountId}.`);
    await addInstance(tx, {
      id: iotInstanceId,
      account_id: input.accountId,
      name: input.name,
      is_public: 0,
      created_at: deps.clock.now(),
    });
    tx.made(iotInstanceId);
  });
  return { iotInstanceId };
}

export async function listKeys({ engine }: Pick<Deps, 'engine'>) {
  return listAccessKeys(engine.read);
}

/** @returns false when there is no such key */
export async function enableKey({ engine }: Pick<Deps, 'engine'>, accessKeyId: string): Promise<boolean> {
  return engine.transaction((tx) => setAccessKeyActive(tx.db, accessKeyId, 1));
}

/** Its sessions are not to come back with it. @returns false when there is no such key */
export async function refuseKey(db: Db, accessKeyId: string): Promise<boolean> {
  await deleteSessionsOf(db, { accessKeyId });
  return setAccessKeyActive(db, accessKeyId, 0);
}

/** @returns false when there is no such key */
export async function disableKey({ engine }: Pick<Deps, 'engine'>, accessKeyId: string): Promise<boolean> {
  return engine.transaction((tx) => refuseKey(tx.db, accessKeyId));
}

/** @returns false when there is no such key */
export async function deleteKey({ engine }: Pick<Deps, 'engine'>, accessKeyId: string): Promise<boolean> {
  return engine.transaction((tx) => deleteAccessKey(tx.db, accessKeyId));
}

/** What a RAM user may do, and who it is; nothing for the account itself. */
export function rightsOf(row: {
  readonly user_id: string | null;
  readonly user_name: string | null;
  readonly policy: string | null;
}): Pick<Caller, 'policy' | 'user'> {
  if (row.user_id === null) return {};
  return { policy: storedPolicy(row.policy), user: { id: row.user_id, name: row.user_name ?? '' } };
}

/** A key with its owner and its secret, whether or not it and its owner are active. */
export async function findKey(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  accessKeyId: string,
): Promise<{ readonly caller: Caller; readonly secret: string; readonly active: boolean } | undefined> {
  const key = await findAccessKey(engine.read, accessKeyId);
  if (!key) return undefined;
  const { account_id: accountId, public_instance_id: publicInstanceId } = key;
  const caller: Caller = { accessKeyId, accountId, publicInstanceId, ...rightsOf(key) };
  // the account itself has no user, and is always active
  return { caller, secret: vault.open(key.secret), active: key.active === 1 && key.user_active !== 0 };
}

/**
 * The owner and the secret of a key, to verify a signature with.
 * @throws gateway.unknownAccessKey, gateway.inactiveAccessKey
 */
export async function identify(
  deps: Pick<Deps, 'engine' | 'vault'>,
  accessKeyId: string,
): Promise<{ readonly caller: Caller; readonly secret: string }> {
  const key = await findKey(deps, accessKeyId);
  if (!key) fail('gateway.unknownAccessKey');
  if (!key.active) fail('gateway.inactiveAccessKey');
  return { caller: key.caller, secret: key.secret };
}

/** The instance that a call is about. @param iotInstanceId as sent; absent or empty means the public one. @throws instance.notFound */
export async function scopeOfCall(db: Db, caller: Caller, iotInstanceId: string | undefined): Promise<Scope> {
  const { accountId, publicInstanceId, policy } = caller;
  const { instanceId } = iotInstanceId
    ? await resolveScope(db, accountId, iotInstanceId)
    : { instanceId: publicInstanceId ?? fail('instance.notFound') };
  return { accountId, instanceId, ...(policy ? { policy } : {}) };
}

/** @param iotInstanceId as sent; absent or empty means the public instance. @throws instance.notFound */
export async function resolveScope(db: Db, accountId: string, iotInstanceId: string | undefined): Promise<Scope> {
  const instance = iotInstanceId
    ? await findInstance(db, accountId, iotInstanceId)
    : await findPublicInstance(db, accountId);
  if (!instance) fail('instance.notFound');
  return { accountId, instanceId: instance.id };
}

/**
 * The instance that an operator names.
 * @param named absent: the root account, and its public instance
 * @throws Error with a sentence for the operator
 */
export async function scopeForOperator(
  { engine }: Pick<Deps, 'engine'>,
  named: { readonly accountId?: string | undefined; readonly iotInstanceId?: string | undefined },
): Promise<Scope> {
  const accountId = named.accountId ?? (await rootAccountId(engine.read));
  if (accountId === undefined) throw new Error('There is no root account yet: name the account with --account.');
  if (!(await findAccount(engine.read, accountId))) throw new Error(`There is no account ${accountId}.`);
  const { iotInstanceId } = named;
  const instance = iotInstanceId
    ? await findInstance(engine.read, accountId, iotInstanceId)
    : await findPublicInstance(engine.read, accountId);
  if (!instance) throw new Error(`The account has no instance ${iotInstanceId ?? ''}.`);
  return { accountId, instanceId: instance.id };
}
