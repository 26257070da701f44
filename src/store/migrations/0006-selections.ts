import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Jobs whose devices are named in an uploaded list. */
export const selections: Migration = {
  name: '0006-selections',
  async up(db, { text }) {
    // null and 0 in every row that there is
    await sql`alter table job add column list_key ${sql.raw(text)}`.execute(db);
    await sql`alter table job add column unknown_names integer not null default 0`.execute(db);
    await sql`create index job_list on job (list_key) where list_key is not null`.execute(db);
  },
};
