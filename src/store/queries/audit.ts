import { type Selectable, sql } from 'kysely';
import type { Db } from '../engine.ts';
import type { AuditTable } from '../schema.ts';

export type AuditRow = Selectable<AuditTable>;

/** Writes a record, or how the call of that record ended after all. */
export async function putAudit(db: Db, row: AuditRow): Promise<void> {
  await db
    .insertInto('audit')
    .values(row)
    .onConflict((conflict) => conflict.columns(['at', 'request_id']).doUpdateSet({ result: row.result }))
    .execute();
}

export interface AuditFilter {
  /** Milliseconds; the first instant that counts. */
  readonly since?: number | undefined;
  /** Milliseconds; the first instant that does not. */
  readonly until?: number | undefined;
  readonly action?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** Id or name of a user. */
  readonly user?: string | undefined;
  readonly result?: string | undefined;
  /** Only calls that did not end with this result. */
  readonly resultOtherThan?: string | undefined;
  /** Text within what a call named or made. Letter case may or may not matter, as the engine pleases. */
  readonly mentions?: string | undefined;
}

/** Records, newest first. @param before goes on after this record */
export async function listAudit(
  db: Db,
  filter: AuditFilter,
  before: Pick<AuditRow, 'at' | 'request_id'> | undefined,
  limit: number,
): Promise<AuditRow[]> {
  const { since, until, action, accessKeyId, user, result, resultOtherThan, mentions } = filter;
  let query = db.selectFrom('audit').selectAll();
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (action !== undefined) query = query.where('action', '=', action);
  if (accessKeyId !== undefined) query = query.where('access_key_id', '=', accessKeyId);
  if (user !== undefined)
    query = query.where(({ or, eb }) => or([eb('user_id', '=', user), eb('user_name', '=', user)]));
  if (result !== undefined) query = query.where('result', '=', result);
  if (resultOtherThan !== undefined) query = query.where('result', '<>', resultOtherThan);
  if (mentions !== undefined) {
    const pattern = `%${mentions.replace(/[\\%_]/g, '\\$&')}%`;
    const like = (column: 'target' | 'made') => sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`;
    query = query.where(({ or }) => or([like('target'), like('made')]));
  }
  if (before) {
    // the first condition lets the index begin where the last page ended
    query = query
      .where('at', '<=', before.at)
      .where(({ or, eb }) => or([eb('at', '<', before.at), eb('request_id', '<', before.request_id)]));
  }
  return query.orderBy('at', 'desc').orderBy('request_id', 'desc').limit(limit).execute();
}

/**
 * Deletes records older than `before`, the oldest first.
 * @param most about how many; records of one millisecond go together
 * @returns false when no older one is left
 */
export async function deleteOldAudit(db: Db, before: number, most: number): Promise<boolean> {
  const last = await db
    .selectFrom('audit')
    .select('at')
    .where('at', '<', before)
    .orderBy('at')
    .orderBy('request_id')
    .offset(most - 1)
    .limit(1)
    .executeTakeFirst();
  await db
    .deleteFrom('audit')
    .where('at', last ? '<=' : '<', last?.at ?? before)
    .execute();
  return last !== undefined;
}
