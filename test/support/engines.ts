import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from 'vitest';
import type { Engine } from '../../src/store/engine.ts';
import { type EngineOptions, openEngine } from '../../src/store/open-engine.ts';
import { postgresUrl, runAsAdmin } from './postgres.ts';

/** The database of one test. */
export interface TestDatabase {
  readonly kind: 'sqlite' | 'postgres';
  /** What `openEngine` takes to reach it, for a child process. Known while a test runs. */
  readonly options: EngineOptions;
  /** Opens an engine, which is closed after the test; every call opens another one, as another process would. */
  open(options?: EngineOptions): Promise<Engine>;
}

/**
 * Runs a group of tests on every engine that this machine has. Each test finds a migrated and empty database. After
 * it, a transaction still under way and a connection left open are failures.
 */
export function eachEngine(name: string, tests: (database: TestDatabase) => void): void {
  describe(`${name} (SQLite)`, () => useDatabases('sqlite', createSqliteHome, tests));
  onPostgres(name, tests);
}

/** As {@link eachEngine}, for what only several processes on PostgreSQL can show. */
export function onPostgres(name: string, tests: (database: TestDatabase) => void): void {
  describe.skipIf(!inject('postgresSocket'))(`${name} (PostgreSQL)`, () =>
    useDatabases('postgres', createPostgresHome, tests),
  );
}

/** Where the tests of one group find their databases. */
interface Home extends AsyncDisposable {
  /** Makes a migrated and empty database. */
  fresh(): Promise<EngineOptions>;
  /** Connections that someone has not closed. */
  leaks(): Promise<string[]>;
}

function useDatabases(kind: TestDatabase['kind'], createHome: () => Promise<Home>, tests: (db: TestDatabase) => void) {
  let home: Home;
  let current: EngineOptions = {};
  let engines: Engine[] = [];

  beforeAll(async () => {
    home = await createHome();
  });
  beforeEach(async () => {
    current = await home.fresh();
  });
  afterEach(async () => {
    const leaks = engines.filter((engine) => engine.stats().active > 0).map(() => 'a transaction is still under way');
    // One after the other: of two that close at the same time none may find itself to be the last.
    for (const engine of engines) await engine[Symbol.asyncDispose]();
    engines = [];
    leaks.push(...(await home.leaks()));
    if (leaks.length > 0) throw new Error(`the test left something behind: ${leaks.join(', ')}`);
  });
  afterAll(async () => {
    await home?.[Symbol.asyncDispose]();
  });

  tests({
    kind,
    get options() {
      return current;
    },
    async open(options) {
      const engine = await openEngine({ ...current, ...options });
      engines.push(engine);
      return engine;
    },
  });
}

async function migrate(options: EngineOptions): Promise<void> {
  await using engine = await openEngine(options);
  await engine.migrate();
}

/** Of what these tests store nothing has to outlive the machine, and half of the time of a small commit is the disk's. */
function quickFolder(): string {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(memory);
    // containers may have one of 64 MB
    if (bavail * bsize > 1_073_741_824) return memory;
  } catch {
    // not Linux
  }
  return tmpdir();
}

async function createSqliteHome(): Promise<Home> {
  const folder = mkdtempSync(join(quickFolder(), 'otaru-sqlite-'));
  const template = join(folder, 'template.db');
  await migrate({ file: template });
  let file = join(folder, '0.db');
  let number = 0;
  return {
    async fresh() {
      rmSync(file, { force: true });
      number += 1;
      file = join(folder, `${number}.db`);
      copyFileSync(template, file);
      return { file };
    },
    // The last connection to close takes the write-ahead log away.
    leaks: async () => (existsSync(`${file}-wal`) ? ['a connection to the database file is open'] : []),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function createPostgresHome(): Promise<Home> {
  const socket = inject('postgresSocket');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const databaseUrl = postgresUrl(socket, name);
  await runAsAdmin(socket, `create database ${name}`);
  await migrate({ databaseUrl });
  // one connection for all tests of the group: a new one reads the whole catalogue again
  const admin = new Client({ connectionString: databaseUrl });
  await admin.connect();
  const { rows: tables } = await admin.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = 'public' and tablename <> 'migration'",
  );
  const empty = tables.map(({ tablename }) => `delete from "${tablename}"`).join(';');
  // foreign keys are off for a replica; deleting from small tables is quicker than truncating them
  await admin.query('set session_replication_role = replica');
  return {
    async fresh() {
      await admin.query(empty);
      return { databaseUrl };
    },
    async leaks() {
      const open = `select query from pg_stat_activity where datname = '${name}' and application_name = 'otaru'`;
      // A closed connection takes the server a moment to notice.
      for (let attempts = 0; ; attempts += 1) {
        const { rows } = await admin.query<{ query: string }>(open);
        if (rows.length === 0 || attempts === 2_500)
          return rows.map(({ query }) => `connection that last ran "${query}"`);
        await delay(2);
      }
    },
    async [Symbol.asyncDispose]() {
      await admin.end();
      await runAsAdmin(socket, `drop database ${name} with (force)`);
    },
  };
}
