import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** How far the devices of a planned job have been rung for, so that a large one starts in steps and over a restart. */
export const call: Migration = {
  name: '0013-call',
  async up(db) {
    // null in every row that there is, and in those that the code before this adds
    await sql`alter table job add column call_from integer`.execute(db);
  },
};
