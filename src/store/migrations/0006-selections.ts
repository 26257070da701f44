import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/**
 * Jobs whose devices are named in an uploaded list; why tasks are being canceled; a push rate over any minute in place
 * of calendar minutes, and the tasks that wait for it.
 */
export const selections: Migration = {
  name: '0006-selections',
  async up(db, { text }) {
    for (const statement of [
      `alter table job add column list_key ${text}`,
      'alter table job add column unknown_names integer not null default 0',
      'create index job_list on job (list_key) where list_key is not null',
      `alter table job add column cancel_text ${text}`,
      `alter table job add column push_log ${text} not null default '[]'`,
      'alter table job add column call_at bigint',
      'create index job_call on job (call_at) where call_at is not null',
      'alter table job drop column push_minute',
      'alter table job drop column pushed',
      'alter table task add column waiting_at bigint',
      'create index task_waiting on task (job_id, waiting_at, seq) where waiting_at is not null',
    ]) {
      await sql.raw(statement).execute(db);
    }
  },
};
