/**
 * What the main thread asks a SQLite worker to do. The worker works strictly in the order of arrival,
 * so an order (no answer) can be followed by a request without waiting.
 */
export type SqliteRequest =
  | {
      readonly op: 'run';
      readonly sql: string;
      readonly parameters: readonly unknown[];
      readonly inTransaction: boolean;
    }
  | { readonly op: 'begin' }
  | { readonly op: 'commit' }
  | { readonly op: 'close' };

/** If one of these fails, everything up to and including the next commit fails with its error. */
export type SqliteOrder = { readonly op: 'savepoint' } | { readonly op: 'release' } | { readonly op: 'undo' };

export interface SqliteResult {
  readonly columns: readonly string[];
  /** Rows as arrays in the order of `columns`. */
  readonly rows: readonly (readonly unknown[])[];
  readonly changes: number;
}

export interface SqliteWorkerOptions {
  readonly file: string;
  readonly role: 'writer' | 'reader';
  /** How long a lock held by another process is waited for. */
  readonly busyTimeoutMs: number;
}

/** One of the requests and orders that go to the worker in one message; `id` 0 wants no answer. */
export interface SqliteEnvelope {
  readonly id: number;
  readonly body: SqliteRequest | SqliteOrder;
}

/** One of the answers that come back in one message; `id` 0 tells that the database is open, or why it is not. */
export type SqliteAnswer =
  | { readonly id: number; readonly result: SqliteResult }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: string | undefined } };
