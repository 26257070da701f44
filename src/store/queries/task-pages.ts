import { type QueryCreator, sql } from 'kysely';
import type { Db } from '../engine.ts';
import type { Schema, TaskStatus } from '../schema.ts';
import { TASKS_OF_BLOCK } from '../task-block.ts';

/** What a list shows of a task. */
const taskColumns = [
  'seq',
  'device_id',
  'device_name',
  'src_version',
  'status',
  'description',
  'progress',
  'created_at',
  'modified_at',
] as const;

/** What a list of the tasks of a job tells of it: a few of its columns, for a job has many and a list is asked for often. */
const jobColumns = [
  'job.id',
  'job.firmware_id',
  'job.product_key',
  'job.dest_version',
  'job.task_total',
  'job.timeout_minutes',
  'job.earlier_timeouts',
  'product.name as product_name',
] as const;

export async function findListedJob(db: Db, instanceId: string, id: string) {
  return db
    .selectFrom('job')
    .innerJoin('product', 'product.key', 'job.product_key')
    .select(jobColumns)
    .where('job.id', '=', id)
    .where('job.instance_id', '=', instanceId)
    .executeTakeFirst();
}

/** Which tasks of a job, in the order of their ordinals. */
export interface TaskPage {
  /** Absent: in whatever state. */
  readonly status?: TaskStatus | undefined;
  readonly offset: number;
  readonly limit: number;
}

/**
 * A job of an instance with a page of its tasks and how many there are in all, in one statement: a list is asked for often,
 * and each question to a database costs more than this one's answer.
 * @returns undefined when the instance has no such job
 */
export async function pageOfListedTasks(db: Db, instanceId: string, jobId: string, page: TaskPage) {
  const { status } = page;
  const rows = await db
    .with('listed', (cte) =>
      status === undefined ? tasksFrom(cte, jobId, page) : tasksInStatus(cte, jobId, status, page),
    )
    .selectFrom('job')
    .innerJoin('product', 'product.key', 'job.product_key')
    .leftJoin('listed', (join) => join.onTrue())
    .select(jobColumns)
    .select(taskColumns.map((column) => `listed.${column}` as const))
    .select((eb) =>
      status === undefined
        ? eb.ref('job.task_total').as('total')
        : eb
            .selectFrom('task_count')
            .select((of) => of.fn.coalesce(of.fn.sum<number>('count'), sql<number>`0`).as('sum'))
            .where('job_id', '=', jobId)
            .where('status', '=', status)
            .as('total'),
    )
    .where('job.id', '=', jobId)
    .where('job.instance_id', '=', instanceId)
    .orderBy('listed.seq')
    .execute();
  const [job] = rows;
  return job && { job, rows: rows.filter(isTask), total: Number(job.total) };
}

type Found<Row> = { readonly [Column in keyof Row]: Exclude<Row[Column], null> };

/** A job without tasks on the page comes with one row in which they are missing. */
const isTask = <Row extends { readonly seq: number | null }>(row: Row): row is Row & Found<Row> => row.seq !== null;

/** From ordinal `offset` on: a range of the primary key at any depth. */
const tasksFrom = (db: QueryCreator<Schema>, jobId: string, { offset, limit }: TaskPage) =>
  db
    .selectFrom('task')
    .select(taskColumns)
    .where('job_id', '=', jobId)
    .where('seq', '>=', offset)
    .orderBy('seq')
    .limit(limit);

/**
 * Of those in one state, the first `offset` passed over: the block counters tell where the page begins, so at most one
 * block is walked through at any depth. The page is found in the index alone: without statistics SQLite would rather walk
 * through the whole job than look rows up by an index that does not hold them.
 */
const tasksInStatus = (db: QueryCreator<Schema>, jobId: string, status: TaskStatus, { offset, limit }: TaskPage) =>
  db
    .with('sums', (cte) =>
      cte
        .selectFrom('task_count')
        .select(['block', 'count', sql<number>`sum(count) over (order by block)`.as('upto')])
        .where('job_id', '=', jobId)
        .where('status', '=', status),
    )
    .with('start', (cte) =>
      cte
        .selectFrom('sums')
        .select([
          sql<number>`block * ${sql.lit(TASKS_OF_BLOCK)}`.as('seq'),
          sql<number>`cast(${offset} as bigint) - (upto - count)`.as('skip'),
        ])
        .where('upto', '>', offset)
        .orderBy('block')
        .limit(1),
    )
    .with('page', (cte) =>
      cte
        .selectFrom('task')
        .select('seq')
        .where('job_id', '=', jobId)
        .where('status', '=', status)
        .where('seq', '>=', (eb) => eb.selectFrom('start').select('start.seq'))
        .orderBy('seq')
        .limit(limit)
        .offset(sql<number>`coalesce((select skip from start), 0)`),
    )
    .selectFrom('task')
    .select(taskColumns)
    .where('job_id', '=', jobId)
    .where('seq', 'in', (eb) => eb.selectFrom('page').select('page.seq'));

/** Tasks of a job by device name, for up to a few dozen names. As with a page, the index alone tells which they are. */
export async function tasksOfDeviceNames(db: Db, jobId: string, names: readonly string[], status?: TaskStatus) {
  return db
    .selectFrom('task')
    .select(taskColumns)
    .where('job_id', '=', jobId)
    .where('seq', 'in', (eb) =>
      eb
        .selectFrom('task')
        .select('seq')
        .where('job_id', '=', jobId)
        .where('device_name', 'in', [...names]),
    )
    .$if(status !== undefined, (query) => query.where('status', '=', status as TaskStatus))
    .orderBy('seq')
    .execute();
}
