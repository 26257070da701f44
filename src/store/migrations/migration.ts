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

interface Step {
  /** Number and subject; applied in this order and never renamed. */
  readonly name: string;
  /**
   * For a step that takes something away: the migration that came with the release whose code no longer uses it. Code
   * that does not know that migration is refused from then on.
   */
  readonly needs?: string;
}

/**
 * One step of the schema, which the code of the previous release must get along with: it adds, and takes away only what
 * that code does not use.
 */
export type Migration =
  | (Step & {
      /** Short statements in one transaction: others wait while it holds a table. */
      up(db: Kysely<unknown>, types: ColumnTypes): Promise<void>;
    })
  | (Step & {
      /** An index of a table that may be large already, made while others go on writing where the engine can. */
      readonly index: { readonly name: string; readonly on: string };
    });
