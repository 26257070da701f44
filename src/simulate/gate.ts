/** Lets a limited number of holders in at once, in the order of arrival. */
export interface Gate {
  /** Resolves with the function that gives the place back; rejects when `signal` is aborted while waiting. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** @param places how many may be in at once, 1 or more; `Infinity` for no limit */
export function createGate(places: number): Gate {
  let free = places;
  const waiting = new Set<() => void>();

  const leave = () => {
    const [next] = waiting;
    if (next === undefined) {
      free++;
      return;
    }
    waiting.delete(next);
    next();
  };
  const leaveOnce = () => {
    let left = false;
    return () => {
      if (!left) leave();
      left = true;
    };
  };

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return leaveOnce();
      }
      await new Promise<void>((resolve, reject) => {
        const abort = () => {
          waiting.delete(admit);
          reject(signal.reason);
        };
        const admit = () => {
          signal.removeEventListener('abort', abort);
          resolve();
        };
        waiting.add(admit);
        signal.addEventListener('abort', abort, { once: true });
      });
      return leaveOnce();
    },
  };
}
