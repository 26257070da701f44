import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** The modules that a product's packages can be for, beside `default`, which is in no row. */
export const otaModule: Migration = {
  name: '0003-module',
  async up(db, { text, clustered }) {
    await sql
      .raw(
        `create table ota_module (
          product_key ${text} not null references product (key) on delete cascade,
          name ${text} not null,
          name_key ${text} not null,
          alias ${text} not null,
          description ${text} not null,
          created_at bigint not null,
          modified_at bigint not null,
          primary key (product_key, name_key)
        ) ${clustered}`,
      )
      .execute(db);
  },
};
