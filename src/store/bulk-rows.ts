/** Rows in one statement: some 5 ms of encoding on the main thread. */
const SLICE = 5000;

/** A slice of a bulk insert as plain values: column names and, in their order, the values of each row. */
export interface BulkSlice {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * Cuts rows into slices with the columns that any row of the slice has; what a row lacks is null.
 * One JSON text per slice is how both engines take them: one parameter, however many rows,
 * and for SQLite a third of the cost of copying the values to another thread (2 instead of 7 ms for 5,000
 * tasks; the statement takes 19 instead of 14 ms, off the main thread).
 */
export function* bulkSlices(rows: readonly object[]): Generator<BulkSlice> {
  for (let start = 0; start < rows.length; start += SLICE) {
    const slice = rows.slice(start, start + SLICE);
    const columns = [...new Set(slice.flatMap((row) => Object.keys(row)))];
    yield {
      columns,
      rows: slice.map((row) => columns.map((column) => (row as Record<string, unknown>)[column] ?? null)),
    };
  }
}
