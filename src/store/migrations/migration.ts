import type { Kysely } from 'kysely';

/** SQL for column types and table options that the engines do not share; empty where one has no such thing. */
export interface ColumnTypes {
  /** Text that sorts and compares byte by byte. */
  readonly text: string;
  /** Table option: rows are stored in the order of the primary key, without a second index. */
  readonly clustered: string;
  /** Table option: leaves room in each page for new versions of its rows. */
  readonly updatedOften: string;
}

export interface Migration {
  /** Number and subject; applied in this order and never renamed. */
  readonly name: string;
  up(db: Kysely<unknown>, types: ColumnTypes): Promise<void>;
}
