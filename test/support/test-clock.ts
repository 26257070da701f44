import type { Clock } from '../../src/lib/clock.ts';

export interface TestClock extends Clock {
  /**
   * Moves the time forward and fires the timers that come due on the way, in order, each at its own instant. After each
   * one the event loop runs once, so that timers set by what it started count, too. Real I/O is not
   * waited for: a test that starts some waits for its effect.
   */
  advance(ms: number): Promise<void>;
}

/** Instant at which every test clock starts: 2030-01-01T00:00:00Z. */
export const TEST_START = Date.UTC(2030, 0, 1);

/** A clock that stands still until it is moved by hand. */
export function createTestClock(start = TEST_START): TestClock {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>();

  const nextDue = (until: number) => {
    let next: { readonly at: number; readonly fire: () => void } | undefined;
    for (const timer of timers) {
      if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  };

  return {
    now: () => now,
    after(delayMs, fire) {
      const timer = { at: now + Math.max(0, delayMs), fire };
      timers.add(timer);
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
    async advance(ms) {
      const until = now + ms;
      await eventLoop();
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.fire();
        await eventLoop();
      }
      now = Math.max(now, until);
    },
  };
}

const eventLoop = () => new Promise<void>((resolve) => setImmediate(resolve));
