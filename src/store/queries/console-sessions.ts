import { type Selectable, sql } from 'kysely';
import type { Db } from '../engine.ts';
import type { ConsoleSessionTable } from '../schema.ts';

export async function insertSession(db: Db, row: Selectable<ConsoleSessionTable>): Promise<void> {
  await db.insertInto('console_session').values(row).execute();
}

/** A session with all that decides whether it still holds and what it may do. */
export async function readSession(db: Db, tokenHash: string) {
  return db
    .selectFrom('console_session as session')
    .innerJoin('account', 'account.id', 'session.account_id')
    .leftJoin('ram_user', 'ram_user.id', 'session.user_id')
    .leftJoin('access_key', 'access_key.id', 'session.access_key_id')
    .leftJoin('instance', (join) =>
      join.onRef('instance.account_id', '=', 'session.account_id').on('instance.is_public', '=', sql.lit(1)),
    )
    .select([
      'session.account_id',
      'session.user_id',
      'session.access_key_id',
      'session.password_at',
      'session.created_at',
      'session.expires_at',
      'account.name as account_name',
      'account.password_at as account_password_at',
      'ram_user.name as user_name',
      'ram_user.policy',
      'ram_user.active as user_active',
      'ram_user.password_at as user_password_at',
      'access_key.active as key_active',
      'instance.id as public_instance_id',
    ])
    .where('session.token_hash', '=', tokenHash)
    .executeTakeFirst();
}

export async function extendSession(db: Db, tokenHash: string, expiresAt: number): Promise<void> {
  await db.updateTable('console_session').set({ expires_at: expiresAt }).where('token_hash', '=', tokenHash).execute();
}

export async function deleteSession(db: Db, tokenHash: string): Promise<void> {
  await db.deleteFrom('console_session').where('token_hash', '=', tokenHash).execute();
}

/** Forgets the sessions of a user, whatever they were opened with, or those that were opened with a key. */
export async function deleteSessionsOf(
  db: Db,
  whose: { readonly userId: string } | { readonly accessKeyId: string },
): Promise<void> {
  const sessions = db.deleteFrom('console_session');
  await ('userId' in whose
    ? sessions.where('user_id', '=', whose.userId)
    : sessions.where('access_key_id', '=', whose.accessKeyId)
  ).execute();
}

/** Forgets the sessions that expired before `now`. */
export async function deleteExpiredSessions(db: Db, now: number): Promise<void> {
  await db.deleteFrom('console_session').where('expires_at', '<', now).execute();
}
