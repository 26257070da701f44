import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { type ClientConfig, DatabaseError, Pool, type PoolClient, types } from 'pg';
import { type Clock, systemClock } from '../lib/clock.ts';
import { randomBelow, randomText } from '../lib/ids.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import { bulkSlices } from './bulk-rows.ts';
import type { Engine, Nudge, Tx } from './engine.ts';
import { applyMigrations, pendingMigrations } from './migrations/runner.ts';
import { coalesce, createBell } from './nudges.ts';
import { postgresMigrations } from './postgres-migrations.ts';
import { openNudgeLine } from './postgres-nudges.ts';
import type { Schema } from './schema.ts';
import { createTransactionGate } from './transactions.ts';

export interface PostgresOptions {
  readonly url: string;
  /** Connections for transactions, and as many again at most for reads; four at most jot, one more is for nudges. */
  readonly poolSize?: number;
  /** How long a connection may be silent while it is asked something; 35,000 by default. */
  readonly silenceMs?: number;
  readonly clock?: Clock;
  readonly meters?: Meters;
  /** Hears of faults that the engine gets over by itself, such as a lost connection. */
  readonly onFault?: (what: string, error: unknown) => void;
}

const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
const CONNECT_TIMEOUT_MS = 15_000;
/** A server that lives ends any statement before. One that has gone without a word would be waited for a quarter of an hour. */
const SILENCE_MS = STATEMENT_TIMEOUT_MS + 5_000;
const RETRIES = 5;
const JOTTERS = 4;

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const UNIQUE_VIOLATION = '23505';

/** A transaction that is committed, and what follows from that. */
interface Attempt<T> {
  readonly result: T;
  readonly nudges: readonly Nudge[];
  readonly counts: readonly ((meters: Meters) => void)[];
}

/**
 * PostgreSQL through `pg`. Reads have a pool of their own: sessions that refuse to write, and that a
 * transaction can use without waiting for a connection that other transactions hold.
 */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const { url, poolSize = 10, silenceMs = SILENCE_MS, clock = systemClock } = options;
  const { meters = noMeters, onFault = () => {} } = options;
  const config: ClientConfig = {
    connectionString: url,
    application_name: 'otaru',
    types: { getTypeParser },
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
  const createPool = (max = poolSize) => {
    const pool = new Pool({ ...config, max });
    pool.on('error', (error) => onFault('an idle database connection was lost', error));
    // A connection in use reports its loss by its query, too; unheard, this event would end the process.
    pool.on('connect', (client) => {
      client.on('error', () => {});
      endWhenSilent(client, silenceMs, () => isMigrating);
    });
    return pool;
  };
  const read = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: createPool(),
      onCreateConnection: async (connection) => {
        await connection.executeQuery(CompiledQuery.raw('set default_transaction_read_only = on'));
      },
    }),
  });
  const writer = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: createPool() }) });
  // a way to the database and back for each, and no commit that waits for the disk: a few connections do for many
  const jotter = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: createPool(JOTTERS),
      onCreateConnection: async (connection) => {
        await connection.executeQuery(CompiledQuery.raw('set synchronous_commit = off'));
      },
    }),
  });
  const migrations = postgresMigrations(writer);
  const self = randomText(12);
  const gate = createTransactionGate(meters);
  const bell = createBell(onFault);
  let transactions = 0;
  let retries = 0;
  let isMigrating = false;
  let closing: Promise<void> | undefined;

  const line = await openNudgeLine({ config, self, clock, onFault, onNudge: (nudge) => bell.ring([nudge]) });

  async function attempt<T>(work: (tx: Tx) => Promise<T>): Promise<Attempt<T>> {
    const rung: Nudge[] = [];
    const counts: ((meters: Meters) => void)[] = [];
    return writer.transaction().execute(async (db) => {
      const result = await work({
        db,
        nudge: (nudge) => void rung.push(nudge),
        made: () => {},
        measure: (count) => void counts.push(count),
        lock: (query) => query.forUpdate() as typeof query,
        lockSkipping: (query) => (query.forUpdate() as typeof query).skipLocked() as typeof query,
        async bulkInsert(table, rows) {
          for (const slice of bulkSlices(rows)) {
            const columns = sql.join(slice.columns.map((name) => sql.ref(name)));
            await sql`insert into ${sql.table(table)} (${columns})
              select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(slice.rows)})`.execute(
              db,
            );
          }
        },
      });
      return { result, nudges: coalesce(rung), counts };
    });
  }

  async function attemptAgain<T>(work: (tx: Tx) => Promise<T>): Promise<Attempt<T>> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await attempt(work);
      } catch (error) {
        const code = codeOf(error);
        if (failures >= RETRIES || (code !== SERIALIZATION_FAILURE && code !== DEADLOCK)) throw error;
        retries += 1;
        await delay(5 * 2 ** failures + randomBelow(20));
      }
    }
  }

  const engine: Engine = {
    isShared: true,
    read,
    async transaction(work) {
      const { result, nudges, counts } = await gate.pass(() => attemptAgain(work));
      transactions += 1;
      for (const count of counts) count(meters);
      line.send(nudges);
      bell.ring(nudges);
      return result;
    },
    async jot(write) {
      const result = await gate.pass(() => write(jotter));
      transactions += 1;
      return result;
    },
    onNudge: bell.listen,
    isUniqueViolation: (error) => codeOf(error) === UNIQUE_VIOLATION,
    isUnavailable,
    async migrate() {
      // its statements take as long as they take
      isMigrating = true;
      try {
        return await applyMigrations(engine, migrations, clock);
      } finally {
        isMigrating = false;
      }
    },
    pendingMigrations: () => pendingMigrations(engine, migrations),
    stats: () => ({ transactions, commits: transactions, retries, active: gate.active() }),
    async describe() {
      const { rows } = await sql<{ server_version: string }>`show server_version`.execute(read);
      return `PostgreSQL ${rows[0]?.server_version.split(' ')[0]}`;
    },
    async [Symbol.asyncDispose]() {
      closing ??= (async () => {
        await gate.close();
        await line[Symbol.asyncDispose]();
        await Promise.all([read.destroy(), writer.destroy(), jotter.destroy()]);
      })();
      await closing;
    },
  };
  return engine;
}

/** An idle connection is ended, too: the pool makes another when it needs one. */
function endWhenSilent(client: PoolClient, silenceMs: number, isExcused: () => boolean): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  stream.setTimeout(silenceMs, () => {
    if (!isExcused()) stream.destroy(new Error('the database did not answer'));
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Of PostgreSQL: its connections (08), its resources and a full disk (53), its operator (57) and its system (58). */
const UNAVAILABLE = /^(08|53|57|58)/;
/** Of the system, or of a pool that got no connection in time: `pg` names none of the latter. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
const NO_CONNECTION =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|the database did not answer)/;

function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseError) return UNAVAILABLE.test(error.code ?? '');
  if (!(error instanceof Error)) return false;
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  // a socket that is not there; a file that is not there is none of the database's business
  if (code === 'ENOENT') return syscall === 'connect';
  return UNREACHABLE.has(code) || NO_CONNECTION.test(error.message);
}

/** Values as SQLite gives them: whole numbers as numbers (a sum of them is `numeric`), booleans as 0 and 1. */
const getTypeParser: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (format !== 'binary') {
    if (oid === types.builtins.INT8 || oid === types.builtins.NUMERIC) return Number;
    if (oid === types.builtins.BOOL) return (value: string) => (value === 't' ? 1 : 0);
  }
  return types.getTypeParser(oid, format as 'text');
};
