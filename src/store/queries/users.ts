import type { Db, Tx } from '../engine.ts';

interface Slice {
  readonly offset: number;
  readonly limit: number;
}

/** Locks an account for as long as its users and keys are counted. */
export async function lockAccount(tx: Pick<Tx, 'db' | 'lock'>, id: string) {
  return tx.lock(tx.db.selectFrom('account').selectAll().where('id', '=', id)).executeTakeFirst();
}

export async function setAccountPassword(db: Db, id: string, hash: string | null, at: number): Promise<void> {
  await db.updateTable('account').set({ password_hash: hash, password_at: at }).where('id', '=', id).execute();
}

export async function findUser(db: Db, accountId: string, id: string) {
  return db
    .selectFrom('ram_user')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
}

export async function findUserByName(db: Db, accountId: string, name: string) {
  return db
    .selectFrom('ram_user')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
}

export async function countUsers(db: Db, accountId: string): Promise<number> {
  const { count } = await db
    .selectFrom('ram_user')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** By name. */
export async function listUsers(db: Db, accountId: string, { offset, limit }: Slice) {
  return db
    .selectFrom('ram_user')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('name')
    .offset(offset)
    .limit(limit)
    .execute();
}

export async function updateUser(
  db: Db,
  id: string,
  changes: {
    readonly name?: string;
    readonly policy?: string | null;
    readonly password_hash?: string | null;
    readonly password_at?: number;
    readonly active?: 0 | 1;
  },
): Promise<void> {
  await db.updateTable('ram_user').set(changes).where('id', '=', id).execute();
}

/** Deletes a user with all its keys. */
export async function deleteUser(db: Db, accountId: string, id: string): Promise<void> {
  await db.deleteFrom('access_key').where('account_id', '=', accountId).where('user_id', '=', id).execute();
  await db.deleteFrom('ram_user').where('id', '=', id).execute();
}

/** Whose keys: of everybody, of the account itself (null) or of one user. */
export type KeyOwner = string | null | undefined;

function keysOf(db: Db, accountId: string, owner: KeyOwner) {
  const keys = db.selectFrom('access_key').where('access_key.account_id', '=', accountId);
  if (owner === undefined) return keys;
  return owner === null ? keys.where('access_key.user_id', 'is', null) : keys.where('access_key.user_id', '=', owner);
}

export async function countKeysOf(db: Db, accountId: string, owner: KeyOwner): Promise<number> {
  const { count } = await keysOf(db, accountId, owner)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Oldest first. */
export async function listKeysOf(db: Db, accountId: string, owner: KeyOwner, { offset, limit }: Slice) {
  return keysOf(db, accountId, owner)
    .leftJoin('ram_user', 'ram_user.id', 'access_key.user_id')
    .select([
      'access_key.id',
      'access_key.user_id',
      'access_key.active',
      'access_key.created_at',
      'ram_user.name as user_name',
      'ram_user.active as user_active',
    ])
    .orderBy('access_key.created_at')
    .orderBy('access_key.id')
    .offset(offset)
    .limit(limit)
    .execute();
}

/** A key of the account, with the policy of the user that it belongs to. */
export async function findKeyOf(db: Db, accountId: string, id: string) {
  return keysOf(db, accountId, undefined)
    .leftJoin('ram_user', 'ram_user.id', 'access_key.user_id')
    .select(['access_key.id', 'access_key.user_id', 'access_key.active', 'ram_user.policy'])
    .where('access_key.id', '=', id)
    .executeTakeFirst();
}

/** How many keys of the account itself can be used. */
export async function countActiveOwnKeys(db: Db, accountId: string): Promise<number> {
  const { count } = await keysOf(db, accountId, null)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('access_key.active', '=', 1)
    .executeTakeFirstOrThrow();
  return Number(count);
}
