import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Events on their way out: what happened, who wants to hear of it, and what each of them has still to be told. */
export const outbox: Migration = {
  name: '0005-outbox',
  async up(db, { text, clustered, updatedOften }) {
    const statements = [
      `create table event (
        id ${text} not null primary key,
        instance_id ${text} not null,
        product_key ${text} not null,
        topic ${text} not null,
        type ${text} not null,
        payload ${text} not null,
        created_at bigint not null
      )`,
      'create index event_age on event (created_at)',
      `create table event_route (
        instance_id ${text} not null,
        product_key ${text} not null,
        type ${text} not null,
        consumer ${text} not null,
        primary key (instance_id, product_key, type, consumer)
      ) ${clustered}`,
      'create index event_route_consumer on event_route (consumer)',
      `create table event_delivery (
        consumer ${text} not null,
        event_id ${text} not null,
        state ${text} not null,
        due_at bigint,
        attempts integer not null,
        note ${text} not null,
        modified_at bigint not null,
        primary key (consumer, event_id)
      ) ${clustered} ${updatedOften}`,
      'create index event_delivery_due on event_delivery (consumer, due_at) where due_at is not null',
      'create index event_delivery_event on event_delivery (event_id)',
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
