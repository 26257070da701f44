import { sql } from 'kysely';
import type { ColumnTypes, Migration } from './migration.ts';

/** Groups that a rule makes, and jobs that go on to find devices. */
export const dynamic: Migration = {
  name: '0007-dynamic',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db);
  },
};

function statements({ text }: ColumnTypes): string[] {
  return [
    // null in every row that there is, and in those that the code before this adds
    `alter table device_group add column expression ${text}`,
    'alter table job add column sweep_at bigint',
    `alter table job add column earlier_timeouts ${text}`,
    `create index job_dynamic on job (product_key, module, id)
      where selection = 'DYNAMIC' and status = 'IN_PROGRESS'`,
    `create index job_dynamic_group on job (group_id) where selection = 'DYNAMIC' and status = 'IN_PROGRESS'`,
    // a value may be longer than an index can take
    'create index device_prop_tag on device_prop (key, substr(value, 1, 64), device_id)',
    'create index module_version_version on module_version (module, version, device_id)',
  ];
}
