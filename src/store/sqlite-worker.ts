/**
 * Thread that owns one SQLite connection: a write waits for the disk and a checkpoint can take
 * hundreds of milliseconds (measured-limits 1c), neither of which may stop the event loop.
 */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { systemClock } from '../lib/clock.ts';
import type {
  SqliteAnswer,
  SqliteEnvelope,
  SqliteOrder,
  SqliteRequest,
  SqliteResult,
  SqliteWorkerOptions,
} from './sqlite-protocol.ts';

const STATEMENT_CACHE = 500;
/** Answers of a message wait for each other this long at most. */
const ANSWERS_MS = 1;
const RETRY_MS = 20;
const NOTHING: SqliteResult = { columns: [], rows: [], changes: 0 };

function openDatabase({ file, role, busyTimeoutMs }: SqliteWorkerOptions): Database.Database {
  const db = new Database(file, { readonly: role === 'reader', timeout: busyTimeoutMs });
  // SQLite does not call its busy handler while it switches to WAL or recovers one: wait here.
  for (let left = busyTimeoutMs; ; left -= RETRY_MS) {
    try {
      if (role === 'writer') db.pragma('journal_mode = WAL');
      db.pragma('schema_version');
      break;
    } catch (error) {
      if (left <= 0 || !String(codeOf(error)).startsWith('SQLITE_BUSY')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
  if (role === 'writer') {
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    // Small checkpoints: the worst stall grows with their size (measured-limits 1c).
    db.pragma('wal_autocheckpoint = 1000');
    db.pragma('journal_size_limit = 67108864');
  } else {
    db.pragma('query_only = ON');
  }
  db.pragma('cache_size = -16000');
  // LIKE as PostgreSQL understands it, and served by an index.
  db.pragma('case_sensitive_like = ON');
  return db;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}

interface Prepared {
  readonly statement: Database.Statement;
  /** Names of its columns, once it was run. To ask for them takes longer than most queries. */
  columns: readonly string[];
}

function createConnection(db: Database.Database) {
  const statements = new Map<string, Prepared>();
  /** The error that makes the open transaction worthless. */
  let broken: unknown;

  function prepare(sql: string): Prepared {
    let found = statements.get(sql);
    if (found) {
      statements.delete(sql); // to the young end
    } else {
      if (statements.size >= STATEMENT_CACHE) statements.delete(statements.keys().next().value ?? '');
      found = { statement: db.prepare(sql), columns: [] };
    }
    statements.set(sql, found);
    return found;
  }

  function inside<T>(work: () => T): T {
    if (broken !== undefined) throw broken;
    if (!db.inTransaction) throw new Error('the database lost its transaction');
    try {
      return work();
    } catch (error) {
      // A full disk and the like roll everything back; what follows must not run outside a transaction.
      if (!db.inTransaction) broken = error;
      throw error;
    }
  }

  function run(sql: string, parameters: readonly unknown[]): SqliteResult {
    const prepared = prepare(sql);
    const { statement } = prepared;
    const bound = parameters.map(bindable);
    if (!statement.reader) return { ...NOTHING, changes: statement.run(bound).changes };
    const rows = statement.raw(true).all(bound) as unknown[][];
    if (rows.length === 0) return NOTHING;
    // Another process may have added a column to a `select *`.
    if (prepared.columns.length !== rows[0]?.length) prepared.columns = statement.columns().map(({ name }) => name);
    return { columns: prepared.columns, rows, changes: 0 };
  }

  function rollBack(): void {
    if (db.inTransaction) db.exec('rollback');
  }

  return {
    answer(request: SqliteRequest): SqliteResult {
      switch (request.op) {
        case 'run': {
          const { sql, parameters, inTransaction } = request;
          return inTransaction ? inside(() => run(sql, parameters)) : run(sql, parameters);
        }
        case 'begin':
          rollBack();
          broken = undefined;
          prepare('begin immediate').statement.run();
          return NOTHING;
        case 'commit':
          try {
            inside(() => prepare('commit').statement.run());
          } finally {
            rollBack(); // nothing to do after a commit
          }
          return NOTHING;
        case 'close':
          db.close();
          return NOTHING;
      }
    },
    obey(order: SqliteOrder): void {
      try {
        inside(() => {
          if (order.op === 'undo') prepare('rollback to work').statement.run();
          prepare(order.op === 'savepoint' ? 'savepoint work' : 'release work').statement.run();
        });
      } catch (error) {
        broken ??= error;
      }
    },
  };
}

/** A JavaScript number would be bound as REAL, which makes `? / 1024` a fraction, unlike in PostgreSQL. */
function bindable(value: unknown): unknown {
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
}

function failure(id: number, error: unknown): SqliteAnswer {
  return { id, error: { message: error instanceof Error ? error.message : String(error), code: codeOf(error) } };
}

function serve(options: SqliteWorkerOptions): void {
  const port = parentPort;
  if (!port) throw new Error('sqlite-worker runs as a worker thread');
  let connection: ReturnType<typeof createConnection>;
  try {
    connection = createConnection(openDatabase(options));
  } catch (error) {
    port.postMessage([failure(0, error)]);
    port.close();
    return;
  }
  const answer = ({ id, body }: SqliteEnvelope): SqliteAnswer | undefined => {
    switch (body.op) {
      case 'savepoint':
      case 'release':
      case 'undo':
        connection.obey(body);
        return undefined;
      default:
    }
    try {
      return { id, result: connection.answer(body) };
    } catch (error) {
      return failure(id, error);
    }
  };
  port.on('message', (envelopes: readonly SqliteEnvelope[]) => {
    let answers: SqliteAnswer[] = [];
    let deadline = systemClock.now() + ANSWERS_MS;
    for (const envelope of envelopes) {
      const one = answer(envelope);
      if (one) answers.push(one);
      if (answers.length === 0 || systemClock.now() < deadline) continue;
      port.postMessage(answers);
      answers = [];
      deadline = systemClock.now() + ANSWERS_MS;
    }
    if (answers.length > 0) port.postMessage(answers);
    if (envelopes.some(({ body }) => body.op === 'close')) port.close();
  });
  port.postMessage([{ id: 0, result: NOTHING }] satisfies SqliteAnswer[]);
}

serve(workerData as SqliteWorkerOptions);
