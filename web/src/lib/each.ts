/**
 * Does `work` for each item, `parallel` at a time. Begins none after `signal`.
 * @returns what went wrong, by item
 */
export async function each<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Map<T, unknown>> {
  const failures = new Map<T, unknown>();
  const waiting = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of { [Symbol.iterator]: () => waiting }) {
      if (signal.aborted) return;
      try {
        await work(item);
      } catch (error) {
        failures.set(item, error);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return failures;
}
