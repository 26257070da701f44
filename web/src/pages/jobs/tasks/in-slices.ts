import { Refusal } from '../../../api/client.ts';

interface Outcome<T> {
  readonly done: number;
  /** What was refused, and why. */
  readonly refused: ReadonlyMap<T, unknown>;
}

/**
 * Does `act` for all items, some in each call. An item that is refused holds up no others: a slice that is refused is done
 * one by one.
 * @param told after each call with how many items are through
 * @throws what is no refusal; AbortError once `signal` is aborted
 */
export async function inSlices<T>(
  items: readonly T[],
  size: number,
  act: (slice: readonly T[]) => Promise<unknown>,
  signal: AbortSignal,
  told: (through: number) => void,
): Promise<Outcome<T>> {
  const refused = new Map<T, unknown>();
  const waiting: (readonly T[])[] = [];
  for (let from = 0; from < items.length; from += size) waiting.push(items.slice(from, from + size));
  let through = 0;
  for (let slice = waiting.shift(); slice; slice = waiting.shift()) {
    signal.throwIfAborted();
    try {
      await act(slice);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (slice.length > 1) {
        waiting.unshift(...slice.map((item) => [item]));
        continue;
      }
      for (const item of slice) refused.set(item, error);
    }
    through += slice.length;
    told(through);
  }
  return { done: items.length - refused.size, refused };
}
