import type { Clock } from '../lib/clock.ts';
import { deleteOldQuotas, takeQuota } from '../store/queries/quotas.ts';
import type { Deps } from './deps.ts';

/** As `Counter`, over all nodes together. */
export interface SharedCounter {
  /**
   * @param limit of the window, at least 1
   * @returns 0 when it may go on, else the milliseconds after which to try again
   * @throws what the database throws when nobody can be asked
   */
  take(subject: string, what: string, limit: number): Promise<number>;
}

interface SharedCounterDeps extends Pick<Deps, 'engine' | 'clock'> {
  /** True while no other node counts: then nobody is asked. */
  readonly isAlone: () => boolean;
  readonly windowMs: number;
}

/** What this node knows of the running window of one subject. */
interface Window {
  readonly key: string;
  readonly start: number;
  /** Admitted here. */
  used: number;
  /** What the database has given to this node. */
  granted: number;
  /** The database has no more to give. */
  exhausted: boolean;
  /** Calls that have no answer yet. */
  waiting: number;
  asking: Promise<void> | undefined;
}

/** How much of a limit a node takes at once: what another node may miss for the rest of the window. */
const SHARE = 10;
/** A call that the database does not answer for so long has to come back, as if the limit were reached. */
const PATIENCE_MS = 1_000;
/** Nodes whose clocks are further apart do not count together. */
const SKEW_MS = 5_000;

/**
 * Counts in windows of a fixed length, which begin at whole multiples of it. Beside other nodes this one takes from the
 * window's row in the database, a tenth of the limit at a time and in one short transaction that all calls waiting for it
 * share. So never more than the limit is admitted, it costs few statements, and what is refused costs none until the
 * window ends.
 */
export function createSharedCounter(deps: SharedCounterDeps): SharedCounter {
  const { engine, clock, isAlone, windowMs } = deps;
  const windows = new Map<string, Window>();
  let newest = 0;

  const windowOf = (key: string): Window => {
    const start = Math.floor(clock.now() / windowMs) * windowMs;
    if (start !== newest) windows.clear();
    newest = start;
    const known = windows.get(key);
    if (known) return known;
    const window = { key, start, used: 0, granted: 0, exhausted: false, waiting: 0, asking: undefined };
    windows.set(key, window);
    return window;
  };

  const ask = async (window: Window, limit: number): Promise<void> => {
    const batch = Math.max(Math.ceil(limit / SHARE), window.waiting);
    // what was admitted while there was nobody to ask is owed
    const wanted = Math.min(batch + Math.max(0, window.used - window.granted), limit);
    const until = window.start + Math.max(SKEW_MS, windowMs);
    const taken = await engine.transaction((tx) => takeQuota(tx.db, { ...window, until, wanted }));
    const given = Math.max(0, Math.min(wanted, limit - (taken - wanted)));
    window.granted += given;
    window.exhausted = given < wanted;
  };

  return {
    async take(subject, what, limit) {
      const window = windowOf(`${subject} ${what}`);
      // who has asked goes on asking until the window ends: others may have taken their part of it before they left
      const isShared = () => window.granted > 0 || window.exhausted || !isAlone();
      window.waiting += 1;
      try {
        while (window.used < limit) {
          if (!isShared() || window.used < window.granted) {
            window.used += 1;
            return 0;
          }
          if (window.exhausted) break;
          window.asking ??= ask(window, limit).finally(() => {
            window.asking = undefined;
          });
          if (!(await inTime(window.asking, clock))) return PATIENCE_MS;
        }
        return Math.max(1, window.start + windowMs - clock.now());
      } finally {
        window.waiting -= 1;
      }
    },
  };
}

/** @returns false when it takes longer than a call can wait */
async function inTime(work: Promise<void>, clock: Clock): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  using _timer = clock.after(PATIENCE_MS, () => late.resolve(false));
  return await Promise.race([work.then(() => true as const), late.promise]);
}

export const uncounted: SharedCounter = { take: async () => 0 };

const FORGET_MS = 60 * 60_000;

/** Forgets what was counted in windows that ended long ago. */
export async function forgetOldQuotas({ engine, clock }: Pick<Deps, 'engine' | 'clock'>): Promise<void> {
  await engine.transaction((tx) => deleteOldQuotas(tx.db, clock.now() - FORGET_MS));
}
