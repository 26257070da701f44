import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Who changed what: one row for every call that changes something, or was refused it. */
export const audit: Migration = {
  name: '0012-audit',
  async up(db, { text, clustered }) {
    const statements = [
      // by time, because that is how it is read, exported and swept
      `create table audit (
        at bigint not null,
        request_id ${text} not null,
        source ${text} not null,
        account_id ${text} not null,
        user_id ${text} not null,
        user_name ${text} not null,
        access_key_id ${text} not null,
        address ${text} not null,
        action ${text} not null,
        target ${text} not null,
        made ${text} not null,
        result ${text} not null,
        primary key (at, request_id)
      ) ${clustered}`,
      'create index audit_action on audit (action, at)',
      'create index audit_key on audit (access_key_id, at)',
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
