import type { ExpressionBuilder } from 'kysely';
import type { Db } from '../engine.ts';
import type { JobTable, Schema, TaskStatus } from '../schema.ts';

/** Which jobs of an instance a list is limited to. */
export interface JobFilter {
  readonly id?: string | undefined;
  readonly statuses?: readonly JobTable['status'][] | undefined;
  readonly type?: JobTable['type'] | undefined;
  readonly selection?: JobTable['selection'] | undefined;
  readonly productKey?: string | undefined;
  readonly firmwareId?: string | undefined;
}

/** Every member of a filter but the id is in the index `job_listed`, so that jobs which are passed over are not read. */
const meets =
  (instanceId: string, { id, statuses, type, selection, productKey, firmwareId }: JobFilter) =>
  (eb: ExpressionBuilder<Schema & { found: JobTable }, 'found'>) =>
    eb.and([
      eb('found.instance_id', '=', instanceId),
      ...(id ? [eb('found.id', '=', id)] : []),
      ...(statuses ? [eb('found.status', 'in', [...statuses])] : []),
      ...(type ? [eb('found.type', '=', type)] : []),
      ...(selection ? [eb('found.selection', '=', selection)] : []),
      ...(productKey ? [eb('found.product_key', '=', productKey)] : []),
      ...(firmwareId ? [eb('found.firmware_id', '=', firmwareId)] : []),
    ]);

/** A page of the jobs of an instance, newest first, with the names of their products. */
export async function pageOfFilteredJobs(db: Db, instanceId: string, filter: JobFilter, offset: number, limit: number) {
  return db
    .selectFrom('job')
    .leftJoin('product', 'product.key', 'job.product_key')
    .selectAll('job')
    .select('product.name as product_name')
    .where('job.id', 'in', (eb) =>
      eb
        .selectFrom('job as found')
        .select('found.id')
        .where(meets(instanceId, filter))
        .orderBy('found.id', 'desc')
        .offset(offset)
        .limit(limit),
    )
    .orderBy('job.id', 'desc')
    .execute();
}

export async function countFilteredJobs(db: Db, instanceId: string, filter: JobFilter): Promise<number> {
  const row = await db
    .selectFrom('job as found')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(meets(instanceId, filter))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many jobs of an instance are in each state; states without jobs are absent. */
export async function countJobsByStatus(db: Db, instanceId: string): Promise<ReadonlyMap<JobTable['status'], number>> {
  const rows = await db
    .selectFrom('job')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where('instance_id', '=', instanceId)
    .groupBy('status')
    .execute();
  return new Map(rows.map((row) => [row.status, Number(row.count)]));
}

/** Whether a package was ever rolled out, beyond its verification. */
export async function hasRollout(db: Db, instanceId: string): Promise<boolean> {
  const row = await db
    .selectFrom('job')
    .select('id')
    .where('instance_id', '=', instanceId)
    .where('type', '=', 'UPGRADE_FIRMWARE')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many tasks of each of some jobs are in each state; jobs and states without tasks may be absent. */
export async function countTasksOfJobs(
  db: Db,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<TaskStatus, number>>> {
  if (jobIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('task_count')
    .select((eb) => ['job_id', 'status', eb.fn.sum<number>('count').as('count')])
    .where('job_id', 'in', [...jobIds])
    .groupBy(['job_id', 'status'])
    .execute();
  const counts = new Map<string, Map<TaskStatus, number>>();
  for (const { job_id: jobId, status, count } of rows) {
    const ofJob = counts.get(jobId) ?? new Map<TaskStatus, number>();
    counts.set(jobId, ofJob.set(status, Number(count)));
  }
  return counts;
}
