import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { Client } from 'pg';
import { afterEach, expect, it } from 'vitest';
import type { Db, Engine } from '../../../src/store/engine.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import type { Migration } from '../../../src/store/migrations/migration.ts';
import { readMeta, settleMeta } from '../../../src/store/queries/meta.ts';
import { eachEngine, onPostgres } from '../../support/engines.ts';

const known = migrations as Migration[];
const released = known.length;
afterEach(() => void known.splice(released));

const addTable: Migration = {
  name: '9001-expand',
  up: async (db) => void (await sql`create table spare (a integer)`.execute(db)),
};
const takeAway: Migration = {
  name: '9002-contract',
  needs: '9001-expand',
  up: async (db) => void (await sql`drop table spare`.execute(db)),
};

/** Leaves the database, which other tests use after this one, as it was. */
async function undo(engine: Engine, ...statements: string[]): Promise<void> {
  await engine.transaction(async ({ db }) => {
    for (const statement of statements) await sql.raw(statement).execute(db);
    await sql`delete from migration where name > '9'`.execute(db);
    await sql`delete from meta where key = 'oldest-code'`.execute(db);
  });
}

eachEngine('a database that a later release has migrated', (database) => {
  it('is taken as it is, by code that does not know what was added', async () => {
    const engine = await database.open();
    known.push(addTable);
    expect(await engine.migrate()).toEqual(['9001-expand']);
    known.splice(released);
    expect(await engine.migrate()).toEqual([]);
    expect(await engine.pendingMigrations()).toEqual([]);
    await undo(engine, 'drop table spare');
  });

  it('is refused in one sentence by code that uses what was taken away', async () => {
    const engine = await database.open();
    known.push(addTable, takeAway);
    await engine.migrate();
    known.splice(released, 2, addTable);
    expect(await engine.migrate()).toEqual([]);
    known.splice(released);
    await expect(engine.migrate()).rejects.toThrow(
      'This database was upgraded by a later release of Otaru, and no longer suits this one: it takes a release that has the migration 9001-expand.',
    );
    await undo(engine);
  });
});

const anIndex: Migration = { name: '9003-index', index: { name: 'spare_meta', on: 'meta (value)' } };

eachEngine('the index of a large table', (database) => {
  it('is made once, by whichever process comes first', async () => {
    const engines = await Promise.all([database.open(), database.open(), database.open()]);
    known.push(anIndex);
    const applied = await Promise.all(engines.map((engine) => engine.migrate()));
    expect(applied.flat()).toEqual(['9003-index']);
    await undo(engines[0] as Engine, 'drop index spare_meta');
  });
});

onPostgres('a migration while others use the tables', (database) => {
  /** A transaction that has done `statement` and stays open. */
  const hold = async (engine: Engine, statement: (db: Db) => Promise<unknown>) => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const ended = engine.transaction(async ({ db }) => {
      await statement(db);
      begun.resolve();
      await release.promise;
    });
    await begun.promise;
    return async () => {
      release.resolve();
      await ended;
    };
  };
  const state = async (promise: Promise<unknown>) =>
    Promise.race([promise.then(() => 'done'), delay(100).then(() => 'waits')]);
  const isValid = async (engine: Engine) => {
    const { rows } = await sql<{ valid: number }>`
      select indisvalid as valid from pg_index where indexrelid = to_regclass('spare_meta')`.execute(engine.read);
    return rows[0]?.valid;
  };

  it('makes an index without keeping anybody from writing', async () => {
    const [serving, migrating] = [await database.open(), await database.open()];
    known.push(anIndex);
    const release = await hold(serving, (db) => settleMeta(db, 'held', '1'));
    const migrated = migrating.migrate();
    await delay(300);
    await serving.transaction(({ db }) => settleMeta(db, 'written meanwhile', '1'));
    expect(await state(migrated)).toBe('waits');
    await release();
    expect(await migrated).toEqual(['9003-index']);
    expect(await isValid(migrating)).toBe(1);
    await undo(migrating, 'drop index spare_meta');
  });

  it('makes an index anew that was broken off', async () => {
    const [serving, migrating] = [await database.open(), await database.open()];
    const release = await hold(serving, (db) => settleMeta(db, 'held', '1'));
    const client = new Client({ connectionString: database.options.databaseUrl, statement_timeout: 300 });
    await client.connect();
    await expect(client.query('create index concurrently spare_meta on meta (value)')).rejects.toThrow('timeout');
    await client.end();
    await release();
    expect(await isValid(migrating)).toBe(0);
    known.push(anIndex);
    expect(await migrating.migrate()).toEqual(['9003-index']);
    expect(await isValid(migrating)).toBe(1);
    await undo(migrating, 'drop index spare_meta');
  });

  it('that wants a table for itself lets others pass while a long query has it', async () => {
    const [serving, migrating] = [await database.open(), await database.open()];
    known.push({
      name: '9004-column',
      up: async (db) => void (await sql`alter table meta add column spare integer`.execute(db)),
    });
    const release = await hold(serving, (db) => readMeta(db, 'held'));
    const migrated = migrating.migrate();
    let slowestMs = 0;
    for (const end = performance.now() + 3_000; performance.now() < end; ) {
      const begin = performance.now();
      await readMeta(serving.read, 'held');
      await serving.transaction(({ db }) => settleMeta(db, 'written meanwhile', '1'));
      slowestMs = Math.max(slowestMs, performance.now() - begin);
      await delay(20);
    }
    expect(slowestMs).toBeLessThan(2_500);
    expect(await state(migrated)).toBe('waits');
    await release();
    expect(await migrated).toEqual(['9004-column']);
    await undo(migrating, 'alter table meta drop column spare');
  });
});
