import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Server-side subscriptions: consumer groups, what they are subscribed to, and who of them is connected. */
export const amqp: Migration = {
  name: '0009-amqp',
  async up(db, { text, clustered, updatedOften }) {
    const statements = [
      `create table consumer_group (
        consumer ${text} not null primary key,
        instance_id ${text} not null references instance (id),
        id ${text} not null,
        name ${text} not null,
        created_at bigint not null,
        consumed_at bigint
      )`,
      'create unique index consumer_group_id on consumer_group (instance_id, id)',
      'create unique index consumer_group_name on consumer_group (instance_id, name)',
      `create table subscription (
        product_key ${text} not null primary key references product (key) on delete cascade,
        instance_id ${text} not null,
        flags ${text} not null,
        created_at bigint not null
      )`,
      `create table subscription_group (
        product_key ${text} not null references subscription (product_key) on delete cascade,
        consumer ${text} not null references consumer_group (consumer),
        primary key (product_key, consumer)
      ) ${clustered}`,
      'create index subscription_group_consumer on subscription_group (consumer)',
      `create table consumer_connection (
        id ${text} not null primary key,
        consumer ${text} not null,
        node_id ${text} not null,
        client_id ${text} not null,
        address ${text} not null,
        connected_at bigint not null,
        fresh_count integer not null,
        backlog_count integer not null
      ) ${clustered} ${updatedOften}`,
      'create index consumer_connection_consumer on consumer_connection (consumer)',
      // every instance has the built-in group; those made from here on get it when they are made
      `insert into consumer_group (consumer, instance_id, id, name, created_at)
        select 'amqp:' || id || ':DEFAULT_GROUP', id, 'DEFAULT_GROUP', 'DEFAULT_GROUP', created_at from instance`,
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
