import { setTimeout as sleep } from 'node:timers/promises';

/** Tries `check` until it no longer throws, for `patienceMs` at most. */
export async function eventually<T>(check: () => Promise<T>, patienceMs = 15_000): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      // the documented quotas hold here too: a few calls a second
      await sleep(200);
    }
  }
}
