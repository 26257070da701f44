import { sql } from 'kysely';
import { describe, expect, inject, it, vi } from 'vitest';
import type { Engine, Nudge } from '../../../src/store/engine.ts';
import { openPostgres } from '../../../src/store/engine-postgres.ts';
import { openWire } from '../../faults/support/wire.ts';
import { onPostgres } from '../../support/engines.ts';
import { postgresUrl, runAsAdmin } from '../../support/postgres.ts';

const socket = inject('postgresSocket');

onPostgres('several nodes', (database) => {
  it('hear the nudges of each other after the commit', async () => {
    const [a, b] = [await database.open(), await database.open()];
    const heard: Nudge[] = [];
    using _ = b.onNudge((nudge) => heard.push(nudge));
    await expect(
      a.transaction(async (tx) => {
        tx.nudge({ kind: 'job', jobId: 'failed' });
        throw new Error('no');
      }),
    ).rejects.toThrow();
    await a.transaction(async (tx) => {
      tx.nudge({ kind: 'push', deviceIds: ['d1', 'd2'] });
      tx.nudge({ kind: 'push', deviceIds: ['d2', 'd3'] });
      tx.nudge({ kind: 'job', jobId: 'j' });
    });
    await vi.waitFor(() => expect(heard).toHaveLength(2), 10_000);
    expect(heard).toEqual([
      { kind: 'push', deviceIds: ['d1', 'd2', 'd3'] },
      { kind: 'job', jobId: 'j' },
    ]);
  });

  it('hear what was said last before a node closed', async () => {
    const [a, b] = [await database.open(), await database.open()];
    const heard: Nudge[] = [];
    using _ = b.onNudge((nudge) => heard.push(nudge));
    const jobs = Array.from({ length: 50 }, (_, i) => `j${i}`);
    await Promise.all(jobs.map((jobId) => a.transaction(async (tx) => tx.nudge({ kind: 'job', jobId }))));
    await a[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(heard).toHaveLength(jobs.length), 10_000);
  });

  it('hear of thousands of devices at once', async () => {
    const [a, b] = [await database.open(), await database.open()];
    const heard = new Set<string>();
    using _ = b.onNudge((nudge) => {
      if (nudge.kind === 'kick') for (const id of nudge.deviceIds) heard.add(id);
    });
    const deviceIds = Array.from({ length: 3000 }, (_, i) => `device-with-a-long-id-${i}`);
    await a.transaction(async (tx) => tx.nudge({ kind: 'kick', deviceIds }));
    await vi.waitFor(() => expect(heard.size).toBe(3000), 10_000);
  });

  it('hear nudges again after the listening connection was lost', async () => {
    const faults: string[] = [];
    const [a, b] = [await database.open(), await database.open({ onFault: (what) => faults.push(what) })];
    const heard: Nudge[] = [];
    using _ = b.onNudge((nudge) => heard.push(nudge));
    await runAsAdmin(
      socket,
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()",
      databaseName(database.options.databaseUrl),
    );
    await vi.waitFor(() => expect(faults).toContain('the connection for nudges was lost'), 10_000);
    await vi.waitFor(
      async () => {
        await a.transaction(async (tx) => tx.nudge({ kind: 'job', jobId: 'j' }));
        expect(heard).toContainEqual({ kind: 'job', jobId: 'j' });
      },
      { timeout: 5000, interval: 100 },
    );
  });

  it('pass over rows that another one has locked', async () => {
    const [a, b] = [await database.open(), await database.open()];
    await a.transaction(({ bulkInsert }) =>
      bulkInsert(
        'meta',
        ['a', 'b'].map((key) => ({ key, value: '' })),
      ),
    );
    await a.transaction(async (tx) => {
      await tx.lock(tx.db.selectFrom('meta').select('key').where('key', '=', 'a')).execute();
      const free = await b.transaction((other) =>
        other.lockSkipping(other.db.selectFrom('meta').select('key')).execute(),
      );
      expect(free).toEqual([{ key: 'b' }]);
    });
  });

  it('both succeed when they lock rows in opposite order', async () => {
    const [a, b] = [await database.open(), await database.open()];
    await a.transaction(({ bulkInsert }) =>
      bulkInsert(
        'meta',
        ['x', 'y'].map((key) => ({ key, value: '' })),
      ),
    );
    const both = Promise.withResolvers<void>();
    let holding = 0;
    const touch = (engine: Engine, order: string[]) =>
      engine.transaction(async ({ db }) => {
        for (const key of order) {
          await db
            .updateTable('meta')
            .set({ value: order.join('') })
            .where('key', '=', key)
            .execute();
          holding += 1;
          if (holding === 2) both.resolve();
          await both.promise;
        }
      });
    await Promise.all([touch(a, ['x', 'y']), touch(b, ['y', 'x'])]);
    expect(a.stats().retries + b.stats().retries).toBeGreaterThanOrEqual(1);
  });

  it('reject a transaction whose connection is lost, and go on with a new one', async () => {
    const engine = await database.open();
    const cut = engine.transaction(async ({ db }) => {
      await db.insertInto('meta').values({ key: 'a', value: '' }).execute();
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db);
    });
    await expect(cut).rejects.toThrow();
    await runAsAdmin(
      socket,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'otaru'",
      databaseName(database.options.databaseUrl),
    );
    await vi.waitFor(async () => {
      await engine.transaction(({ db }) => db.insertInto('meta').values({ key: 'b', value: '' }).execute());
    }, 10_000);
    expect(await engine.read.selectFrom('meta').select('key').execute()).toEqual([{ key: 'b' }]);
  });

  it('reject a transaction whose connection is lost while it does something else', async () => {
    const engine = await database.open();
    const cut = engine.transaction(async ({ db }) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
      await runAsAdmin(socket, `select pg_terminate_backend(${rows[0]?.pid})`);
      await vi.waitFor(async () => {
        const gone = await runAsAdmin(socket, `select 1 from pg_stat_activity where pid = ${rows[0]?.pid}`);
        expect(gone).toEqual([]);
      }, 10_000);
    });
    await expect(cut).rejects.toThrow();
  });
});

