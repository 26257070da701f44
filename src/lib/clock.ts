/** The only source of time. Tests replace it and move it by hand. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Calls `fire` once after `delayMs`. Dispose to call it off. The timer does not keep the process alive. */
  after(delayMs: number, fire: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Begins to measure. @returns how many seconds have gone by, to the microsecond, whatever happens to the clock */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1_000;
}

/**
 * Calls `work` every `intervalMs`, the next round only after the last one has ended.
 * `work` must not throw; disposing stops further rounds and waits for the one under way.
 */
export function every(clock: Clock, intervalMs: number, work: () => Promise<void>): AsyncDisposable {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: Disposable;
  const plan = () => {
    timer = clock.after(intervalMs, () => {
      running = work().finally(() => {
        if (!stopped) plan();
      });
    });
  };
  plan();
  return {
    async [Symbol.asyncDispose]() {
      stopped = true;
      timer[Symbol.dispose]();
      await running;
    },
  };
}
