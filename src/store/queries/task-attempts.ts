import { type Selectable, sql } from 'kysely';
import { tableOf } from '../among.ts';
import type { Db } from '../engine.ts';
import type { TaskAttemptTable } from '../schema.ts';

export type TaskAttemptRow = Selectable<TaskAttemptTable>;

const columns = {
  job_id: 'text',
  seq: 'bigint',
  slot: 'integer',
  number: 'integer',
  at: 'bigint',
  cause: 'text',
  description: 'text',
  progress: 'integer',
  src_version: 'text',
} as const satisfies Record<keyof TaskAttemptRow, string>;

const names = Object.keys(columns);
const replaced = names
  .filter((name) => name !== 'job_id' && name !== 'seq' && name !== 'slot')
  .map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`);

/** Writes attempts, in place of older ones that had their slots. @param rows one of each task; some thousand at most */
export async function putTaskAttempts(db: Db, rows: readonly TaskAttemptRow[]): Promise<void> {
  if (rows.length === 0) return;
  const list = sql.join(names.map((name) => sql.ref(name)));
  // without a condition SQLite reads `on` as that of a join
  await sql`insert into task_attempt (${list}) ${tableOf(columns, rows)} where true
    on conflict (job_id, seq, slot) do update set ${sql.join(replaced)}`.execute(db);
}

/** What is kept of a task's failed attempts, the newest first. */
export async function taskAttempts(db: Db, jobId: string, seq: number): Promise<TaskAttemptRow[]> {
  return db
    .selectFrom('task_attempt')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('seq', '=', seq)
    .orderBy('number', 'desc')
    .execute();
}
