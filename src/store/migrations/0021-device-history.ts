import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** What the status of devices became and when. */
export const deviceHistory: Migration = {
  name: '0021-device-history',
  async up(db, { text, clustered }) {
    for (const statement of [
      'alter table device add column history_at bigint',
      'alter table device add column history_before bigint',
      'alter table device add column history_count integer not null default 0',
      // no foreign key: whoever deletes a device deletes these; what the code before this leaves behind is swept by age
      `create table device_history (
        at bigint not null,
        device_id ${text} not null,
        before_at bigint,
        status integer not null,
        reason ${text},
        address ${text},
        node_id ${text},
        surplus integer,
        primary key (at, device_id)
      ) ${clustered}`,
      'create index device_history_surplus on device_history (at, device_id) where surplus is not null',
    ]) {
      await sql.raw(statement).execute(db);
    }
  },
};
