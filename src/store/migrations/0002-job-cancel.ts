import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** What is being canceled in a job, so that a large one can be worked off in steps and survives a restart. */
export const jobCancel: Migration = {
  name: '0002-job-cancel',
  async up(db, { text }) {
    // null in every row that there is, and in those that the code before this adds
    await sql`alter table job add column cancel_states ${sql.raw(text)}`.execute(db);
    await sql`alter table job add column cancel_before integer`.execute(db);
  },
};
