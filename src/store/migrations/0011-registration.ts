import { sql } from 'kysely';
import type { ColumnTypes, Migration } from './migration.ts';

/** Dynamic registration, and which sub-devices stand behind which gateway. */
export const registration: Migration = {
  name: '0011-registration',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db);
  },
};

function statements({ text, clustered }: ColumnTypes): string[] {
  return [
    'alter table product add column dynamic_registration smallint not null default 0',
    `create table device_enrolment (
      device_id ${text} not null primary key references device (id) on delete cascade,
      client_id ${text},
      token ${text},
      reset_at bigint
    ) ${clustered}`,
    `create table topology (
      device_id ${text} not null primary key references device (id) on delete cascade,
      gateway_id ${text} not null references device (id) on delete cascade,
      added_at bigint not null
    ) ${clustered}`,
    'create index topology_gateway on topology (gateway_id, device_id)',
  ];
}
