import { expect, it } from 'vitest';
import { createSharedCounter, forgetOldQuotas } from '../../../src/domain/shared-counter.ts';
import type { Engine } from '../../../src/store/engine.ts';
import { eachEngine, onPostgres, type TestDatabase } from '../../support/engines.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

const LIMIT = 50;

/** One node that counts on a database. */
async function openNode(
  database: TestDatabase,
  clock: TestClock,
  { isAlone = () => false, windowMs = 1_000 }: { isAlone?: () => boolean; windowMs?: number } = {},
) {
  const engine = await database.open({ clock });
  const counter = createSharedCounter({ engine, clock, isAlone, windowMs });
  return {
    engine,
    take: (action = 'RegisterDevice', limit = LIMIT, account = 'a1') => counter.take(account, action, limit),
    /** @returns how many of so many calls at the same time went through */
    burst: async (calls: number, limit = LIMIT) => {
      const waits = await Promise.all(Array.from({ length: calls }, () => counter.take('a1', 'RegisterDevice', limit)));
      return waits.filter((waitMs) => waitMs === 0).length;
    },
    /** @returns how many statements `work` sent, each of which is a transaction here */
    statements: async (work: () => Promise<unknown>) => {
      const before = engine.stats().transactions;
      await work();
      return engine.stats().transactions - before;
    },
  };
}

eachEngine('a limit that several nodes share', (database) => {
  it('is never exceeded by all of them together, and used to the full', async () => {
    const clock = createTestClock();
    const nodes = await Promise.all([1, 2, 3].map(() => openNode(database, clock)));
    for (let second = 0; second < 3; second += 1) {
      const admitted = await Promise.all(nodes.map((node) => node.burst(40)));
      expect(admitted.reduce((sum, count) => sum + count)).toBe(LIMIT);
      await clock.advance(1_000);
    }
  });

  it.each([1, 2, 3, 7, 10, 500])('of %i holds as well', async (limit) => {
    const clock = createTestClock();
    const nodes = await Promise.all([1, 2].map(() => openNode(database, clock)));
    const admitted = await Promise.all(nodes.map((node) => node.burst(limit + 1, limit)));
    expect(admitted.reduce((sum, count) => sum + count)).toBe(limit);
  });

  it('is nearly all there for one node while the others are quiet', async () => {
    const clock = createTestClock();
    const [busy, quiet] = [await openNode(database, clock), await openNode(database, clock)];
    expect(await quiet.take()).toBe(0);
    // the rest of what the quiet one took at once
    expect(await busy.burst(100)).toBe(LIMIT - LIMIT / 10);
  });

  it('says when the next window begins', async () => {
    const clock = createTestClock();
    const [one, other] = [await openNode(database, clock), await openNode(database, clock)];
    expect(await one.burst(LIMIT)).toBe(LIMIT);
    await clock.advance(300);
    expect(await one.take()).toBe(700);
    expect(await other.take()).toBe(700);
    await clock.advance(700);
    expect(await other.take()).toBe(0);
  });

  it('counts each account and each action for itself', async () => {
    const clock = createTestClock();
    const node = await openNode(database, clock);
    expect(await node.take('QueryDevice', 1)).toBe(0);
    expect(await node.take('QueryDevice', 1)).toBeGreaterThan(0);
    expect(await node.take('DeleteDevice', 1)).toBe(0);
    expect(await node.take('QueryDevice', 1, 'a2')).toBe(0);
  });

  it('costs a statement for each tenth of it, and none for what is refused', async () => {
    const clock = createTestClock();
    const node = await openNode(database, clock);
    const oneByOne = async () => {
      for (let calls = 0; calls < LIMIT; calls += 1) expect(await node.take()).toBe(0);
    };
    expect(await node.statements(oneByOne)).toBe(10);
    expect(await node.statements(() => node.burst(1_000))).toBe(0);
    const other = await openNode(database, clock);
    expect(await other.statements(() => other.take())).toBe(1);
    expect(await other.statements(() => other.burst(1_000))).toBe(0);
    await clock.advance(1_000);
    // those who wait at the same time are asked for together
    expect(await node.statements(() => node.burst(1_000))).toBeLessThanOrEqual(3);
  });

  it('holds while a clock is behind the others', async () => {
    const [ahead, behind] = [createTestClock(), createTestClock()];
    await ahead.advance(1_000);
    const nodes = [await openNode(database, ahead), await openNode(database, behind)];
    await nodes[0]?.take();
    const admitted = await Promise.all(nodes.map((node) => node.burst(LIMIT)));
    expect(admitted.reduce((sum, count) => sum + count)).toBe(LIMIT - 1);
  });

  it('is not held back by what a clock far ahead has left behind', async () => {
    const wrong = createTestClock();
    await wrong.advance(3_600_000);
    expect(await (await openNode(database, wrong)).burst(LIMIT)).toBe(LIMIT);
    expect(await (await openNode(database, createTestClock())).burst(LIMIT)).toBe(LIMIT);
  });

  it('holds over a minute where the window is one', async () => {
    const clock = createTestClock();
    const [one, other] = [
      await openNode(database, clock, { windowMs: 60_000 }),
      await openNode(database, clock, { windowMs: 60_000 }),
    ];
    expect(await one.burst(30)).toBe(30);
    await clock.advance(59_000);
    expect(await other.burst(30)).toBe(LIMIT - 30);
    expect(await other.take()).toBe(1_000);
  });

  it('forgets windows that ended long ago', async () => {
    const clock = createTestClock();
    const node = await openNode(database, clock);
    await node.take();
    await clock.advance(3_601_000);
    await node.take('QueryDevice');
    await forgetOldQuotas({ engine: node.engine, clock });
    expect(await node.engine.read.selectFrom('quota').select('key').execute()).toEqual([{ key: 'a1 QueryDevice' }]);
  });
});

