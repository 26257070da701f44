import { type Insertable, sql } from 'kysely';
import type { Db } from '../engine.ts';
import type { TaskHistoryTable, TaskOutcome } from '../schema.ts';

/** Adds to what a node has counted, in key order. */
export async function addToHistory(db: Db, rows: readonly Insertable<TaskHistoryTable>[]): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto('task_history')
    .values([...rows])
    .onConflict((conflict) =>
      conflict
        .columns(['instance_id', 'at', 'job_id', 'outcome', 'cause', 'node_id'])
        .doUpdateSet({ count: sql`task_history.count + excluded.count` }),
    )
    .execute();
}

/** Whose jobs these are. */
export async function ownersOfJobs(db: Db, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return db
    .selectFrom('job')
    .select(['id', 'instance_id', 'product_key'])
    .where('id', 'in', [...ids])
    .execute();
}

export interface HistoryFilter {
  readonly productKey?: string | undefined;
  readonly jobId?: string | undefined;
}

/** What all nodes counted in a span of time of an instance, by bucket, outcome and cause. */
export async function sumHistory(
  db: Db,
  instanceId: string,
  { from, to }: { readonly from: number; readonly to: number },
  { productKey, jobId }: HistoryFilter,
): Promise<{ at: number; outcome: TaskOutcome; cause: string; count: number }[]> {
  const rows = await db
    .selectFrom('task_history')
    .select((eb) => ['at', 'outcome', 'cause', eb.fn.sum<number>('count').as('count')])
    .where('instance_id', '=', instanceId)
    .where('at', '>=', from)
    .where('at', '<', to)
    .$if(productKey !== undefined, (query) => query.where('product_key', '=', productKey as string))
    .$if(jobId !== undefined, (query) => query.where('job_id', '=', jobId as string))
    .groupBy(['at', 'outcome', 'cause'])
    .execute();
  return rows.map((row) => ({ ...row, at: Number(row.at), count: Number(row.count) }));
}

/** Deletes the oldest bucket that began before a time, of all instances. @returns false when there is none */
export async function deleteOldestHistory(db: Db, before: number): Promise<boolean> {
  const oldest = await db
    .selectFrom('task_history')
    .select('at')
    .where('at', '<', before)
    .orderBy('at')
    .limit(1)
    .executeTakeFirst();
  if (!oldest) return false;
  await db.deleteFrom('task_history').where('at', '=', oldest.at).execute();
  return true;
}
