import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { migrations } from '../../../src/store/migrations/index.ts';
import { type EngineOptions, openEngine } from '../../../src/store/open-engine.ts';
import { eachEngine } from '../../support/engines.ts';
import { postgresUrl, runAsAdmin } from '../../support/postgres.ts';

const socket = inject('postgresSocket');
const names = migrations.map((migration) => migration.name);

async function emptySqlite(): Promise<EngineOptions> {
  const folder = await mkdtemp(join(tmpdir(), 'otaru-sqlite-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { file: join(folder, 'otaru.db') };
}

async function emptyPostgres(): Promise<EngineOptions> {
  const name = `migrations_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await runAsAdmin(socket, `create database ${name}`);
  onTestFinished(async () => void (await runAsAdmin(socket, `drop database ${name} with (force)`)));
  return { databaseUrl: postgresUrl(socket, name) };
}

describe.each([
  { engine: 'SQLite', empty: emptySqlite },
  ...(socket === '' ? [] : [{ engine: 'PostgreSQL', empty: emptyPostgres }]),
])('migrations on $engine', ({ empty }) => {
  it('are all pending on an empty database, applied once, and then none', async () => {
    await using engine = await openEngine(await empty());
    expect(await engine.pendingMigrations()).toEqual(names);
    expect(await engine.migrate()).toEqual(names);
    expect(await engine.pendingMigrations()).toEqual([]);
    expect(await engine.migrate()).toEqual([]);
  });

  it('are applied once when two processes start at the same time', async () => {
    const options = await empty();
    const engines = await Promise.all([openEngine(options), openEngine(options)]);
    const applied = await Promise.all(engines.map((engine) => engine.migrate()));
    await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()));
    expect(applied.flat().sort()).toEqual(names);
  });
});

/** Tables and columns as `schema.ts` declares them, each with whether it may be null. */
function declaredColumns(): Map<string, string[]> {
  const source = readFileSync(new URL('../../../src/store/schema.ts', import.meta.url), 'utf8');
  const tables = [...source.matchAll(/^ {2}(\w+): (\w+Table);$/gm)];
  return new Map(
    tables.map(([, table = '', type = '']) => {
      const body = new RegExp(`^export interface ${type} \\{\\n(.*?)\\n\\}`, 'ms').exec(source)?.[1] ?? '';
      const columns = [...body.matchAll(/^ {2}(\w+): (.+);$/gm)];
      return [table, columns.map(([, name, of]) => `${name}${of?.includes('| null') ? ' or null' : ''}`).sort()];
    }),
  );
}

eachEngine('migrated database', (database) => {
  it('has the tables and columns of the schema', async () => {
    const engine = await database.open();
    const tables = await engine.read.introspection.getTables();
    const actual = tables
      .filter(({ name }) => name !== 'migration')
      .map(({ name, columns }): [string, string[]] => [
        name,
        columns.map((column) => `${column.name}${column.isNullable ? ' or null' : ''}`).sort(),
      ]);
    expect(new Map(actual.sort())).toEqual(new Map([...declaredColumns()].sort()));
  });
});

it.skipIf(socket === '')('every text column of PostgreSQL sorts by bytes', async () => {
  const options = await emptyPostgres();
  await using engine = await openEngine(options);
  await engine.migrate();
  const wrong = await runAsAdmin(
    socket,
    `select table_name, column_name from information_schema.columns
     where table_schema = 'public' and data_type = 'text' and collation_name is distinct from 'C'`,
    new URL(options.databaseUrl ?? '').pathname.slice(1),
  );
  expect(wrong).toEqual([]);
});
