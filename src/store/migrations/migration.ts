import type { Kysely } from 'kysely';

/** SQL for column types and table options that the engines do not share; empty where one has no such thing. */
export interface ColumnTypes {
  /** Text that sorts and compares byte by byte. */
  readonly text: string;
  /** Table option: rows are stored in the order of the primary key, without a second index. */
  readonly clustered: string;
  /** Table option: leaves room in each page for new versions of its rows. */
  readonly updatedOften: string;
  /**
   * Statements that have `body` run for every row that `event` changes. Rows are `old` and `new`; it runs before the
   * commit is done, where engines can at its very end, so that what it locks is held for the shortest time.
   */
  readonly rowTrigger: (trigger: RowTrigger) => readonly string[];
}

export interface RowTrigger {
  readonly name: string;
  readonly table: string;
  /** `insert`, `delete`, `update of …`. */
  readonly event: string;
  /** Only for rows of which this is true. */
  readonly when?: string;
  /** Statements, each ended by a semicolon. */
  readonly body: string;
}

export interface Migration {
  /** Number and subject; applied in this order and never renamed. */
  readonly name: string;
  up(db: Kysely<unknown>, types: ColumnTypes): Promise<void>;
}
