import type { Clock } from '../lib/clock.ts';

/** Counts what somebody does within the running second. @returns 0 when it may go on, else the milliseconds to wait */
export interface Counter {
  take(subject: string, what: string, perSecond: number): number;
}

export function createCounter(clock: Clock): Counter {
  let second = 0;
  const counts = new Map<string, number>();
  return {
    take(subject, what, perSecond) {
      const now = clock.now();
      const current = Math.floor(now / 1000);
      if (current !== second) {
        second = current;
        counts.clear();
      }
      const key = `${subject} ${what}`;
      const count = (counts.get(key) ?? 0) + 1;
      if (count > perSecond) return (current + 1) * 1000 - now;
      counts.set(key, count);
      return 0;
    },
  };
}

export const unlimited: Counter = { take: () => 0 };
