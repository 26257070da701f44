import { expect, it } from 'vitest';
import { noMeters } from '../../../src/lib/meters.ts';
import type { Tx } from '../../../src/store/engine.ts';
import { eachEngine, onPostgres } from '../../support/engines.ts';

/** What is counted, in order. */
function record() {
  const told: string[] = [];
  const meters = {
    ...noMeters,
    transaction: () => (outcome: string) => void told.push(outcome),
    tasks: (status: string, count: number) => void told.push(`${count} ${status}`),
  };
  return { told, meters };
}

const put = (tx: Tx, key: string) => tx.db.insertInto('meta').values({ key, value: '' }).execute();

eachEngine('what a transaction counts', (database) => {
  it('is counted after the commit, and not at all when it fails', async () => {
    const { told, meters } = record();
    const engine = await database.open({ meters });
    await engine.transaction(async (tx) => {
      await put(tx, 'a');
      tx.measure((counted) => counted.tasks('QUEUED', 3));
      expect(told).toEqual([]);
    });
    expect(told).toEqual(['committed', '3 QUEUED']);
    const failing = engine.transaction(async (tx) => {
      tx.measure((counted) => counted.tasks('FAILED', 1));
      await put(tx, 'a');
    });
    await expect(failing).rejects.toThrow();
    expect(told).toEqual(['committed', '3 QUEUED', 'failed']);
  });
});

onPostgres('what a transaction counts', (database) => {
  it('is counted once, however often it has to be run', async () => {
    const { told, meters } = record();
    const engine = await database.open({ meters });
    await engine.transaction((tx) => put(tx, 'a'));
    await engine.transaction((tx) => put(tx, 'b'));
    told.length = 0;
    const both = Promise.withResolvers<void>();
    let locked = 0;
    let runs = 0;
    const lockBoth = (first: string, second: string) =>
      engine.transaction(async (tx) => {
        runs += 1;
        tx.measure((counted) => counted.tasks('QUEUED', 1));
        await tx.db.updateTable('meta').set({ value: 'x' }).where('key', '=', first).execute();
        if (++locked === 2) both.resolve();
        await both.promise;
        await tx.db.updateTable('meta').set({ value: 'x' }).where('key', '=', second).execute();
      });
    await Promise.all([lockBoth('a', 'b'), lockBoth('b', 'a')]);
    expect(runs).toBe(3);
    expect(told.toSorted()).toEqual(['1 QUEUED', '1 QUEUED', 'committed', 'committed']);
  });
});
