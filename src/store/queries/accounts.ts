import { type Insertable, sql } from 'kysely';
import type { Db } from '../engine.ts';
import type { AccessKeyTable, AccountTable, InstanceTable, RamUserTable } from '../schema.ts';

export async function findAccount(db: Db, id: string) {
  return db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertAccount(db: Db, row: Insertable<AccountTable>): Promise<void> {
  await db.insertInto('account').values(row).execute();
}

export async function insertInstance(db: Db, row: Insertable<InstanceTable>): Promise<void> {
  await db.insertInto('instance').values(row).execute();
}

export async function findPublicInstance(db: Db, accountId: string) {
  return db
    .selectFrom('instance')
    .select('id')
    .where('account_id', '=', accountId)
    .where('is_public', '=', 1)
    .executeTakeFirst();
}

/** An instance that is addressed by its id; the public one is not. */
export async function findInstance(db: Db, accountId: string, id: string) {
  return db
    .selectFrom('instance')
    .select('id')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('is_public', '=', 0)
    .executeTakeFirst();
}

export async function insertUser(db: Db, row: Insertable<RamUserTable>): Promise<void> {
  await db.insertInto('ram_user').values(row).execute();
}

export async function insertAccessKey(db: Db, row: Insertable<AccessKeyTable>): Promise<void> {
  await db.insertInto('access_key').values(row).execute();
}

/** A key with the name and the policy of the RAM user that it belongs to, and the public instance of its account. */
export async function findAccessKey(db: Db, id: string) {
  return db
    .selectFrom('access_key')
    .leftJoin('ram_user', 'ram_user.id', 'access_key.user_id')
    .leftJoin('instance', (join) =>
      join.onRef('instance.account_id', '=', 'access_key.account_id').on('instance.is_public', '=', sql.lit(1)),
    )
    .select([
      'access_key.id',
      'access_key.account_id',
      'access_key.user_id',
      'access_key.secret',
      'access_key.active',
      'ram_user.name as user_name',
      'ram_user.policy',
      'ram_user.active as user_active',
      'instance.id as public_instance_id',
    ])
    .where('access_key.id', '=', id)
    .executeTakeFirst();
}

export async function listAccessKeys(db: Db) {
  return db
    .selectFrom('access_key')
    .innerJoin('account', 'account.id', 'access_key.account_id')
    .leftJoin('ram_user', 'ram_user.id', 'access_key.user_id')
    .select([
      'access_key.id',
      'access_key.account_id',
      'account.name as account_name',
      'access_key.user_id',
      'ram_user.name as user_name',
      'access_key.active',
      'access_key.created_at',
    ])
    .orderBy('access_key.created_at')
    .orderBy('access_key.id')
    .execute();
}

/** @returns false when there is no such key */
export async function setAccessKeyActive(db: Db, id: string, active: 0 | 1): Promise<boolean> {
  const result = await db.updateTable('access_key').set({ active }).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** @returns false when there is no such key */
export async function deleteAccessKey(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('access_key').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
