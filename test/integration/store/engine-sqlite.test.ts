import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Engine } from '../../../src/store/engine.ts';
import { openSqlite } from '../../../src/store/engine-sqlite.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otaru-sqlite-'));
  file = join(folder, 'otaru.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function openMigrated(): Promise<Engine> {
  const engine = await openSqlite({ file });
  await engine.migrate();
  return engine;
}

const insert = (engine: Engine, key: string) =>
  engine.transaction(({ db }) => db.insertInto('meta').values({ key, value: '' }).execute());

async function keys(engine: Engine): Promise<string[]> {
  const rows = await engine.read.selectFrom('meta').select('key').execute();
  return rows.map((row) => row.key);
}

/** A process of its own that inserts keys `prefix-0`, `prefix-1`… and prints each one when it is durable. */
function startWriter(prefix: string, count: number): ChildProcess {
  const script = fileURLToPath(new URL('./writer-process.ts', import.meta.url));
  return spawn(process.execPath, [script, file, prefix, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function* acknowledged(writer: ChildProcess): AsyncGenerator<string> {
  if (writer.stdout) yield* createInterface({ input: writer.stdout });
}

it('lets concurrent transactions share a commit, and one alone have its own', async () => {
  await using engine = await openMigrated();
  const before = engine.stats();
  await insert(engine, 'alone');
  expect(engine.stats().commits - before.commits).toBe(1);
  await Promise.all(Array.from({ length: 200 }, (_, i) => insert(engine, `k${i}`)));
  const after = engine.stats();
  expect(after.transactions - before.transactions).toBe(201);
  expect(after.commits - before.commits - 1).toBeGreaterThanOrEqual(4); // 200 in groups of at most 64
  expect(after.commits - before.commits - 1).toBeLessThan(100);
  expect(await keys(engine)).toHaveLength(201);
});

it('shows a later transaction of the same commit the rows of an earlier one', async () => {
  await using engine = await openMigrated();
  const seen = await Promise.all(
    [1, 2, 3].map((n) =>
      engine.transaction(async ({ db }) => {
        await db
          .insertInto('meta')
          .values({ key: `k${n}`, value: '' })
          .execute();
        return (await db.selectFrom('meta').select('key').execute()).length;
      }),
    ),
  );
  expect(seen).toEqual([1, 2, 3]);
});

it('lets jots go ahead of the transactions that wait, in their order, and wait for no commit', async () => {
  await using engine = await openMigrated();
  const order: string[] = [];
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const first = engine.transaction(async () => {
    begun.resolve();
    await goOn.promise;
  });
  await begun.promise;
  const waiting = Array.from({ length: 3 }, (_, i) => insert(engine, `k${i}`).then(() => order.push('transaction')));
  const jots = ['a', 'b', 'c'].map((key) =>
    engine.jot((db) => db.insertInto('meta').values({ key, value: '' }).execute()).then(() => order.push(`jot ${key}`)),
  );
  await setImmediate(); // all of them stand in the queue
  goOn.resolve();
  await Promise.all([first, ...jots, ...waiting]);
  expect(order).toEqual(['jot a', 'jot b', 'jot c', 'transaction', 'transaction', 'transaction']);
  expect(await keys(engine)).toEqual(['a', 'b', 'c', 'k0', 'k1', 'k2']);
});

it('writes while another process writes to the same file', async () => {
  await using engine = await openMigrated();
  const writer = startWriter('theirs', 50);
  const exit = once(writer, 'exit');
  const theirs = acknowledged(writer);
  await theirs.next(); // both are at work from here
  for (let i = 0; i < 50; i += 1) await insert(engine, `ours-${i}`);
  for await (const _ of theirs);
  expect(await exit).toEqual([0, null]);
  const stored = await keys(engine);
  expect(stored.filter((key) => key.startsWith('ours'))).toHaveLength(50);
  expect(stored.filter((key) => key.startsWith('theirs'))).toHaveLength(50);
});

it('loses no acknowledged row when its process is killed in mid-write', async () => {
  await (await openMigrated())[Symbol.asyncDispose]();
  const writer = startWriter('k', 1_000_000);
  const exit = once(writer, 'exit');
  const promised: string[] = [];
  for await (const key of acknowledged(writer)) {
    promised.push(key);
    if (promised.length === 200) writer.kill('SIGKILL');
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(promised.length).toBeGreaterThanOrEqual(200);
  await using engine = await openSqlite({ file });
  const stored = new Set(await keys(engine));
  expect(promised.filter((key) => !stored.has(key))).toEqual([]);
  await insert(engine, 'alive');
});

it('says so when another process keeps the file locked, and goes on once it is free', async () => {
  await using engine = await openMigrated();
  await using impatient = await openSqlite({ file, busyTimeoutMs: 50 });
  const other = new Database(file);
  try {
    other.exec('begin immediate');
    const refused = await insert(impatient, 'refused').catch((error: Error) => error);
    expect(refused).toMatchObject({ message: 'the database file stays locked by another process' });
    expect(impatient.isUnavailable(refused)).toBe(true);
    expect(impatient.isUnavailable(new Error('a defect'))).toBe(false);
    const patient = insert(engine, 'waited');
    expect(await keys(engine)).toEqual([]); // readers do not wait
    other.exec('commit');
    await patient;
    await insert(impatient, 'free');
    expect((await keys(engine)).sort()).toEqual(['free', 'waited']);
  } finally {
    other.close();
  }
});

it('loses the whole group, and nothing else, when the disk is full', async () => {
  await using engine = await openMigrated();
  await insert(engine, 'before');
  const fill = (key: string, bytes: number) =>
    engine.transaction(({ db }) =>
      db
        .insertInto('meta')
        .values({ key, value: 'x'.repeat(bytes) })
        .execute(),
    );
  // The limit belongs to the writer's connection, so it is set by a transaction.
  const limit = (pages: number) =>
    engine.transaction(({ db }) => sql.raw(`pragma max_page_count = ${pages}`).execute(db));
  await limit(1);
  const outcomes = await Promise.allSettled([fill('small', 1), fill('big', 1_000_000), fill('after', 1)]);
  expect(outcomes[1]?.status).toBe('rejected');
  const acknowledgedKeys = ['small', 'big', 'after'].filter((_, i) => outcomes[i]?.status === 'fulfilled');
  expect((await keys(engine)).sort()).toEqual(['before', ...acknowledgedKeys].sort());
  await limit(1_000_000);
  await fill('later', 1_000_000);
  expect(await keys(engine)).toContain('later');
});

it('answers reads while a long write is at work', async () => {
  await using engine = await openMigrated();
  const order: string[] = [];
  const writing = Promise.withResolvers<void>();
  const write = engine.transaction(async ({ db }) => {
    const long = sql`insert into meta (key, value)
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000000)
      select max(i), '' from n`.execute(db);
    writing.resolve();
    await long;
    order.push('write');
  });
  await writing.promise;
  await keys(engine);
  order.push('read');
  await write;
  expect(order).toEqual(['read', 'write']);
});

it('takes its write-ahead log away when it is closed', async () => {
  const engine = await openMigrated();
  await insert(engine, 'a');
  await engine[Symbol.asyncDispose]();
  const other = new Database(file, { readonly: true, fileMustExist: true });
  expect(other.prepare('select key from meta').pluck().all()).toEqual(['a']);
  other.close();
});

it('refuses a file whose folder does not exist, and one that is no database', async () => {
  await expect(openSqlite({ file: join(folder, 'missing', 'otaru.db') })).rejects.toThrow();
  writeFileSync(file, 'this is not a database, however long it may be '.repeat(100));
  await expect(openSqlite({ file })).rejects.toThrow('not a database');
});

it('describes itself by version and file', async () => {
  await using engine = await openMigrated();
  expect(await engine.describe()).toMatch(/^SQLite 3\.\d+\.\d+ \(.*otaru\.db\)$/);
});

it('syncs every commit to the disk and checks foreign keys', async () => {
  await using engine = await openMigrated();
  const pragma = async (name: string) =>
    engine.transaction(async ({ db }) => (await sql.raw(`pragma ${name}`).execute(db)).rows);
  expect(await pragma('synchronous')).toEqual([{ synchronous: 2 }]);
  expect(await pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  expect(await pragma('foreign_keys')).toEqual([{ foreign_keys: 1 }]);
});
