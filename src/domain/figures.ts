import type { Clock } from '../lib/clock.ts';

/** Figures that took long to find are kept on this node, so that those who watch take little from those who work. */
export interface Figures {
  /**
   * What `find` answers, or answered a while ago when that took long: after `t` ms of work the answer is given again for
   * 20 `t`, at most ten minutes. Who asks while it is being found waits for the same answer.
   * @param key names the question with all that its answer depends on; an id of another instance must make another key
   */
  remember<T>(key: string, find: () => Promise<T>): Promise<T>;
}

/** What is found faster than this is asked for every time. */
const QUICK_MS = 50;
const WORTH = 20;
const LONGEST_MS = 10 * 60_000;
/** Answers kept at a time. */
const MOST = 1_000;

interface Kept {
  readonly answer: Promise<unknown>;
  /** Undefined while it is being found. */
  life?: { readonly from: number; readonly until: number };
}

export function createFigures(clock: Clock): Figures {
  const kept = new Map<string, Kept>();
  const forget = (now: number) => {
    for (const [key, { life }] of kept) if (life && (now >= life.until || now < life.from)) kept.delete(key);
  };
  return {
    async remember<T>(key: string, find: () => Promise<T>): Promise<T> {
      const start = clock.now();
      forget(start);
      const known = kept.get(key);
      if (known) return known.answer as Promise<T>;
      const answer = find();
      const mine: Kept = { answer };
      if (kept.size < MOST) kept.set(key, mine);
      let tookMs = 0;
      try {
        const found = await answer;
        tookMs = clock.now() - start;
        return found;
      } finally {
        if (tookMs < QUICK_MS) kept.delete(key);
        else {
          const from = clock.now();
          mine.life = { from, until: from + Math.min(tookMs * WORTH, LONGEST_MS) };
        }
      }
    },
  };
}
