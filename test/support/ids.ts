import type { Ids } from '../../src/lib/ids.ts';

/** Ids that count up: the same in every run, and later ones sort later. */
export function countingIds(): Ids {
  let count = 0;
  const next = (length: number) => String(++count).padStart(length, '0').slice(-length);
  return {
    id: () => next(22),
    requestId: () => `00000000-0000-0000-0000-${next(12)}`,
    text: next,
  };
}