eachEngine('a limit where one node is alone', (database) => {
  it('is counted without the database', async () => {
    const clock = createTestClock();
    const node = await openNode(database, clock, { isAlone: () => true });
    expect(await node.statements(() => node.burst(LIMIT))).toBe(0);
    expect(await node.take()).toBe(1_000);
    expect(await node.statements(() => node.take())).toBe(0);
  });

  it('holds in the window in which another one comes, and in which it goes', async () => {
    const clock = createTestClock();
    let alone = true;
    const one = await openNode(database, clock, { isAlone: () => alone });
    const other = await openNode(database, clock);
    expect(await one.burst(20)).toBe(20);
    alone = false;
    expect(await one.burst(1)).toBe(1);
    const more = await other.burst(100);
    alone = true;
    expect(more + (await one.burst(100))).toBe(LIMIT - 21);
  });
});

onPostgres('a limit whose row somebody holds', (database) => {
  it('sends calls away after a second instead of letting them wait', async () => {
    const clock = createTestClock();
    const node = await openNode(database, clock);
    await node.take();
    const holder = await database.open();
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holding = holdRow(holder, held, release.promise);
    await held.promise;
    const burst = node.burst(20);
    await clock.advance(1_000);
    // the rest of what was taken before
    expect(await burst).toBe(LIMIT / 10 - 1);
    release.resolve();
    await holding;
    await expect.poll(() => node.engine.stats().active).toBe(0);
  });

  it('fails a call when the database does', async () => {
    const clock = createTestClock();
    const node = await openNode(database, clock);
    await node.engine[Symbol.asyncDispose]();
    await expect(node.take()).rejects.toThrow('the database is closed');
  });
});

const holdRow = (engine: Engine, held: PromiseWithResolvers<void>, release: Promise<void>) =>
  engine.transaction(async ({ db }) => {
    await db.updateTable('quota').set({ taken: 1 }).execute();
    held.resolve();
    await release;
  });
