import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../lib/clock.ts';
import type { Db, Engine } from '../engine.ts';
import { migrations } from './index.ts';
import type { ColumnTypes } from './migration.ts';

/** What an engine brings to have its database migrated. */
export interface MigrationHost {
  readonly types: ColumnTypes;
  /** Keeps other processes from migrating until the transaction ends. */
  lock(db: Db): Promise<void>;
  /** Has a row if the table of applied migrations exists. */
  readonly hasMigrationTable: RawBuilder<unknown>;
}

interface MigrationSchema {
  migration: { name: string; applied_at: number };
}

/** Table of applied migrations: unknown to the rest of the store. */
const bookkeeping = (db: Db) => db as unknown as Kysely<MigrationSchema>;

async function appliedNames(db: Db, host: MigrationHost): Promise<Set<string>> {
  const { rows } = await host.hasMigrationTable.execute(db);
  if (rows.length === 0) return new Set();
  const applied = await bookkeeping(db).selectFrom('migration').select('name').execute();
  return new Set(applied.map((row) => row.name));
}

/** Names of the migrations that this version knows and the database lacks. */
export async function pendingMigrations(engine: Pick<Engine, 'read'>, host: MigrationHost): Promise<string[]> {
  const applied = await appliedNames(engine.read, host);
  return migrations.map(({ name }) => name).filter((name) => !applied.has(name));
}

/**
 * Applies what is missing, each migration in a transaction of its own under a lock, so that several processes
 * may do this at once and a crash leaves whole migrations only. Returns the names of those applied here.
 */
export async function applyMigrations(
  engine: Pick<Engine, 'transaction'>,
  host: MigrationHost,
  clock: Clock,
): Promise<string[]> {
  const done: string[] = [];
  for (const migration of migrations) {
    const applied = await engine.transaction(async ({ db }) => {
      await host.lock(db);
      if ((await appliedNames(db, host)).has(migration.name)) return false;
      await sql`create table if not exists migration (
        name ${sql.raw(host.types.text)} not null primary key,
        applied_at bigint not null
      )`.execute(db);
      await migration.up(db as unknown as Kysely<unknown>, host.types);
      await bookkeeping(db).insertInto('migration').values({ name: migration.name, applied_at: clock.now() }).execute();
      return true;
    });
    if (applied) done.push(migration.name);
  }
  return done;
}
