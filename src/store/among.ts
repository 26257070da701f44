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

/**
 * Rows as a table whose column `value` is a row as a JSON array; `value ->> 0` is the text of its first member. One parameter,
 * however many they are: as parameters of their own the members of 500 tasks take longer to send and read than to write.
 */
export function rowsOf(rows: readonly (readonly unknown[])[]): RawBuilder<{ value: string }> {
  const members = rows.map((row, index) => `"${index}":${JSON.stringify(row)}`);
  return sql<{ value: string }>`json_each(${`{${members.join(',')}}`})`;
}
