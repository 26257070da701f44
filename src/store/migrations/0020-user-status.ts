import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Whether a user may do anything at all; the code before this lets everybody. */
export const userStatus: Migration = {
  name: '0020-user-status',
  async up(db) {
    await sql.raw('alter table ram_user add column active smallint not null default 1').execute(db);
  },
};
