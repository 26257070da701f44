/** Rows in one statement: some 5 ms of encoding on the main thread. */
const SLICE = 5000;

/** A slice of a bulk insert. */
export interface BulkSlice {
  /** Those that any row of it has; what a row lacks is null. */
  readonly columns: readonly string[];
  readonly rows: readonly object[];
}

/**
 * Cuts rows into slices.
 * One JSON text per slice is how both engines take them: one parameter, however many rows,
 * and for SQLite a third of the cost of copying the values to another thread (2 instead of 7 ms for 5,000
 * tasks; the statement takes 19 instead of 14 ms, off the main thread).
 */
export function* bulkSlices(rows: readonly object[]): Generator<BulkSlice> {
  for (let start = 0; start < rows.length; start += SLICE) {
    const slice = rows.slice(start, start + SLICE);
    const columns = [...new Set(slice.flatMap((row) => Object.keys(row)))];
    yield { columns, rows: slice };
  }
}

/** The values of each row in the order of the columns. */
export const asArrays = ({ columns, rows }: BulkSlice): unknown[][] =>
  rows.map((row) => columns.map((column) => (row as Record<string, unknown>)[column] ?? null));
