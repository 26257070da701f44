import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { Db } from '../engine.ts';
import type { AuditTable, Schema } from '../schema.ts';

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

type Rows<O> = SelectQueryBuilder<Schema, 'audit', O>;

const within = <O>(rows: Rows<O>, { since, until }: Pick<AuditFilter, 'since' | 'until'>): Rows<O> => {
  const begun = since === undefined ? rows : rows.where('at', '>=', since);
  return until === undefined ? begun : begun.where('at', '<', until);
};

const fitting = <O>(rows: Rows<O>, filter: Omit<AuditFilter, 'since' | 'until'>): Rows<O> => {
  const { action, accessKeyId, user, result, resultOtherThan, mentions } = filter;
  let query = rows;
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
  return query;
};

/** Where a page ended. */
export type AuditPosition = Pick<AuditRow, 'at' | 'request_id'>;

const after = <O>(rows: Rows<O>, before: AuditPosition | undefined): Rows<O> =>
  before
    ? rows
        // the first condition lets the index begin where the last page ended
        .where('at', '<=', before.at)
        .where(({ or, eb }) => or([eb('at', '<', before.at), eb('request_id', '<', before.request_id)]))
    : rows;

/** Records, newest first. @param before goes on after this record */
export async function listAudit(
  db: Db,
  filter: AuditFilter,
  before: AuditPosition | undefined,
  limit: number,
): Promise<AuditRow[]> {
  const rows = after(fitting(within(db.selectFrom('audit').selectAll(), filter), filter), before);
  return rows.orderBy('at', 'desc').orderBy('request_id', 'desc').limit(limit).execute();
}

/** A stretch of the records of an account: so many, newest first, from where the last one ended. */
export interface AuditStretch {
  readonly accountId: string;
  readonly before: AuditPosition | undefined;
  readonly length: number;
}

const stretchOf = (db: Db, { accountId, before }: AuditStretch, filter: AuditFilter) =>
  after(within(db.selectFrom('audit').where('account_id', '=', accountId), filter), before)
    .orderBy('at', 'desc')
    .orderBy('request_id', 'desc');

/** The records of a stretch that fit, newest first: what fits is looked for nowhere else, however little that is. */
export async function listAuditIn(
  db: Db,
  stretch: AuditStretch,
  filter: AuditFilter,
  limit: number,
): Promise<AuditRow[]> {
  const rows = db
    .selectFrom(stretchOf(db, stretch, filter).selectAll().limit(stretch.length).as('stretch'))
    .selectAll('stretch');
  // the rows of the stretch are whole rows of the table
  return fitting(rows as unknown as Rows<AuditRow>, filter)
    .orderBy('at', 'desc')
    .orderBy('request_id', 'desc')
    .limit(limit)
    .execute();
}

/** The last record of a stretch; undefined when there are fewer. */
export async function endOfAudit(
  db: Db,
  stretch: AuditStretch,
  filter: Pick<AuditFilter, 'since' | 'until'>,
): Promise<AuditPosition | undefined> {
  return stretchOf(db, stretch, filter)
    .select(['at', 'request_id'])
    .offset(stretch.length - 1)
    .limit(1)
    .executeTakeFirst();
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