function databaseName(url = ''): string {
  return new URL(url).pathname.slice(1);
}

describe.skipIf(socket === '')('PostgreSQL', () => {
  it('is described without user and password', async () => {
    await using engine = await openPostgres({ url: postgresUrl(socket, 'postgres') });
    expect(await engine.describe()).toMatch(/^PostgreSQL \d+\.\d+$/);
  });

  it('that cannot be reached is an error at once', async () => {
    await expect(openPostgres({ url: postgresUrl(`${socket}/nowhere`, 'postgres') })).rejects.toThrow();
    await expect(openPostgres({ url: postgresUrl(socket, 'no_such_database') })).rejects.toThrow('no_such_database');
  });

  it('that has gone without a word is not waited for, and is used again when it is back', async () => {
    await using wire = await openWire();
    wire.to(`${socket}/.s.PGSQL.5432`);
    const url = `postgres://postgres@127.0.0.1:${wire.port}/postgres`;
    await using engine = await openPostgres({ url, silenceMs: 300 });
    const one = () => sql`select 1`.execute(engine.read);
    await one();
    wire.hold();
    const outcomes = await Promise.all([
      one().catch((error: Error) => error),
      engine.transaction(({ db }) => sql`select 1`.execute(db)).catch((error: Error) => error),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toBeInstanceOf(Error);
      expect(engine.isUnavailable(outcome)).toBe(true);
    }
    wire.mend();
    await vi.waitFor(one, { timeout: 5_000, interval: 100 });
  });

  it('that is gone, out of room or too slow is told from a mistake', async () => {
    await using wire = await openWire();
    wire.to(`${socket}/.s.PGSQL.5432`);
    await using engine = await openPostgres({ url: `postgres://postgres@127.0.0.1:${wire.port}/postgres` });
    const fails = (work: () => Promise<unknown>) => work().then(() => undefined, engine.isUnavailable);
    const slow = sql`set statement_timeout = 1; select pg_sleep(1)`;
    expect(await fails(() => engine.transaction(({ db }) => slow.execute(db)))).toBe(true);
    expect(await fails(() => sql`select nothing`.execute(engine.read))).toBe(false);
    expect(await fails(async () => Promise.reject(new Error('a defect')))).toBe(false);
    wire.cut();
    expect(await fails(() => sql`select 1`.execute(engine.read))).toBe(true);
    expect(await fails(() => sql`select 1`.execute(engine.read))).toBe(true);
  });
});
