import type { Clock } from './clock.ts';

/** What may be under way at a time, and what may wait for it. */
export interface TurnstileBounds {
  readonly atOnce: number;
  /** Work that may wait for a place; what comes then is turned away. */
  readonly waiting: number;
  /**
   * What has waited for this long is turned away, and so is what comes until the others get their places sooner again,
   * and what comes while several are under way and none has ended for as long.
   */
  readonly patienceMs: number;
  /** Bytes that everything under way and waiting may hold; a single piece of work may be larger. */
  readonly bytes: number;
}

export interface TurnstileLoad {
  readonly underWay: number;
  readonly waiting: number;
  /** For how long the first in the queue has waited; 0 when nobody waits. */
  readonly oldestMs: number;
  /** Whether somebody has waited in vain and those behind have not caught up since, or nothing goes on at all. */
  readonly behind: boolean;
}

/** Work was turned away before it began: nothing of it has happened, and it may be tried again later. */
export class TurnedAway extends Error {
  constructor() {
    super('too much waits for the database');
    this.name = 'TurnedAway';
  }
}

/** Lets so much work through at a time, the rest in the order of arrival, and turns away what would wait too long. */
export interface Turnstile {
  /**
   * Begins `work` at once when there is a place, otherwise when one becomes free. Rejects with {@link TurnedAway}, or as
   * `work` does.
   * @param bytes that the work holds
   */
  pass<T>(work: () => Promise<T>, bytes?: number): Promise<T>;
  load(): TurnstileLoad;
}

/** So many must be under way, of all places, before it means something that none of them ends: some work just takes long. */
const TELLING = 1 / 16;

interface Waiter {
  readonly since: number;
  readonly begin: () => void;
  readonly turnAway: () => void;
}

/** @param onTurnedAway hears of every piece of work that is turned away */
export function createTurnstile(
  { atOnce, waiting, patienceMs, bytes: mostBytes }: TurnstileBounds,
  clock: Clock,
  onTurnedAway: () => void = () => {},
): Turnstile {
  const queue = new Set<Waiter>();
  let underWay = 0;
  let held = 0;
  let behind = false;
  /** When something last ended, or the first came in. */
  let progressAt = 0;
  let timer: Disposable | undefined;

  const standsStill = () => underWay >= atOnce * TELLING && underWay > 0 && clock.now() - progressAt >= patienceMs;
  const first = (): Waiter | undefined => queue.values().next().value;
  const turnAway = () => {
    onTurnedAway();
    return new TurnedAway();
  };

  const watch = () => {
    const next = timer || patienceMs === Number.POSITIVE_INFINITY ? undefined : first();
    if (!next) return;
    timer = clock.after(Math.max(0, next.since + patienceMs - clock.now()), () => {
      timer = undefined;
      const now = clock.now();
      for (const waiter of queue) {
        if (now - waiter.since < patienceMs) break;
        queue.delete(waiter);
        behind = true;
        waiter.turnAway();
      }
      watch();
    });
  };

  const takePlace = () => {
    if (underWay === 0) progressAt = clock.now();
    underWay += 1;
  };

  const advance = () => {
    for (let next = first(); next && underWay < atOnce; next = first()) {
      queue.delete(next);
      if (clock.now() - next.since < patienceMs / 2) behind = false;
      takePlace();
      next.begin();
    }
    if (queue.size === 0) behind = false;
    watch();
  };

  const queueUp = (bytes: number) =>
    new Promise<void>((begin, reject) => {
      const refuse = () => {
        held -= bytes;
        reject(turnAway());
      };
      queue.add({ since: clock.now(), begin, turnAway: refuse });
      watch();
    });

  /** @param place until the place is there, where it was not there at once */
  const run = async <T>(work: () => Promise<T>, bytes: number, place?: Promise<void>): Promise<T> => {
    if (place) await place;
    const since = clock.now();
    try {
      const result = await work();
      progressAt = clock.now();
      return result;
    } catch (error) {
      // what fails soon was answered, and what fails late has waited for an answer in vain
      if (clock.now() - since < patienceMs) progressAt = clock.now();
      throw error;
    } finally {
      underWay -= 1;
      held -= bytes;
      advance();
    }
  };

  return {
    pass<T>(work: () => Promise<T>, bytes = 0): Promise<T> {
      const isFree = underWay < atOnce && queue.size === 0;
      const fits = held === 0 || held + bytes <= mostBytes;
      const isFull = !isFree && (behind || queue.size >= waiting);
      if (!fits || isFull || standsStill()) return Promise.reject(turnAway());
      held += bytes;
      if (!isFree) return run(work, bytes, queueUp(bytes));
      takePlace();
      return run(work, bytes);
    },
    load() {
      const next = first();
      const oldestMs = next ? Math.max(0, clock.now() - next.since) : 0;
      return { underWay, waiting: queue.size, oldestMs, behind: behind || standsStill() };
    },
  };
}

/** Lets everything through. */
export const openTurnstile: Turnstile = {
  pass: (work) => work(),
  load: () => ({ underWay: 0, waiting: 0, oldestMs: 0, behind: false }),
};
