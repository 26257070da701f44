import type { Tx } from '../store/engine.ts';
import { insertUser } from '../store/queries/accounts.ts';
import { deleteSessionsOf } from '../store/queries/console-sessions.ts';
import {
  countUsers,
  deleteUser,
  findUser,
  findUserByName,
  listUsers,
  lockAccount,
  setAccountPassword,
  updateUser,
} from '../store/queries/users.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isPassword, isUserName } from './names.ts';
import { type Page, page } from './paging.ts';
import { hashPassword } from './passwords.ts';
import { isWithin, type Policy, parsePolicy, storedPolicy } from './policy.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  /** Policy document as JSON; empty: none. */
  readonly policy: string;
  readonly hasPassword: boolean;
  readonly isActive: boolean;
  readonly createdAt: number;
}

const MOST_POLICY_CHARACTERS = 6_144;

/** @throws access.invalidPolicy */
function readPolicy(text: string): Policy {
  if (text.length > MOST_POLICY_CHARACTERS) fail('access.invalidPolicy', { Detail: 'it is too long' });
  const parsed = parsePolicy(text);
  return typeof parsed === 'string' ? fail('access.invalidPolicy', { Detail: parsed }) : parsed;
}

/**
 * A user makes and changes nobody who may do more than that user: neither before nor after.
 * @param policies of whom it is about; undefined: the account itself
 * @throws access.beyondOwnRights
 */
export function checkMayManage(scope: Scope, ...policies: readonly (Policy | undefined)[]): void {
  const own = scope.policy;
  if (own === undefined) return;
  const isLess = (policy: Policy | undefined) => policy !== undefined && isWithin(policy, own, scope.accountId);
  if (!policies.every(isLess)) fail('access.beyondOwnRights');
}

/** @throws access.invalidPassword */
export async function newHash(password: string): Promise<string> {
  return isPassword(password) ? await hashPassword(password) : fail('access.invalidPassword');
}

/** A password is told from the one before it by its time, so that sessions of that one end. */
const laterThan = (before: number | null, now: number) => Math.max(now, (before ?? 0) + 1);

/** @throws access.userNotFound */
export async function requireUser(tx: Pick<Tx, 'db'>, scope: Pick<Scope, 'accountId'>, id: string) {
  return (await findUser(tx.db, scope.accountId, id)) ?? fail('access.userNotFound');
}

/** By name. @throws common.invalidPage */
export async function pageOfUsers(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly page: number; readonly pageSize: number },
): Promise<{ readonly page: Page; readonly total: number; readonly users: readonly User[] }> {
  const at = page(input.page, input.pageSize, { maxSize: 100 });
  const total = await countUsers(engine.read, scope.accountId);
  const rows = await listUsers(engine.read, scope.accountId, { offset: at.offset, limit: at.size });
  const users = rows.map((row) => ({
    id: row.id,
    name: row.name,
    policy: row.policy ?? '',
    hasPassword: row.password_hash !== null,
    isActive: row.active === 1,
    createdAt: row.created_at,
  }));
  return { page: at, total, users };
}

/** Without a policy the user may do nothing, without a password it cannot sign in by name. @throws access.* */
export async function addUser(
  { engine, clock, ids, limits }: Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits'>,
  scope: Scope,
  input: { readonly name: string; readonly policy?: string | undefined; readonly password?: string | undefined },
): Promise<string> {
  if (!isUserName(input.name)) fail('access.invalidUserName');
  checkMayManage(scope, input.policy ? readPolicy(input.policy) : []);
  const hash = input.password ? await newHash(input.password) : null;
  const id = ids.id();
  const now = clock.now();
  try {
    await engine.transaction(async (tx) => {
      await lockAccount(tx, scope.accountId);
      if ((await countUsers(tx.db, scope.accountId)) >= limits.users) fail('access.userCountExceeded');
      await insertUser(tx.db, {
        id,
        account_id: scope.accountId,
        name: input.name,
        policy: input.policy || null,
        created_at: now,
        password_hash: hash,
        password_at: hash === null ? null : now,
      });
      tx.made(id);
    });
  } catch (error) {
    if (engine.isUniqueViolation(error)) fail('access.userNameTaken');
    throw error;
  }
  return id;
}

