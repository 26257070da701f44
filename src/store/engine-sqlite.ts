import { Kysely, sql } from 'kysely';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import { asArrays, bulkSlices } from './bulk-rows.ts';
import { createCommitGroups } from './commit-groups.ts';
import type { Engine, Nudge, Tx } from './engine.ts';
import { applyMigrations, type MigrationHost, pendingMigrations } from './migrations/runner.ts';
import { coalesce, createBell } from './nudges.ts';
import type { Schema } from './schema.ts';
import { readerDialect, writerDialect } from './sqlite-dialect.ts';
import { SqliteFailure, startSqliteThread } from './sqlite-thread.ts';
import { createTransactionGate } from './transactions.ts';

export interface SqliteOptions {
  /** Path of the database file, made if it does not exist; its folder must. */
  readonly file: string;
  /** How long another process may hold the write lock before a transaction gives up; 5,000 by default. */
  readonly busyTimeoutMs?: number;
  readonly clock?: Clock;
  readonly meters?: Meters;
  /** Hears of faults that the engine gets over by itself. */
  readonly onFault?: (what: string, error: unknown) => void;
}

const UNIQUE = new Set(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_ROWID']);

/**
 * SQLite in two threads: one connection that writes and one that only reads, so that neither a commit nor
 * a checkpoint keeps a reader or the event loop waiting. Other processes may use the same file.
 */
export async function openSqlite(options: SqliteOptions): Promise<Engine> {
  const { file, busyTimeoutMs = 5000, clock = systemClock, meters = noMeters, onFault = () => {} } = options;
  // The writer makes the file that the reader opens.
  const writerThread = await startSqliteThread({ file, role: 'writer', busyTimeoutMs }).catch((error: Error) => {
    throw new Error(`cannot open the database file ${file}: ${error.message}`, { cause: error });
  });
  const readerThread = await startSqliteThread({ file, role: 'reader', busyTimeoutMs }).catch(async (error) => {
    await writerThread.close();
    throw error;
  });
  const groups = createCommitGroups(writerThread, clock);
  const gate = createTransactionGate(meters);
  const bell = createBell(onFault);
  const read = new Kysely<Schema>({ dialect: readerDialect(readerThread) });
  const writer = new Kysely<Schema>({ dialect: writerDialect(writerThread, groups) });
  const jotter = new Kysely<Schema>({ dialect: writerDialect(writerThread, groups, true) });
  let transactions = 0;
  let closing: Promise<void> | undefined;

  const engine: Engine = {
    isShared: false,
    read,
    async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
      const nudges: Nudge[] = [];
      const counts: ((meters: Meters) => void)[] = [];
      const result = await gate.pass(() =>
        writer.transaction().execute((db) =>
          work({
            db,
            nudge: (nudge) => void nudges.push(nudge),
            made: () => {},
            measure: (count) => void counts.push(count),
            lock: (query) => query,
            lockSkipping: (query) => query,
            async bulkInsert(table, rows) {
              for (const slice of bulkSlices(rows)) {
                const values = slice.columns.map((_, index) => sql`value ->> ${sql.lit(index)}`);
                await sql`insert into ${sql.table(table)} (${sql.join(slice.columns.map((name) => sql.ref(name)))})
                  select ${sql.join(values)} from json_each(${JSON.stringify(asArrays(slice))})`.execute(db);
              }
            },
          }),
        ),
      );
      transactions += 1;
      for (const count of counts) count(meters);
      bell.ring(coalesce(nudges));
      return result;
    },
    async jot(write) {
      const result = await gate.pass(() => jotter.transaction().execute(write));
      transactions += 1;
      return result;
    },
    onNudge: bell.listen,
    isUniqueViolation: (error) => error instanceof SqliteFailure && UNIQUE.has(error.code ?? ''),
    isUnavailable,
    migrate: () => applyMigrations(engine, migrationHost(engine), clock),
    pendingMigrations: () => pendingMigrations(engine, migrationHost(engine)),
    stats: () => ({ transactions, commits: groups.commits(), retries: 0, active: gate.active() }),
    async describe() {
      const { rows } = await sql<{ version: string }>`select sqlite_version() as version`.execute(read);
      return `SQLite ${rows[0]?.version} (${file})`;
    },
    async [Symbol.asyncDispose]() {
      closing ??= (async () => {
        await gate.close();
        // The last connection to close folds the write-ahead log into the file, which a reader cannot.
        await readerThread.close();
        await writerThread.close();
      })();
      await closing;
    },
  };
  return engine;
}

/** Held by another process, a disk that is full or fails, a thread that has ended. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM)/;

function isUnavailable(error: unknown): boolean {
  if (error instanceof SqliteFailure) return UNAVAILABLE.test(error.code ?? '');
  return error instanceof Error && error.cause instanceof SqliteFailure && isUnavailable(error.cause);
}

const migrationHost = (engine: Pick<Engine, 'transaction'>): MigrationHost => ({
  // BEGIN IMMEDIATE has locked the database already.
  lock: async () => {},
  // Others wait: SQLite has one writer.
  indexing: (work) => engine.transaction(({ db }) => work(db)),
  async createIndex(db, name, on) {
    await sql`create index if not exists ${sql.raw(name)} on ${sql.raw(on)}`.execute(db);
  },
  isBusy: () => false,
  hasMigrationTable: sql`select name from sqlite_master where type = 'table' and name = 'migration'`,
  types: {
    text: 'text',
    clustered: 'without rowid',
    updatedOften: '',
    rowTrigger: ({ name, table, event, when, body }) => [
      `create trigger ${name} after ${event} on ${table} for each row ${when ? `when ${when}` : ''} begin ${body} end`,
    ],
  },
});
