import type { Clock } from '../lib/clock.ts';

/** Counts calls per account and action within the running second, as the documented limits are stated. */
export interface Quota {
  /** @returns 0 when the call may go on, else the milliseconds after which to try again */
  take(accountId: string, action: string, perSecond: number): number;
}

export function createQuota(clock: Clock): Quota {
  let second = 0;
  const counts = new Map<string, number>();
  return {
    take(accountId, action, perSecond) {
      const now = clock.now();
      const current = Math.floor(now / 1000);
      if (current !== second) {
        second = current;
        counts.clear();
      }
      const key = `${accountId} ${action}`;
      const count = (counts.get(key) ?? 0) + 1;
      if (count > perSecond) return (current + 1) * 1000 - now;
      counts.set(key, count);
      return 0;
    },
  };
}

export const unlimited: Quota = { take: () => 0 };
