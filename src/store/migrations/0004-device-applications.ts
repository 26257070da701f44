import { sql } from 'kysely';
import type { ColumnTypes, Migration } from './migration.ts';

/** Batch registration, tags of devices, and what lists and counts devices by their status. */
export const deviceApplications: Migration = {
  name: '0004-device-applications',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db);
  },
};

const one = (condition: string) => `case when ${condition} then 1 else 0 end`;
/** Columns of `device_tally`, each with what makes the device in the row `device` count there. */
const tallies = (device: string): readonly (readonly [column: string, counts: string])[] => [
  ['inactive', one(`${device}.status = 0`)],
  ['online', one(`${device}.status = 1`)],
  ['offline', one(`${device}.status = 3`)],
  ['disabled', one(`${device}.status = 8`)],
  ['activated', one(`${device}.active_at is not null`)],
];
const columns = tallies('').map(([column]) => column);
/** The last character of an id is random, so devices spread evenly over as many rows as there are characters. */
const shard = (device: string) => `substr(${device}.id, length(${device}.id))`;
const ofRow = (device: string) => `where product_key = ${device}.product_key and shard = ${shard(device)}`;

/**
 * Triggers keep the tally, not the queries: it stays right while the code before this still writes to the database, and
 * a connect costs no round trip more. All counts of a shard are in one row, so a change of status locks one row only.
 */
function tallyTriggers({ rowTrigger }: ColumnTypes): string[] {
  const minus = tallies('old').map(([column, counts]) => `${column} = ${column} - ${counts}`);
  const change = tallies('new').map(
    ([column, counts], index) => `${column} = ${column} + ${counts} - ${tallies('old')[index]?.[1]}`,
  );
  return [
    ...rowTrigger({
      name: 'device_tally_insert',
      table: 'device',
      event: 'insert',
      body: `insert into device_tally (product_key, shard, ${columns.join(', ')})
        values (new.product_key, ${shard('new')}, ${tallies('new')
          .map(([, counts]) => counts)
          .join(', ')})
        on conflict (product_key, shard) do update set ${columns
          .map((column) => `${column} = device_tally.${column} + excluded.${column}`)
          .join(', ')};`,
    }),
    ...rowTrigger({
      name: 'device_tally_update',
      table: 'device',
      event: 'update of status, active_at',
      when: 'new.status <> old.status or (new.active_at is null) <> (old.active_at is null)',
      body: `update device_tally set ${change.join(', ')} ${ofRow('new')};`,
    }),
    ...rowTrigger({
      name: 'device_tally_delete',
      table: 'device',
      event: 'delete',
      body: `update device_tally set ${minus.join(', ')} ${ofRow('old')};`,
    }),
  ];
}

function statements(types: ColumnTypes): string[] {
  const { text, clustered, updatedOften } = types;
  return [
    'create index device_status on device (product_key, status, id)',
    `create table device_tally (
      product_key ${text} not null references product (key) on delete cascade,
      shard ${text} not null,
      inactive integer not null,
      online integer not null,
      offline integer not null,
      disabled integer not null,
      activated integer not null,
      primary key (product_key, shard)
    ) ${clustered} ${updatedOften}`,
    // the triggers first: where others write meanwhile, they wait from here on for the commit
    ...tallyTriggers(types),
    `insert into device_tally (product_key, shard, ${columns.join(', ')})
      select device.product_key, ${shard('device')}, ${tallies('device')
        .map(([, counts]) => `sum(${counts})`)
        .join(', ')}
      from device group by device.product_key, ${shard('device')}`,
    `create table device_prop (
      device_id ${text} not null references device (id) on delete cascade,
      key ${text} not null,
      value ${text} not null,
      primary key (device_id, key)
    ) ${clustered}`,
    `create table device_apply (
      id bigint not null primary key,
      instance_id ${text} not null,
      product_key ${text} not null references product (key) on delete cascade,
      status ${text} not null,
      named smallint not null,
      total integer not null,
      cursor integer not null,
      registered integer not null,
      failed integer not null,
      created_at bigint not null,
      modified_at bigint not null,
      due_at bigint
    )`,
    'create index device_apply_product on device_apply (product_key)',
    'create index device_apply_due on device_apply (due_at) where due_at is not null',
    `create table device_apply_name (
      apply_id bigint not null references device_apply (id) on delete cascade,
      position integer not null,
      name ${text} not null,
      nickname ${text} not null,
      error ${text},
      primary key (apply_id, position)
    ) ${clustered}`,
  ];
}
