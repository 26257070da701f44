import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** What all nodes together have taken of a limit, in the last window in which anybody asked. */
export const quota: Migration = {
  name: '0014-quota',
  async up(db, { text, clustered }) {
    await sql
      .raw(
        `create table quota (
          key ${text} not null primary key,
          window_start bigint not null,
          taken bigint not null
        ) ${clustered}`,
      )
      .execute(db);
  },
};
