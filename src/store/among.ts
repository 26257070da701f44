import { type RawBuilder, sql } from 'kysely';

/** So many values are parameters of their own, as the statements of a single device or call have them. */
const FEW = 50;

/**
 * What to compare a text column with by `in`. Many values go as one parameter: as a thousand they take longer to send, read
 * and plan than to look up, on PostgreSQL some 5 ms of both event loop and database for a statement. They are the keys of
 * an object because that is how both engines can read them: `json_each` has a column `key` on either.
 */
export function among(values: readonly string[]): string[] | RawBuilder<string> {
  return values.length <= FEW ? [...values] : sql<string>`(${eachOf(values)})`;
}

/** Many values as a table whose column is `key`, without repetitions or order. */
export function eachOf(values: readonly string[]): RawBuilder<{ key: string }> {
  const keys = values.map((value) => `${JSON.stringify(value)}:0`);
  return sql<{ key: string }>`select key from json_each(${`{${keys.join(',')}}`})`;
}

/** Columns by name with the types that both engines know. */
export type ColumnTypes = Readonly<Record<string, 'text' | 'integer' | 'bigint'>>;

/**
 * Rows as a select of these columns, in the order of the rows. They go as one parameter, however many they are: as parameters of
 * their own the members of 500 tasks take longer to send and read than to write. What is the same in all of them is told
 * once: to read a member takes SQLite a microsecond, and rows that are written together have most in common.
 * @param rows one at least
 * @param apart columns that each row tells for itself: where rows are looked up by a constant, SQLite begins at the wrong end
 */
export function tableOf<T extends ColumnTypes>(
  types: T,
  rows: readonly { readonly [C in keyof T]: string | number | null }[],
  apart: ColumnTypes = {},
): RawBuilder<unknown> {
  const columns = Object.keys(types);
  const isShared = (column: string) => !(column in apart) && rows.every((row) => row[column] === rows[0]?.[column]);
  const shared = new Set(columns.filter(isShared));
  const told = columns.filter((column) => !shared.has(column));
  const members = columns.map((column) => {
    const value = shared.has(column) ? sql`${rows[0]?.[column]}` : sql`value ->> ${sql.lit(told.indexOf(column))}`;
    return sql`cast(${value} as ${sql.raw(types[column] as string)}) as ${sql.ref(column)}`;
  });
  const values = rows.map((row, index) => `"${index}":${JSON.stringify(told.map((column) => row[column]))}`);
  return sql`select ${sql.join(members)} from json_each(${`{${values.join(',')}}`})`;
}
