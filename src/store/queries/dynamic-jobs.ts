import { type Selectable, sql } from 'kysely';
import type { Db } from '../engine.ts';
import type { JobTable } from '../schema.ts';

/** A dynamic job with the rule of its group: null when it goes by versions, or when the group was deleted. */
export type DynamicJobRow = Selectable<JobTable> & { readonly rule: string | null };

/** Jobs that find devices. Written out, as SQLite wants it, so that the partial indexes serve. */
const running = (db: Db) =>
  db
    .selectFrom('job')
    .where('job.selection', '=', sql.lit('DYNAMIC' as const))
    .where('job.status', '=', sql.lit('IN_PROGRESS' as const));

/** The running dynamic jobs for a module of a product, newest first. One look into an index where there are none. */
export async function runningDynamicJobs(db: Db, productKey: string, module: string): Promise<DynamicJobRow[]> {
  return running(db)
    .leftJoin('device_group', 'device_group.id', 'job.group_id')
    .selectAll('job')
    .select('device_group.expression as rule')
    .where('job.product_key', '=', productKey)
    .where('job.module', '=', module)
    .orderBy('job.id', 'desc')
    .execute();
}

/** Has a package a running dynamic job? */
export async function hasRunningDynamicJob(db: Db, firmwareId: string): Promise<boolean> {
  const row = await db
    .selectFrom('job')
    .select('id')
    .where('firmware_id', '=', firmwareId)
    .where('selection', '=', 'DYNAMIC')
    .where('status', '=', 'IN_PROGRESS')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How the running dynamic jobs of a group treat devices that are busy; they all do so alike. */
export async function conflictRulesOfGroup(db: Db, groupId: string) {
  return running(db)
    .select(['job.overwrite_mode', 'job.multi_module'])
    .where('job.group_id', '=', groupId)
    .limit(1)
    .executeTakeFirst();
}

/** Is there a dynamic job of a package that was canceled and whose tasks are not all through? */
export async function hasUnfinishedStrategyTasks(db: Db, firmwareId: string): Promise<boolean> {
  const row = await db
    .selectFrom('job')
    .innerJoin('task_count', 'task_count.job_id', 'job.id')
    .select('job.id')
    .where('job.firmware_id', '=', firmwareId)
    .where('job.selection', '=', 'DYNAMIC')
    .where('job.status', '=', 'CANCELED')
    .where('task_count.status', 'in', ['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS'])
    .where('task_count.count', '>', 0)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Tasks read by one statement; SQLite takes 32,766 parameters, and a dynamic job may give a device many tasks. */
const SEQS = 10_000;

/**
 * How many tasks each of some devices has in a job; those without are left out. First the index of the names tells which
 * they are, then they are read. Not in one statement: of a job that has just grown PostgreSQL knows no numbers, and
 * would look all the names up again for every task.
 */
export async function countTasksOfDevices(
  db: Db,
  jobId: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map();
  const named = await db
    .selectFrom('task')
    .select('seq')
    .where('job_id', '=', jobId)
    .where('device_name', 'in', [...names])
    .execute();
  const counts = new Map<string, number>();
  for (let start = 0; start < named.length; start += SEQS) {
    const slice = named.slice(start, start + SEQS);
    const rows = await db
      .selectFrom('task')
      .select((eb) => ['device_id', eb.fn.countAll<number>().as('count')])
      .where('job_id', '=', jobId)
      .where(
        'seq',
        'in',
        slice.map((task) => task.seq),
      )
      .groupBy('device_id')
      .execute();
    for (const row of rows) counts.set(row.device_id, (counts.get(row.device_id) ?? 0) + Number(row.count));
  }
  return counts;
}
