import type { Engine } from '../../../src/store/engine.ts';
import type { World } from './world.ts';

/**
 * Holds a transaction open, lets other work run into what it holds, and commits it then. Work that waits for nothing is
 * through before the commit.
 * @param first is given an engine whose transactions wait with their commit
 */
export async function interleaved<A, B>(
  { engine }: Pick<World, 'engine'>,
  first: (engine: Engine) => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  const held = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const holding: Engine = {
    ...engine,
    transaction: (work) =>
      engine.transaction(async (tx) => {
        const result = await work(tx);
        held.resolve();
        await go.promise;
        return result;
      }),
  };
  const one = first(holding);
  await Promise.race([held.promise, one]);
  let over = false;
  const other = second().finally(() => {
    over = true;
  });
  while (!over && !(await waitsForLock(engine)));
  go.resolve();
  return Promise.all([one, other]);
}

/** Does a transaction of this database wait for what another one holds? */
export async function waitsForLock({ read }: Engine): Promise<boolean> {
  const waiting = read
    .selectFrom('pg_stat_activity' as never)
    .select('pid' as never)
    .where('wait_event_type' as never, '=', 'Lock' as never)
    .where('datname' as never, '=', read.fn('current_database') as never);
  return (await waiting.execute()).length > 0;
}
