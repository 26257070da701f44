import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Who may sign in to the console, and who has. */
export const consoleUsers: Migration = {
  name: '0017-console',
  async up(db, { text, clustered }) {
    const statements = [
      ...['account', 'ram_user'].flatMap((table) => [
        `alter table ${table} add column password_hash ${text}`,
        `alter table ${table} add column password_at bigint`,
      ]),
      `create table console_session (
        token_hash ${text} not null primary key,
        account_id ${text} not null,
        user_id ${text},
        access_key_id ${text},
        password_at bigint,
        created_at bigint not null,
        expires_at bigint not null
      ) ${clustered}`,
      'create index console_session_expiry on console_session (expires_at)',
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
