import { releaseLease, takeLease } from '../store/queries/leases.ts';
import type { Deps } from './deps.ts';

/**
 * Runs `work` while this holder has the lease `name`; passes it over when someone else has it.
 * `work` may prolong the lease by calling `renew`, which rejects when it was lost meanwhile. Within the first third of its
 * time there is nothing to prolong: steps of milliseconds can renew after each and cost no commit.
 * @returns false when the lease was not to be had
 */
export async function withLease(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  { name, holder, forMs }: { readonly name: string; readonly holder: string; readonly forMs: number },
  work: (renew: () => Promise<void>) => Promise<void>,
): Promise<boolean> {
  let takenAt = 0;
  const take = () => {
    const now = clock.now();
    takenAt = now;
    return engine.transaction((tx) => takeLease(tx.db, { name, holder, now, until: now + forMs }));
  };
  if (!(await take())) return false;
  try {
    await work(async () => {
      if (clock.now() - takenAt < forMs / 3) return;
      if (!(await take())) throw new Error(`the lease ${name} was lost`);
    });
  } finally {
    await engine.transaction((tx) => releaseLease(tx.db, name, holder));
  }
  return true;
}
