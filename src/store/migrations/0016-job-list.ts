import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** All jobs of an instance by age, with what a list of them is filtered by: there are few jobs beside tasks. */
export const jobList: Migration = {
  name: '0016-job-list',
  async up(db) {
    await sql`create index job_listed on job (instance_id, id, status, type, selection, product_key, firmware_id)`.execute(
      db,
    );
  },
};
