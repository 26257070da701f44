import { type Selectable, sql } from 'kysely';
import { among, type ColumnTypes, eachOf, tableOf } from '../among.ts';
import type { Db, Tx } from '../engine.ts';
import type { TaskStatus, TaskTable } from '../schema.ts';

export type TaskRow = Selectable<TaskTable>;

/** Tasks of a block share one counter per status (architecture 3). */
const BLOCK = 1024;

/** What a page of tasks shows. */
const listed = [
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

/** Tasks of a job from ordinal `offset` on: a range of the primary key at any depth. */
export async function pageOfTasks(db: Db, jobId: string, offset: number, limit: number) {
  return db
    .selectFrom('task')
    .select(listed)
    .where('job_id', '=', jobId)
    .where('seq', '>=', offset)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/**
 * Tasks of a job in one state, the first `offset` of them passed over: the block counters tell where the page
 * begins, so at most one block is walked through at any depth. The page is found in the index alone: without statistics
 * SQLite would rather walk through the whole job than look rows up by an index that does not hold them.
 */
export async function pageOfTasksInStatus(db: Db, jobId: string, status: TaskStatus, offset: number, limit: number) {
  return db
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
          sql<number>`block * ${sql.lit(BLOCK)}`.as('seq'),
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
    .select(listed)
    .where('job_id', '=', jobId)
    .where('seq', 'in', (eb) => eb.selectFrom('page').select('page.seq'))
    .orderBy('seq')
    .execute();
}

/** Tasks of a job by device name, for up to a few dozen names. As with a page, the index alone tells which they are. */
export async function tasksOfDeviceNames(db: Db, jobId: string, names: readonly string[], status?: TaskStatus) {
  return db
    .selectFrom('task')
    .select(listed)
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

/**
 * Those of up to some 1,000 device names that have a task in a job. Each is looked up by itself: of a job that has just
 * grown PostgreSQL knows no numbers, and would read the whole job for a list of names.
 */
export async function namesWithTask(db: Db, jobId: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await db
    .selectFrom(sql<{ key: string }>`(${eachOf(names)})`.as('given'))
    .select('given.key as name')
    .where(({ eb, selectFrom }) =>
      eb(
        selectFrom('task')
          .select('task.seq')
          .where('task.job_id', '=', jobId)
          .whereRef('task.device_name', '=', 'given.key')
          .limit(1),
        'is not',
        null,
      ),
    )
    .execute();
  return new Set(rows.map((row) => row.name));
}

/** How many tasks of a job are in each state; states without tasks may be absent. */
export async function countTasks(db: Db, jobId: string): Promise<ReadonlyMap<TaskStatus, number>> {
  const rows = await db
    .selectFrom('task_count')
    .select(['status', (eb) => eb.fn.sum<number>('count').as('count')])
    .where('job_id', '=', jobId)
    .groupBy('status')
    .execute();
  return new Map(rows.map((row) => [row.status, Number(row.count)]));
}

export async function countTasksInStatus(db: Db, jobId: string, status: TaskStatus): Promise<number> {
  const row = await db
    .selectFrom('task_count')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('count'), sql<number>`0`).as('count'))
    .where('job_id', '=', jobId)
    .where('status', '=', status)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function findTask(db: Db, jobId: string, seq: number): Promise<TaskRow | undefined> {
  return db.selectFrom('task').selectAll().where('job_id', '=', jobId).where('seq', '=', seq).executeTakeFirst();
}

const active = (db: Db, deviceIds: readonly string[]) =>
  db
    .selectFrom('task')
    .selectAll()
    .where('device_id', 'in', among(deviceIds))
    .where('active_module', 'is not', null)
    .orderBy('job_id')
    .orderBy('seq');

/** The unfinished tasks of devices. */
export async function activeTasks(db: Db, deviceIds: readonly string[]): Promise<TaskRow[]> {
  return deviceIds.length === 0 ? [] : active(db, deviceIds).execute();
}

/** The unfinished tasks of devices, locked in key order, which excludes deadlocks among those who do so. */
export async function lockActiveTasks(tx: Tx, deviceIds: readonly string[]): Promise<TaskRow[]> {
  return deviceIds.length === 0 ? [] : tx.lock(active(tx.db, deviceIds)).execute();
}

/** Ordinals of the first tasks of a job in one state, from the index alone; `before` excludes later ones. */
export async function seqsInStatus(
  db: Db,
  jobId: string,
  status: TaskStatus,
  before: number | null,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('task')
    .select('seq')
    .where('job_id', '=', jobId)
    .where('status', '=', status)
    .$if(before !== null, (query) => query.where('seq', '<', before as number))
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => row.seq);
}

/** Failed tasks of a job whose ordinals are below `before`, the last ones first; the index tells which they are. */
export async function failedTasks(db: Db, jobId: string, before: number, limit: number) {
  return db
    .selectFrom('task')
    .select(['seq', 'cause', 'description', 'device_name'])
    .where('job_id', '=', jobId)
    .where('seq', 'in', (eb) =>
      eb
        .selectFrom('task as failed')
        .select('failed.seq')
        .where('failed.job_id', '=', jobId)
        .where('failed.status', '=', 'FAILED')
        .where('failed.seq', '<', before)
        .orderBy('failed.seq', 'desc')
        .limit(limit),
    )
    .orderBy('seq', 'desc')
    .execute();
}

/** Tasks of a job by their ordinals, locked; those that do not exist are left out. */
export async function lockTasks(tx: Tx, jobId: string, seqs: readonly number[]): Promise<TaskRow[]> {
  if (seqs.length === 0) return [];
  const query = tx.db
    .selectFrom('task')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('seq', 'in', [...seqs])
    .orderBy('seq');
  return tx.lock(query).execute();
}

/** Tasks that a scheduler has to look at, the longest due first; those that another transaction holds are left to it. */
export async function lockDueTasks(tx: Tx, now: number, limit: number): Promise<TaskRow[]> {
  return tx
    .lockSkipping(tx.db.selectFrom('task').selectAll().where('due_at', '<=', now).orderBy('due_at').limit(limit))
    .execute();
}

/**
 * The first of a job's queued tasks whose devices are connected, in order of their ordinals from `from` on and before
 * `to`: a range, because among a million tasks there may be few such devices.
 */
export async function connectedQueuedDevices(
  db: Db,
  jobId: string,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<{ seq: number; device_id: string }[]> {
  return db
    .selectFrom('task')
    .innerJoin('presence', 'presence.device_id', 'task.device_id')
    .select(['task.seq', 'task.device_id'])
    .where('task.job_id', '=', jobId)
    .where('task.status', '=', 'QUEUED')
    .where('task.seq', '>=', from)
    .where('task.seq', '<', to)
    .orderBy('task.seq')
    .limit(limit)
    .execute();
}

/** The tasks of a job that wait for a place in its push rate, the longest waiting first, and whether their devices are connected. */
export async function waitingTasks(db: Db, jobId: string, limit: number) {
  const rows = await db
    .selectFrom('task')
    .leftJoin('presence', 'presence.device_id', 'task.device_id')
    .select(['task.seq', 'task.device_id', 'presence.node_id'])
    .where('task.job_id', '=', jobId)
    .where('task.waiting_at', 'is not', null)
    .orderBy('task.waiting_at')
    .orderBy('task.seq')
    .limit(limit)
    .execute();
  return rows.map(({ seq, device_id, node_id }) => ({ seq, device_id, connected: node_id !== null }));
}

const key = { job_id: 'text', seq: 'bigint' } as const;

/** The members of a task that change during its life. */
const changing = {
  status: 'text',
  description: 'text',
  progress: 'integer',
  active_module: 'text',
  retries: 'integer',
  modified_at: 'bigint',
  first_progress_at: 'bigint',
  retry_at: 'bigint',
  due_at: 'bigint',
  waiting_at: 'bigint',
  cause: 'text',
  attempts: 'integer',
} as const;

const all = {
  ...key,
  ...changing,
  device_id: 'text',
  device_name: 'text',
  src_version: 'text',
  created_at: 'bigint',
} as const satisfies Record<keyof TaskRow, string>;

const references = (columns: ColumnTypes) => sql.join(Object.keys(columns).map((column) => sql.ref(column)));

/** Adds tasks with their counters; some thousand at most. */
export async function insertTasks(tx: Tx, rows: readonly TaskRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into task (${references(all)}) ${tableOf(all, rows)}`.execute(tx.db);
  await addToCounters(
    tx.db,
    rows.map((row) => ({ jobId: row.job_id, status: row.status, seq: row.seq, by: 1 })),
  );
}

export type TaskChange = Pick<TaskRow, keyof typeof key | keyof typeof changing>;

/**
 * Writes changed tasks and moves the counters in the same transaction. Columns that none of them changes are left out: for
 * each that it is told to write SQLite renews the indexes that hold it. The key of `changed` is compared as expressions, so
 * that tasks can only be looked up by their key: for more than some 100 rows SQLite would rather walk through the whole
 * table and look each task up among the changes.
 * @param changes each with the row that was read under its lock; some thousand at most
 */
export async function updateTasks(
  tx: Tx,
  changes: readonly { readonly was: TaskChange; readonly task: TaskChange }[],
): Promise<void> {
  const changed = Object.fromEntries(
    Object.entries(changing).filter(([column]) => {
      const member = column as keyof typeof changing;
      return changes.some(({ was, task }) => was[member] !== task[member]);
    }),
  );
  const columns = Object.keys(changed).map((column) => sql`${sql.ref(column)} = changed.${sql.ref(column)}`);
  if (columns.length > 0) {
    const rows = changes.map(({ task }) => task);
    await sql`with changed as (${tableOf({ ...key, ...changed }, rows, key)})
      update task set ${sql.join(columns)}
      from changed where task.job_id = changed.job_id || '' and task.seq = changed.seq + 0`.execute(tx.db);
  }
  await addToCounters(
    tx.db,
    changes
      .filter(({ was, task }) => was.status !== task.status)
      .flatMap(({ was, task }) => [
        { jobId: task.job_id, status: was.status, seq: task.seq, by: -1 },
        { jobId: task.job_id, status: task.status, seq: task.seq, by: 1 },
      ]),
  );
}

/** A task that starts anew starts from the version that its device runs then. */
export async function setSourceVersion(db: Db, jobId: string, seq: number, version: string): Promise<void> {
  await db
    .updateTable('task')
    .set({ src_version: version })
    .where('job_id', '=', jobId)
    .where('seq', '=', seq)
    .where('src_version', '<>', version)
    .execute();
}

interface CounterStep {
  readonly jobId: string;
  readonly status: TaskStatus;
  readonly seq: number;
  readonly by: number;
}

/** Upserts in key order, so that two transactions never wait for each other in a circle. */
async function addToCounters(db: Db, steps: readonly CounterStep[]): Promise<void> {
  const sums = new Map<string, { job_id: string; status: TaskStatus; block: number; count: number }>();
  for (const { jobId, status, seq, by } of steps) {
    const block = Math.floor(seq / BLOCK);
    const key = `${jobId} ${status} ${String(block).padStart(10, '0')}`;
    const sum = sums.get(key);
    if (sum) sum.count += by;
    else sums.set(key, { job_id: jobId, status, block, count: by });
  }
  const rows = [...sums.entries()]
    .filter(([, row]) => row.count !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
  if (rows.length === 0) return;
  await db
    .insertInto('task_count')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['job_id', 'status', 'block']).doUpdateSet({ count: sql`task_count.count + excluded.count` }),
    )
    .execute();
}
