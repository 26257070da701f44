import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Which connection on another node a device's connection took the place of, for that node to close it. */
export const presence: Migration = {
  name: '0015-presence',
  async up(db, { text }) {
    await sql.raw(`alter table presence add column replaced_id ${text}`).execute(db);
  },
};
