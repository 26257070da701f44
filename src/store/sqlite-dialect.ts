import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { CommitGroups, Turn } from './commit-groups.ts';
import type { SqliteRequest, SqliteResult } from './sqlite-protocol.ts';
import { SqliteFailure, type SqliteThread } from './sqlite-thread.ts';

/** Queries on the read-only connection. */
export function readerDialect(thread: SqliteThread): Dialect {
  const connection = createConnection((request) => thread.ask(request), false);
  const refuse = () => Promise.reject(new Error('this handle only reads: write with engine.transaction'));
  return sqliteDialect({
    ...passive,
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
  });
}

/**
 * Transactions on the writer's connection; used with `transaction()` only.
 * @param jotting they go ahead of others and do not wait for the disk
 */
export function writerDialect(thread: SqliteThread, groups: CommitGroups, jotting = false): Dialect {
  const transactions = new WeakMap<DatabaseConnection, WriteTransaction>();
  const find = (connection: DatabaseConnection) => transactions.get(connection) as WriteTransaction;
  return sqliteDialect({
    ...passive,
    async acquireConnection() {
      const transaction = createWriteTransaction(thread, groups, jotting);
      const connection = createConnection(transaction.ask, true);
      transactions.set(connection, transaction);
      return connection;
    },
    beginTransaction: (connection) => find(connection).begin(),
    commitTransaction: (connection) => find(connection).commit(),
    rollbackTransaction: (connection) => find(connection).rollBack(),
  });
}

interface WriteTransaction {
  ask(request: SqliteRequest): Promise<SqliteResult>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
}

function createWriteTransaction(thread: SqliteThread, groups: CommitGroups, jotting: boolean): WriteTransaction {
  let turn: Turn | undefined;
  let failed: unknown;
  return {
    async ask(request) {
      if (!turn) throw new Error('the transaction has ended');
      // As PostgreSQL does, so that a mistake shows on either engine.
      if (failed !== undefined) throw new Error('the transaction has failed already', { cause: failed });
      try {
        return await thread.ask(request);
      } catch (error) {
        failed ??= error;
        throw error;
      }
    },
    async begin() {
      try {
        turn = await groups.enter(jotting);
      } catch (error) {
        if (!(error instanceof SqliteFailure && error.code?.startsWith('SQLITE_BUSY'))) throw error;
        throw new Error('the database file stays locked by another process', { cause: error });
      }
    },
    async commit() {
      const mine = turn;
      turn = undefined;
      const durable = mine?.leave(failed === undefined);
      if (!jotting) await durable;
      if (failed !== undefined) throw failed;
    },
    async rollBack() {
      // Also called after a failed commit, when the turn is over.
      const mine = turn;
      turn = undefined;
      await mine?.leave(false);
    },
  };
}

function createConnection(
  ask: (request: SqliteRequest) => Promise<SqliteResult>,
  inTransaction: boolean,
): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const result = await ask({ op: 'run', sql, parameters, inTransaction });
      return { rows: toObjects(result) as R[], numAffectedRows: BigInt(result.changes) };
    },
    streamQuery(): never {
      throw new Error('streaming is not supported');
    },
  };
}

function toObjects({ columns, rows }: SqliteResult): Record<string, unknown>[] {
  return rows.map((row) => {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < columns.length; i += 1) object[columns[i] as string] = row[i];
    return object;
  });
}

/** The parts of a driver that have nothing to do here: the engine owns the threads. */
const passive = {
  init: async () => {},
  releaseConnection: async () => {},
  destroy: async () => {},
};

/** Kysely would let only one query or transaction run at a time; the worker's own queue is enough. */
class ConcurrentSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections() {
    return true;
  }
}

function sqliteDialect(driver: Driver): Dialect {
  return {
    createDriver: () => driver,
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new ConcurrentSqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}
