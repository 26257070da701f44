/** @param share 0.5 for the median, 0.99 for p99 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * Measures several things in turns, so that a noisy moment falls on all of them alike.
 * @param warmUp rounds whose times are thrown away
 * @returns milliseconds by thing and round
 */
export async function interleave(
  things: readonly (() => Promise<unknown>)[],
  { rounds, warmUp = 0 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<number[][]> {
  const times = things.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [index, thing] of things.entries()) {
      const start = performance.now();
      await thing();
      if (round >= 0) times[index]?.push(performance.now() - start);
    }
  }
  return times;
}
