import { sql } from 'kysely';
import type { Db } from '../engine.ts';

/**
 * Takes from the window of a quota that begins at `start`, or from a later one until `until`: somebody's clock is ahead.
 * Windows further ahead are of a clock that was wrong.
 * @returns how much was taken of that window, this time included
 */
export async function takeQuota(
  db: Db,
  row: { readonly key: string; readonly start: number; readonly until: number; readonly wanted: number },
): Promise<number> {
  const goesOn = sql<boolean>`quota.window_start between ${row.start} and ${row.until}`;
  const { taken } = await db
    .insertInto('quota')
    .values({ key: row.key, window_start: row.start, taken: row.wanted })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        window_start: sql<number>`case when ${goesOn} then quota.window_start else excluded.window_start end`,
        taken: sql<number>`case when ${goesOn} then quota.taken else 0 end + excluded.taken`,
      }),
    )
    .returning('taken')
    .executeTakeFirstOrThrow();
  return taken;
}

/** Forgets windows that began before `before`. */
export async function deleteOldQuotas(db: Db, before: number): Promise<void> {
  await db.deleteFrom('quota').where('window_start', '<', before).execute();
}
