import { expect, it } from 'vitest';
import { withLease } from '../../../src/domain/leases.ts';
import { takeLease } from '../../../src/store/queries/leases.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, reopen } from './world.ts';

const lease = (holder: string) => ({ name: 'job:1', holder, forMs: 15_000 });

eachEngine('a lease', (database) => {
  it('keeps others out while its holder works, and lets them in afterwards', async () => {
    const world = await createWorld(database);
    const log: string[] = [];
    const held = await withLease(world.deps, lease('a'), async () => {
      expect(await withLease(world.deps, lease('b'), async () => void log.push('b, too early'))).toBe(false);
      expect(
        await withLease(world.deps, { ...lease('b'), name: 'job:2' }, async () => void log.push('b elsewhere')),
      ).toBe(true);
    });
    expect(held).toBe(true);
    expect(await withLease(world.deps, lease('b'), async () => void log.push('b'))).toBe(true);
    expect(log).toEqual(['b elsewhere', 'b']);
  });

  it('is given back when the work fails', async () => {
    const world = await createWorld(database);
    const failure = new Error('no');
    await expect(withLease(world.deps, lease('a'), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await withLease(world.deps, lease('b'), async () => {})).toBe(true);
  });

  it('of a holder that died is taken over when its time is over, not before', async () => {
    const world = await createWorld(database);
    const now = world.clock.now();
    await world.engine.transaction((tx) =>
      takeLease(tx.db, { name: 'job:1', holder: 'dead', now, until: now + 15_000 }),
    );
    await world.clock.advance(14_999);
    expect(await withLease(world.deps, lease('b'), async () => {})).toBe(false);
    await world.clock.advance(1);
    expect(await withLease(world.deps, lease('b'), async () => {})).toBe(true);
  });

  it('is kept for as long as it is renewed', async () => {
    const world = await createWorld(database);
    await withLease(world.deps, lease('a'), async (renew) => {
      for (let round = 0; round < 3; round += 1) {
        await world.clock.advance(10_000);
        await renew();
        expect(await withLease(world.deps, lease('b'), async () => {})).toBe(false);
      }
    });
  });

  it('cannot be renewed, nor given back, by a holder that lost it', async () => {
    const world = await createWorld(database);
    await withLease(world.deps, lease('a'), async (renew) => {
      await world.clock.advance(15_000);
      const other = await world.engine.transaction((tx) => {
        const now = world.clock.now();
        return takeLease(tx.db, { name: 'job:1', holder: 'b', now, until: now + 15_000 });
      });
      expect(other).toBe(true);
      await expect(renew()).rejects.toThrow('the lease job:1 was lost');
    });
    expect(await withLease(world.deps, lease('c'), async () => {})).toBe(false);
  });

  it('is had by one at a time, however many want it', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    let inside = 0;
    let turns = 0;
    const worker = async (index: number) => {
      const { deps } = index % 2 ? here : there;
      while (turns < 30) {
        await withLease(deps, lease(`worker-${index}`), async () => {
          inside += 1;
          expect(inside).toBe(1);
          await here.engine.read.selectFrom('lease').selectAll().execute();
          inside -= 1;
          turns += 1;
        });
      }
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(worker));
  });
});
