import { AsyncLocalStorage } from 'node:async_hooks';
import type { Meters } from '../lib/meters.ts';

/** Keeps account of the transactions of an engine: refuses what must not run, waits for what does. */
export interface TransactionGate {
  /** Runs `work` unless the engine is closing or this is inside another transaction of it. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Refuses new transactions and waits for those under way. */
  close(): Promise<void>;
  active(): number;
}

export function createTransactionGate(meters: Pick<Meters, 'transaction'>): TransactionGate {
  // A transaction inside another would wait for ever for its turn on SQLite.
  const outer = new AsyncLocalStorage<{ open: boolean }>();
  const idle = Promise.withResolvers<void>();
  let active = 0;
  let closing = false;
  return {
    async pass(work) {
      if (closing) throw new Error('the database is closed');
      if (outer.getStore()?.open) throw new Error('a transaction must not open another one');
      const scope = { open: true };
      active += 1;
      const measured = meters.transaction();
      let outcome: 'committed' | 'failed' = 'failed';
      try {
        const result = await outer.run(scope, work);
        outcome = 'committed';
        return result;
      } finally {
        measured(outcome);
        scope.open = false;
        active -= 1;
        if (closing && active === 0) idle.resolve();
      }
    },
    async close() {
      closing = true;
      if (active > 0) await idle.promise;
    },
    active: () => active,
  };
}
