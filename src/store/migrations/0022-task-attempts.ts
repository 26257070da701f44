import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** The attempts of tasks that failed and were followed by another. */
export const taskAttempts: Migration = {
  name: '0022-task-attempts',
  async up(db, { text, clustered }) {
    for (const statement of [
      'alter table task add column attempts integer not null default 0',
      // a ring for each task: nothing to sweep, and what is written lies beside each other as the tasks do
      `create table task_attempt (
        job_id ${text} not null,
        seq integer not null,
        slot integer not null,
        number integer not null,
        at bigint not null,
        cause ${text} not null,
        description ${text} not null,
        progress integer,
        src_version ${text} not null,
        primary key (job_id, seq, slot)
      ) ${clustered}`,
    ]) {
      await sql.raw(statement).execute(db);
    }
  },
};
