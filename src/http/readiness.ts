import type { Clock } from '../lib/clock.ts';

/** Who asks whether the server is ready does not wait longer for a database that does not answer. */
const PATIENCE_MS = 2_000;

export interface ReadinessDeps {
  /** A small read of the database. */
  readonly ask: () => Promise<unknown>;
  /** Whether calls wait for the database in vain. */
  readonly isBehind: () => boolean;
  readonly clock: Clock;
}

/**
 * Whether this server can do its work now, for a load balancer; that it lives is another question. One look at the
 * database is under way at a time, however many ask.
 * @returns a function that rejects with the reason why not
 */
export function createReadiness({ ask, isBehind, clock }: ReadinessDeps): () => Promise<void> {
  let asking: Promise<unknown> | undefined;
  return async () => {
    if (isBehind()) throw new Error('calls wait for the database in vain');
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    const late = Promise.withResolvers<never>();
    using _timer = clock.after(PATIENCE_MS, () => late.reject(new Error('the database does not answer')));
    // awaited here: the timer has to live as long
    await Promise.race([asking, late.promise]);
  };
}
