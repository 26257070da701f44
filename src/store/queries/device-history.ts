import { type RawBuilder, type Selectable, sql } from 'kysely';
import { tableOf } from '../among.ts';
import type { Db, Tx } from '../engine.ts';
import type { DeviceHistoryTable } from '../schema.ts';

/*
 * Rows are written in the order of time, those of many devices side by side: a table that is ordered by device would have a
 * page of its own written for each of them, at eight times the cost. So the rows of one device are found from one to the one
 * before, each by its key.
 */

export type DeviceHistoryRow = Selectable<DeviceHistoryTable>;

const columns = {
  at: 'bigint',
  device_id: 'text',
  before_at: 'bigint',
  status: 'integer',
  reason: 'text',
  address: 'text',
  node_id: 'text',
  surplus: 'integer',
} as const satisfies Record<keyof DeviceHistoryRow, string>;

const names = Object.keys(columns);
const list = (of = '') => sql.join(names.map((name) => sql.ref(`${of}${name}`)));

/** @param rows one of each device, whose rows the transaction has just changed */
export async function insertDeviceHistory(db: Db, rows: readonly DeviceHistoryRow[]): Promise<void> {
  if (rows.length === 0) return;
  // a clock that was set back may meet a time that there is; without a condition SQLite reads `on` as that of a join
  await sql`insert into device_history (${list()}) ${tableOf(columns, rows)} where true
    on conflict (at, device_id) do nothing`.execute(db);
}

/** A row of a device's history, by its key. */
export type HistoryKey = Pick<DeviceHistoryRow, 'at' | 'device_id'>;

/**
 * Rows and those that came before each, with how many steps they are away. They are whole, since to look them up again by what
 * was found is where SQLite begins at the wrong end.
 */
const chain = (condition: RawBuilder<unknown>, steps: number) => sql`
  with recursive chain (${list()}, steps) as (
    select ${list()}, 0 from device_history where ${condition}
    union all
    select ${list('older.')}, chain.steps + 1 from chain
    join device_history as older on older.at = chain.before_at and older.device_id = chain.device_id
    where chain.steps < ${steps}
  )`;

const isAt = ({ at, device_id: deviceId }: HistoryKey) => sql`at = ${at} and device_id = ${deviceId}`;

/** A row and those before it, `most` at most. */
export async function historyFrom(db: Db, key: HistoryKey, most: number): Promise<DeviceHistoryRow[]> {
  const { rows } = await sql<DeviceHistoryRow>`${chain(isAt(key), most - 1)}
    select ${list()} from chain order by steps`.execute(db);
  return rows;
}

/** Deletes a row and those before it, `most` at most. */
export async function deleteHistoryFrom(db: Db, key: HistoryKey, most: number): Promise<void> {
  await sql`${chain(isAt(key), most - 1)}
    delete from device_history where (at, device_id) in (select at, device_id from chain)`.execute(db);
}

/**
 * Deletes what is surplus of the devices that have some, those first that have had it for longest: what comes before a
 * marked row and is at least so many steps away from it.
 * @param most devices
 * @returns false when there were fewer
 */
export async function deleteSurplusHistory(tx: Tx, kept: number, most: number): Promise<boolean> {
  const { db } = tx;
  const marked = await tx
    .lock(
      db
        .selectFrom('device_history')
        .select(['at', 'device_id'])
        .where('surplus', 'is not', null)
        .orderBy('at')
        .orderBy('device_id')
        .limit(most),
    )
    .execute();
  if (marked.length === 0) return false;
  // the first condition has only those rows looked at that are marked
  const isMarked = sql`surplus is not null
    and (at, device_id) in (${tableOf({ at: 'bigint', device_id: 'text' }, marked)})`;
  await sql`${chain(isMarked, kept * 3)}
    delete from device_history where (at, device_id) in (select at, device_id from chain where steps >= ${kept})`.execute(
    db,
  );
  await sql`update device_history set surplus = null where ${isMarked}`.execute(db);
  return marked.length === most;
}

/**
 * Deletes rows older than `before`, the oldest first.
 * @param most about how many; those of one millisecond go together
 * @returns false when no older one is left
 */
export async function deleteOldDeviceHistory(db: Db, before: number, most: number): Promise<boolean> {
  const last = await db
    .selectFrom('device_history')
    .select('at')
    .where('at', '<', before)
    .orderBy('at')
    .offset(most - 1)
    .limit(1)
    .executeTakeFirst();
  await db
    .deleteFrom('device_history')
    .where('at', last ? '<=' : '<', last?.at ?? before)
    .execute();
  return last !== undefined;
}
