import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Why a task failed; and how many tasks came into which state when, as each node counted them. */
export const history: Migration = {
  name: '0019-history',
  async up(db, { text, clustered, updatedOften }) {
    for (const statement of [
      // null in every row that there is, and in those that the code before this adds
      `alter table task add column cause ${text}`,
      `create table task_history (
        instance_id ${text} not null,
        at bigint not null,
        job_id ${text} not null,
        outcome ${text} not null,
        cause ${text} not null,
        node_id ${text} not null,
        product_key ${text} not null,
        count bigint not null,
        primary key (instance_id, at, job_id, outcome, cause, node_id)
      ) ${clustered} ${updatedOften}`,
      'create index task_history_age on task_history (at)',
    ]) {
      await sql.raw(statement).execute(db);
    }
  },
};