export interface UserChanges {
  readonly name?: string | undefined;
  /** Of each of these, null: none any more. */
  readonly policy?: string | null | undefined;
  readonly password?: string | null | undefined;
  /** False: no key and no password of the user is accepted until it is true again, and its sessions end. */
  readonly isActive?: boolean | undefined;
}

/** Reads `Active` or `Inactive`. @throws access.invalidStatus */
export function readStatus(text: string): boolean {
  if (text !== 'Active' && text !== 'Inactive') fail('access.invalidStatus');
  return text === 'Active';
}

/** What is left out stays. Another password, or none, ends the sessions of the one before. @throws access.* */
export async function changeUser(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  id: string,
  { name, policy, password, isActive }: UserChanges,
): Promise<void> {
  if (name !== undefined && !isUserName(name)) fail('access.invalidUserName');
  const wanted = policy ? readPolicy(policy) : [];
  checkMayManage(scope, wanted);
  const hash = password ? await newHash(password) : null;
  const now = clock.now();
  try {
    await engine.transaction(async (tx) => {
      await lockAccount(tx, scope.accountId);
      const row = await requireUser(tx, scope, id);
      checkMayManage(scope, storedPolicy(row.policy));
      const changes = {
        ...(name === undefined ? {} : { name }),
        ...(policy === undefined ? {} : { policy }),
        ...(isActive === undefined ? {} : { active: isActive ? (1 as const) : (0 as const) }),
        ...(password === undefined ? {} : { password_hash: hash, password_at: laterThan(row.password_at, now) }),
      };
      if (Object.keys(changes).length > 0) await updateUser(tx.db, id, changes);
      // they are not to come back with the user
      if (isActive === false) await deleteSessionsOf(tx.db, { userId: id });
    });
  } catch (error) {
    if (engine.isUniqueViolation(error)) fail('access.userNameTaken');
    throw error;
  }
}

/** Its keys and its sessions end with it. @throws access.userNotFound, access.beyondOwnRights */
export async function removeUser({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<void> {
  await engine.transaction(async (tx) => {
    await lockAccount(tx, scope.accountId);
    checkMayManage(scope, storedPolicy((await requireUser(tx, scope, id)).policy));
    await deleteUser(tx.db, scope.accountId, id);
  });
}

/** The password with which the account itself signs in. @param password null: none any more @throws access.invalidPassword */
export async function changeAccountPassword(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  accountId: string,
  password: string | null,
): Promise<void> {
  const hash = password === null ? null : await newHash(password);
  const now = clock.now();
  await engine.transaction(async (tx) => {
    const row = (await lockAccount(tx, accountId)) ?? fail('access.userNotFound');
    await setAccountPassword(tx.db, accountId, hash, laterThan(row.password_at, now));
  });
}

/**
 * Gives an account, or one of its users, another password in place of a certain one.
 * @param change.before when that one was set
 * @returns when this one was; undefined when there is another one by now, or nobody to have it
 */
export async function replacePassword(
  tx: Pick<Tx, 'db' | 'lock'>,
  { accountId, user }: { readonly accountId: string; readonly user?: { readonly id: string } },
  { hash, before, now }: { readonly hash: string; readonly before: number | null; readonly now: number },
): Promise<number | undefined> {
  const account = await lockAccount(tx, accountId);
  const row = user ? await findUser(tx.db, accountId, user.id) : account;
  if (!row || row.password_at !== before) return undefined;
  const at = laterThan(before, now);
  if (user) await updateUser(tx.db, user.id, { password_hash: hash, password_at: at });
  else await setAccountPassword(tx.db, accountId, hash, at);
  return at;
}

/** @throws access.userNotFound */
export async function userByName(
  { engine }: Pick<Deps, 'engine'>,
  { accountId, name }: { readonly accountId: string; readonly name: string },
): Promise<{ readonly id: string }> {
  return (await findUserByName(engine.read, accountId, name)) ?? fail('access.userNotFound');
}
