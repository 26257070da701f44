import type { Insertable, Kysely } from 'kysely';
import type { Meters } from '../lib/meters.ts';
import type { Schema } from './schema.ts';

/** A handle to run queries with; reads outside a transaction, everything inside one. */
export type Db = Kysely<Schema>;

/** What happened to a sub-device, for the connection of its gateway. */
export interface TopologyChange {
  readonly gatewayId: string;
  /** `removed`: it stands behind that gateway no more. `deleted`: it does not exist any more. */
  readonly change: 'removed' | 'deleted' | 'disabled' | 'enabled';
  readonly productKey: string;
  readonly deviceName: string;
}

/** One connection of a device; its id is never used again. */
export interface DeviceConnection {
  readonly deviceId: string;
  readonly connectionId: string;
}

/**
 * A doorbell, never a truth: says that rows have changed so that another room (or node) looks
 * sooner than its next poll would. Losing one costs a poll.
 */
export type Nudge =
  /** The platform changed what stands behind these gateways, or whether it may connect. */
  | { readonly kind: 'topology'; readonly changes: readonly TopologyChange[] }
  /** These devices may have a package to be told about. */
  | { readonly kind: 'push'; readonly deviceIds: readonly string[] }
  /** These devices lost their right to be connected (deleted, disabled). */
  | { readonly kind: 'kick'; readonly deviceIds: readonly string[] }
  /** The places of these connections were taken by connections on another node. */
  | { readonly kind: 'replaced'; readonly connections: readonly DeviceConnection[] }
  /** This node was held up for so long that others may have taken it for dead, and its devices for offline. */
  | { readonly kind: 'lapsed'; readonly nodeId: string }
  /** This job has work for a scheduler. */
  | { readonly kind: 'job'; readonly jobId: string }
  /** These consumers of events have something to be told. */
  | { readonly kind: 'event'; readonly consumers: readonly string[] };

/** One transaction. It does no network and no blob I/O, and lives as short as it can. */
export interface Tx {
  readonly db: Db;
  /** Rings after the commit, or never if the transaction fails. */
  nudge(nudge: Nudge): void;
  /** Says the id of what the transaction makes, to whoever keeps a record of it; the engine itself does nothing with it. */
  made(id: string): void;
  /** Counts after the commit, or never if the transaction fails. */
  measure(count: (meters: Meters) => void): void;
  /** Adds the row lock of the engine to a select (`FOR UPDATE`; nothing on SQLite, whose writer is alone). */
  lock<Q extends LockableQuery>(query: Q): Q;
  /** As `lock`, passing over rows that another transaction holds (`SKIP LOCKED`). */
  lockSkipping<Q extends LockableQuery>(query: Q): Q;
  /** Inserts any number of rows in the way that is fastest on this engine. */
  bulkInsert<T extends keyof Schema & string>(table: T, rows: readonly Insertable<Schema[T]>[]): Promise<void>;
}

export interface LockableQuery {
  forUpdate(): unknown;
  skipLocked(): unknown;
}

/**
 * The complete list of what differs between SQLite and PostgreSQL. Nothing outside `store/`
 * asks which of the two runs.
 */
export interface Engine extends AsyncDisposable {
  /** True where other nodes may serve from this database, too. */
  readonly isShared: boolean;
  /** Reads of committed rows. Writing through it is an error. */
  readonly read: Db;
  /**
   * Runs `work` and commits; resolves when the commit is durable. Rejects with the error of `work`
   * after rolling back. Serialisation failures and deadlocks are retried a few times, so `work` must
   * have no effect outside its transaction. A statement that failed ends the transaction, even if `work`
   * catches its error (PostgreSQL knows no other way). Opening a transaction inside `work` is an error.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs one statement that writes, ahead of the transactions that wait, and resolves without waiting for the disk. Later
   * transactions and jots see what it wrote, and it is durable with the first of them that is: a crash can only forget it
   * together with all that was done after it.
   */
  jot<T>(write: (db: Db) => Promise<T>): Promise<T>;
  /** Hears the nudges of every process on this database that the engine can reach. */
  onNudge(listener: (nudge: Nudge) => void): Disposable;
  /** True when `error` says that a unique index refused a row. */
  isUniqueViolation(error: unknown): boolean;
  /** True when `error` says that the database cannot be reached, or cannot do its work in time or at all for now. */
  isUnavailable(error: unknown): boolean;
  /** Applies missing migrations, one process at a time; returns the names of those applied. */
  migrate(): Promise<string[]>;
  /** Names of known migrations that are not applied yet. */
  pendingMigrations(): Promise<string[]>;
  /** Counters since the engine was opened, for metrics. */
  stats(): EngineStats;
  /** For messages to people: `SQLite 3.54.1 (…/otaru.db)`, `PostgreSQL 15.18`. Never carries a password. */
  describe(): Promise<string>;
}

export interface EngineStats {
  /** Transactions that became durable. */
  readonly transactions: number;
  /** Commits that made them so: fewer than `transactions` where concurrent ones share a commit. */
  readonly commits: number;
  /** Transactions that were run again after a serialisation failure or deadlock. */
  readonly retries: number;
  /** Transactions under way or waiting. */
  readonly active: number;
}
