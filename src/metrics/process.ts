import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two looks at the event loop: a delay of nothing shows as this. */
const RESOLUTION_MS = 10;

/** Seconds, since the time before. */
export interface EventLoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Watches how late the event loop is. */
export interface EventLoopWatch extends Disposable {
  /** The delays since the last call. */
  take(): EventLoopDelay;
}

export function watchEventLoop(): EventLoopWatch {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3);
  return {
    take() {
      const taken = {
        p50: seconds(delays.percentile(50)),
        p99: seconds(delays.percentile(99)),
        max: seconds(delays.max),
      };
      delays.reset();
      return taken;
    },
    [Symbol.dispose]: () => void delays.disable(),
  };
}
