import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Endpoints of webhooks, and what finds the deliveries that have come to an end. */
export const webhooks: Migration = {
  name: '0008-webhooks',
  async up(db, { text }) {
    const statements = [
      `create table webhook (
        id ${text} not null primary key,
        instance_id ${text} not null references instance (id),
        url ${text} not null,
        description ${text} not null,
        types ${text} not null,
        products ${text} not null,
        secret ${text} not null,
        old_secret ${text},
        old_secret_until bigint,
        disabled_at bigint,
        disabled_why ${text},
        failing_since bigint,
        hold_until bigint not null,
        created_at bigint not null,
        modified_at bigint not null
      )`,
      'create index webhook_instance on webhook (instance_id)',
      'create index event_delivery_ended on event_delivery (consumer, state, modified_at) where due_at is null',
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
