import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../lib/clock.ts';
import type { Db, Engine } from '../engine.ts';
import { readMeta } from '../queries/meta.ts';
import { migrations } from './index.ts';
import type { ColumnTypes, Migration } from './migration.ts';

/** What an engine brings to have its database migrated. */
export interface MigrationHost {
  readonly types: ColumnTypes;
  /** Keeps other processes from migrating until the transaction ends. */
  lock(db: Db): Promise<void>;
  /** Runs `work` while no other process makes an index of a migration. */
  indexing<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** Makes the index unless it is there, whole. */
  createIndex(db: Db, name: string, on: string): Promise<void>;
  /** True when a step gave up because others use a table that it wants for itself. */
  isBusy(error: unknown): boolean;
  /** Has a row if the table of applied migrations exists. */
  readonly hasMigrationTable: RawBuilder<unknown>;
}

type TableFinder = Pick<MigrationHost, 'hasMigrationTable'>;

interface MigrationSchema {
  migration: { name: string; applied_at: number };
}

/** Table of applied migrations: unknown to the rest of the store. */
const bookkeeping = (db: Db) => db as unknown as Kysely<MigrationSchema>;

/** Names a migration in the database: code that does not know it is too old. */
const OLDEST_CODE = 'oldest-code';

/** A step that finds a table in use lets the others through and tries again, for about five minutes. */
const BUSY_PAUSE_MS = 500;
const BUSY_ATTEMPTS = 200;

async function appliedNames(db: Db, host: TableFinder): Promise<Set<string>> {
  const { rows } = await host.hasMigrationTable.execute(db);
  if (rows.length === 0) return new Set();
  const applied = await bookkeeping(db).selectFrom('migration').select('name').execute();
  return new Set(applied.map((row) => row.name));
}

/** Names of the migrations that this version knows and the database lacks. */
export async function pendingMigrations(engine: Pick<Engine, 'read'>, host: TableFinder): Promise<string[]> {
  const applied = await appliedNames(engine.read, host);
  return migrations.map(({ name }) => name).filter((name) => !applied.has(name));
}

/**
 * Applies what is missing, each migration by itself and under a lock, so that several processes may do this at once, a
 * crash leaves whole migrations only, and nodes that serve meanwhile wait for a moment at most. Migrations of later
 * releases are none of its business, unless one of them has taken away what this code needs.
 * @returns the names of those applied here
 * @throws Error with a sentence for the operator when the database is too new for this code
 */
export async function applyMigrations(
  engine: Pick<Engine, 'read' | 'transaction'>,
  host: MigrationHost,
  clock: Clock,
): Promise<string[]> {
  await refuseNewer(engine.read, host);
  const done: string[] = [];
  for (const migration of migrations) {
    if (await whenFree(host, () => apply(migration, engine, host, clock))) done.push(migration.name);
  }
  return done;
}

async function refuseNewer(db: Db, host: TableFinder): Promise<void> {
  if ((await appliedNames(db, host)).size === 0) return;
  const needed = await readMeta(db, OLDEST_CODE);
  if (needed === undefined || migrations.some(({ name }) => name === needed)) return;
  throw new Error(
    `This database was upgraded by a later release of Otaru, and no longer suits this one: it takes a release that has the migration ${needed}.`,
  );
}

/** @returns false when it was applied before */
async function apply(
  migration: Migration,
  engine: Pick<Engine, 'transaction'>,
  host: MigrationHost,
  clock: Clock,
): Promise<boolean> {
  const { name } = migration;
  const step = async (db: Db) => {
    if ((await appliedNames(db, host)).has(name)) return false;
    await sql`create table if not exists migration (
      name ${sql.raw(host.types.text)} not null primary key,
      applied_at bigint not null
    )`.execute(db);
    if ('up' in migration) await migration.up(db as unknown as Kysely<unknown>, host.types);
    else await host.createIndex(db, migration.index.name, migration.index.on);
    await bookkeeping(db).insertInto('migration').values({ name, applied_at: clock.now() }).execute();
    if (migration.needs !== undefined) await setOldestCode(db, migration.needs);
    return true;
  };
  if ('index' in migration) return host.indexing(step);
  return engine.transaction(async ({ db }) => {
    await host.lock(db);
    return step(db);
  });
}

const setOldestCode = (db: Db, value: string) =>
  db
    .insertInto('meta')
    .values({ key: OLDEST_CODE, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();

async function whenFree<T>(host: MigrationHost, work: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempts === BUSY_ATTEMPTS || !host.isBusy(error)) throw error;
      await delay(BUSY_PAUSE_MS);
    }
  }
}
