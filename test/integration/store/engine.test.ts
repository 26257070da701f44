import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Db, Engine, Nudge } from '../../../src/store/engine.ts';
import { eachEngine } from '../../support/engines.ts';
import { taskRow } from './rows.ts';

const put = (db: Db, key: string, value = '') => db.insertInto('meta').values({ key, value }).execute();

async function keys(engine: Engine): Promise<string[]> {
  const rows = await engine.read.selectFrom('meta').select('key').orderBy('key').execute();
  return rows.map((row) => row.key);
}

eachEngine('engine', (database) => {
  describe('jot', () => {
    it('is seen by all that comes after it, and kept with it', async () => {
      const engine = await database.open();
      await engine.jot((db) => put(db, 'a'));
      await expect(engine.jot((db) => put(db, 'a'))).rejects.toSatisfy(engine.isUniqueViolation);
      await engine.transaction(async ({ db }) => {
        expect(await db.selectFrom('meta').select('key').execute()).toEqual([{ key: 'a' }]);
        await put(db, 'b');
      });
      expect(engine.stats()).toMatchObject({ transactions: 2, active: 0 });
      await engine[Symbol.asyncDispose]();
      expect(await keys(await database.open())).toEqual(['a', 'b']);
    });

    it('fails alone among others that run at the same time', async () => {
      const engine = await database.open();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 30 }, (_, i) => engine.jot((db) => put(db, `key-${Math.floor(i / 2)}`))),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(15);
      await engine.transaction(async ({ db }) => put(db, 'last'));
      expect(await keys(engine)).toHaveLength(16);
    });

    it('is refused inside a transaction, and once the engine closes', async () => {
      const engine = await database.open();
      await expect(engine.transaction(() => engine.jot((db) => put(db, 'a')))).rejects.toThrow(/must not open another/);
      await engine[Symbol.asyncDispose]();
      await expect(engine.jot((db) => put(db, 'a'))).rejects.toThrow(/closed/);
    });
  });

  describe('transaction', () => {
    it('shows its rows to every reader once it has resolved, and after opening the database again', async () => {
      const first = await database.open();
      await first.transaction(({ db }) => put(db, 'a'));
      expect(await keys(first)).toEqual(['a']);
      await first[Symbol.asyncDispose]();
      expect(await keys(await database.open())).toEqual(['a']);
    });

    it('resolves with the value of its work', async () => {
      const engine = await database.open();
      expect(await engine.transaction(async () => 42)).toBe(42);
    });

    it('sees its own rows, which readers do not see before the commit', async () => {
      const engine = await database.open();
      await engine.transaction(async ({ db }) => {
        await put(db, 'a');
        expect(await db.selectFrom('meta').select('key').execute()).toEqual([{ key: 'a' }]);
        expect(await keys(engine)).toEqual([]);
      });
    });

    it('leaves nothing behind when its work fails, and rejects with the error of the work', async () => {
      const engine = await database.open();
      const failure = new Error('no');
      const outcome = engine.transaction(async ({ db }) => {
        await put(db, 'a');
        throw failure;
      });
      await expect(outcome).rejects.toBe(failure);
      expect(await keys(engine)).toEqual([]);
      expect(engine.stats()).toMatchObject({ transactions: 0, active: 0 });
    });

    it('undoes only itself when it fails among others that run at the same time', async () => {
      const engine = await database.open();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 30 }, (_, i) =>
          engine.transaction(async ({ db }) => {
            await put(db, `key-${String(i).padStart(2, '0')}`);
            if (i % 3 === 0) throw new Error('no');
          }),
        ),
      );
      expect(outcomes.map((outcome) => outcome.status === 'rejected')).toEqual(outcomes.map((_, i) => i % 3 === 0));
      const expected = outcomes.map((_, i) => `key-${String(i).padStart(2, '0')}`).filter((_, i) => i % 3 !== 0);
      expect(await keys(engine)).toEqual(expected);
    });

    it('counts exactly when 200 at once change one row', async () => {
      const engine = await database.open();
      await engine.transaction(({ db }) => put(db, 'counter', '0'));
      await Promise.all(
        Array.from({ length: 200 }, () =>
          engine.transaction(async (tx) => {
            const select = tx.db.selectFrom('meta').select('value').where('key', '=', 'counter');
            const { value } = await tx.lock(select).executeTakeFirstOrThrow();
            await tx.db
              .updateTable('meta')
              .set({ value: String(Number(value) + 1) })
              .where('key', '=', 'counter')
              .execute();
          }),
        ),
      );
      expect(await engine.read.selectFrom('meta').select('value').execute()).toEqual([{ value: '200' }]);
      expect(engine.stats()).toMatchObject({ transactions: 201, active: 0 });
    });

    it('cannot go on after a statement of it has failed, even if its work hides the error', async () => {
      const engine = await database.open();
      const hiding = engine.transaction(async ({ db }) => {
        await put(db, 'a');
        await put(db, 'a').catch(() => {});
      });
      await expect(hiding).rejects.toThrow();
      const goingOn = engine.transaction(async ({ db }) => {
        await put(db, 'a');
        await put(db, 'a').catch(() => {});
        await put(db, 'b');
      });
      await expect(goingOn).rejects.toThrow();
      expect(await keys(engine)).toEqual([]);
    });

    it('must not open another one inside', async () => {
      const engine = await database.open();
      const nested = engine.transaction(() => engine.transaction(async () => {}));
      await expect(nested).rejects.toThrow('must not open another');
    });

    it('may use the read handle inside, however many run', async () => {
      const engine = await database.open();
      await Promise.all(Array.from({ length: 50 }, () => engine.transaction(() => keys(engine))));
    });

    it('cannot be used after its end', async () => {
      const engine = await database.open();
      let kept: Db | undefined;
      await engine.transaction(async ({ db }) => {
        kept = db;
      });
      await expect(kept && put(kept, 'late')).rejects.toThrow();
      expect(await keys(engine)).toEqual([]);
    });
  });

  describe('closing', () => {
    it('finishes what runs and refuses what comes later', async () => {
      const engine = await database.open();
      const running = engine.transaction(async ({ db }) => {
        await put(db, 'a');
        await keys(engine);
        await put(db, 'b');
      });
      const closed = engine[Symbol.asyncDispose]();
      await expect(engine.transaction(async () => {})).rejects.toThrow('closed');
      await Promise.all([running, closed, engine[Symbol.asyncDispose]()]);
      expect(await keys(await database.open())).toEqual(['a', 'b']);
    });
  });

  describe('read handle', () => {
    it('refuses to write', async () => {
      const engine = await database.open();
      await expect(put(engine.read, 'a')).rejects.toThrow();
      await expect(sql`delete from meta`.execute(engine.read)).rejects.toThrow();
      await expect(engine.read.transaction().execute((db) => put(db, 'a'))).rejects.toThrow();
      expect(await keys(engine)).toEqual([]);
    });
  });

  describe('values', () => {
    it('come back as they are on either engine', async () => {
      const engine = await database.open();
      const task = taskRow(0, { created_at: 1_900_000_000_123, description: '升级 ✓', due_at: null });
      await engine.transaction(async ({ db }) => {
        await db.insertInto('task').values(task).execute();
      });
      expect(await engine.read.selectFrom('task').selectAll().executeTakeFirst()).toEqual(task);
    });

    it('of aggregates and conditions are numbers', async () => {
      const engine = await database.open();
      await engine.transaction(({ bulkInsert }) =>
        bulkInsert('task', [taskRow(0, { created_at: 2 ** 52 }), taskRow(1, { created_at: 1 })]),
      );
      const row = await engine.read
        .selectFrom('task')
        .select(({ fn, exists, selectFrom, lit }) => [
          fn.countAll().as('count'),
          fn.sum('created_at').as('sum'),
          fn.max('seq').as('max'),
          exists(selectFrom('task').select(lit(1).as('one'))).as('some'),
        ])
        .executeTakeFirst();
      expect(row).toEqual({ count: 2, sum: 2 ** 52 + 1, max: 1, some: 1 });
    });

    it('that are whole numbers divide as whole numbers when sent as parameters', async () => {
      const engine = await database.open();
      await engine.transaction(({ bulkInsert }) => bulkInsert('task', [taskRow(2047)]));
      const { rows } = await sql`select seq / ${1024} as block from task`.execute(engine.read);
      expect(rows).toEqual([{ block: 1 }]);
    });

    it('tell how many rows a statement changed', async () => {
      const engine = await database.open();
      const changed = await engine.transaction(async ({ db }) => {
        await put(db, 'a');
        await put(db, 'b');
        return db.updateTable('meta').set({ value: 'x' }).executeTakeFirst();
      });
      expect(changed.numUpdatedRows).toBe(2n);
    });

    it('of changed rows can be returned by the statement', async () => {
      const engine = await database.open();
      const returned = await engine.transaction(async ({ db }) => {
        await put(db, 'a');
        return db.updateTable('meta').set({ value: 'x' }).returningAll().execute();
      });
      expect(returned).toEqual([{ key: 'a', value: 'x' }]);
    });
  });

  describe('text', () => {
    it('is ordered by its bytes', async () => {
      const engine = await database.open();
      const names = ['b', 'B', 'a', 'A', '_', '-', '10', '9', 'ä', 'z', '设', '', 'a b', 'aB'];
      await engine.transaction(({ bulkInsert }) =>
        bulkInsert(
          'meta',
          names.map((key) => ({ key, value: '' })),
        ),
      );
      expect(await keys(engine)).toEqual([...names].sort((a, b) => Buffer.from(a).compare(Buffer.from(b))));
    });

    it('is matched with its case by LIKE', async () => {
      const engine = await database.open();
      await engine.transaction(({ bulkInsert }) =>
        bulkInsert('meta', [
          { key: 'Pump-1', value: '' },
          { key: 'pump-2', value: '' },
        ]),
      );
      const rows = await engine.read.selectFrom('meta').select('key').where('key', 'like', 'pump%').execute();
      expect(rows).toEqual([{ key: 'pump-2' }]);
    });
  });

  describe('unique index', () => {
    it('is told from other errors', async () => {
      const engine = await database.open();
      await engine.transaction(({ db }) => put(db, 'a'));
      const twice = await engine.transaction(({ db }) => put(db, 'a')).catch((error: unknown) => error);
      expect(engine.isUniqueViolation(twice)).toBe(true);
      const wrong = await sql`select nothing from nowhere`.execute(engine.read).catch((error: unknown) => error);
      expect(wrong).toBeInstanceOf(Error);
      expect(engine.isUniqueViolation(wrong)).toBe(false);
      const missing = await engine
        .transaction(({ db }) => sql`insert into meta (key, value) values ('x', ${null})`.execute(db))
        .catch((error: unknown) => error);
      expect(engine.isUniqueViolation(missing)).toBe(false);
    });

    it('of tasks lets a module of a device have one unfinished task and any number of ended ones', async () => {
      const engine = await database.open();
      const device = { device_id: 'd', active_module: null };
      await engine.transaction(({ bulkInsert }) =>
        bulkInsert('task', [
          taskRow(0, device),
          taskRow(1, device),
          taskRow(2, { ...device, active_module: 'default' }),
          taskRow(3, { ...device, active_module: 'mcu' }),
        ]),
      );
      const second = engine.transaction(({ bulkInsert }) =>
        bulkInsert('task', [taskRow(4, { ...device, active_module: 'mcu' })]),
      );
      expect(engine.isUniqueViolation(await second.catch((error: unknown) => error))).toBe(true);
    });
  });

  describe('bulk insert', () => {
    it('stores thousands of rows in one transaction', async () => {
      const engine = await database.open();
      const rows = Array.from({ length: 12_000 }, (_, seq) => taskRow(seq));
      await engine.transaction(({ bulkInsert }) => bulkInsert('task', rows));
      const stored = await engine.read.selectFrom('task').selectAll().orderBy('seq').execute();
      expect(stored).toEqual(rows);
    });

    it('takes rows that lack nullable columns, and no rows at all', async () => {
      const engine = await database.open();
      const { due_at: _, ...short } = taskRow(0);
      await engine.transaction(async ({ bulkInsert }) => {
        await bulkInsert('task', []);
        await bulkInsert('task', [short, taskRow(1, { due_at: 5 })]);
      });
      const rows = await engine.read.selectFrom('task').select(['seq', 'due_at']).orderBy('seq').execute();
      expect(rows).toEqual([
        { seq: 0, due_at: null },
        { seq: 1, due_at: 5 },
      ]);
    });
  });

  describe('nudge', () => {
    const push: Nudge = { kind: 'push', deviceIds: ['d1'] };

    it('rings once, after the commit', async () => {
      const engine = await database.open();
      const heard: Nudge[] = [];
      using _ = engine.onNudge((nudge) => heard.push(nudge));
      await engine.transaction(async (tx) => {
        tx.nudge(push);
        await put(tx.db, 'a');
        expect(heard).toEqual([]);
      });
      // Another round trip, by which an echo would have arrived.
      await engine.transaction(async (tx) => tx.nudge({ kind: 'job', jobId: 'j' }));
      await keys(engine);
      expect(heard).toEqual([push, { kind: 'job', jobId: 'j' }]);
    });

    it('does not ring when the transaction fails', async () => {
      const engine = await database.open();
      const heard: Nudge[] = [];
      using _ = engine.onNudge((nudge) => heard.push(nudge));
      const failing = engine.transaction(async (tx) => {
        tx.nudge(push);
        await put(tx.db, 'a');
        await put(tx.db, 'a');
      });
      await expect(failing).rejects.toThrow();
      await keys(engine);
      expect(heard).toEqual([]);
    });

    it('is not heard by a listener that was disposed', async () => {
      const engine = await database.open();
      const heard: Nudge[] = [];
      engine.onNudge((nudge) => heard.push(nudge))[Symbol.dispose]();
      await engine.transaction(async (tx) => tx.nudge(push));
      expect(heard).toEqual([]);
    });
  });
});
