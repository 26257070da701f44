import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { DatabaseError } from 'pg';
import type { MigrationHost } from './migrations/runner.ts';
import type { Schema } from './schema.ts';

/** Any numbers, as long as they are ours alone in a database. */
const MIGRATION_LOCK = 0x6f7461;
const INDEX_LOCK = 0x6f7462;
const INDEX_LOCK_POLL_MS = 200;

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

/** How PostgreSQL is migrated while other nodes serve. */
export const postgresMigrations = (writer: Kysely<Schema>): MigrationHost => ({
  async lock(db) {
    // A migration, or the wait for another process's, may take long.
    await sql`set local statement_timeout = 0`.execute(db);
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(db);
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(db);
    // Who asks for a table that a long query uses, a backup for example, makes everyone after him wait, too.
    await sql`set local lock_timeout = '1s'`.execute(db);
  },
  // An index made concurrently waits for every statement that began before it. So who waits for his turn asks again and
  // again: a statement that waited would be waited for. For the same reason the lock is not that of other migrations,
  // for which earlier releases wait in a statement.
  indexing: (work) =>
    writer.connection().execute(async (db) => {
      await sql`set statement_timeout = 0`.execute(db);
      const tryLock = sql<{ locked: number }>`select pg_try_advisory_lock(${INDEX_LOCK}) as locked`;
      while (!(await tryLock.execute(db)).rows[0]?.locked) await delay(INDEX_LOCK_POLL_MS);
      try {
        return await work(db);
      } finally {
        await sql`select pg_advisory_unlock(${INDEX_LOCK})`.execute(db);
        await sql`reset statement_timeout`.execute(db);
      }
    }),
  async createIndex(db, name, on) {
    // What was broken off leaves an index behind that is written but not read.
    const broken = sql`select 1 from pg_index where indexrelid = to_regclass(${name}) and not indisvalid`;
    if ((await broken.execute(db)).rows.length > 0) await sql`drop index concurrently ${sql.raw(name)}`.execute(db);
    await sql`create index concurrently if not exists ${sql.raw(name)} on ${sql.raw(on)}`.execute(db);
  },
  isBusy: (error) => error instanceof DatabaseError && (error.code === LOCK_NOT_AVAILABLE || error.code === DEADLOCK),
  hasMigrationTable: sql`select 1 where to_regclass('migration') is not null`,
  types: {
    text: 'text collate "C"',
    clustered: '',
    updatedOften: 'with (fillfactor = 90)',
    rowTrigger: ({ name, table, event, when, body }) => [
      `create function ${name}() returns trigger language plpgsql as $$ begin ${body} return null; end $$`,
      `create constraint trigger ${name} after ${event} on ${table} deferrable initially deferred
        for each row ${when ? `when (${when})` : ''} execute function ${name}()`,
    ],
  },
});
