import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { Engine } from '../../../src/store/engine.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import type { Migration } from '../../../src/store/migrations/migration.ts';
import { type EngineOptions, openEngine } from '../../../src/store/open-engine.ts';
import { findConsumerGroup } from '../../../src/store/queries/consumer-groups.ts';
import { countDevices, productsWithStatus } from '../../../src/store/queries/device-states.ts';
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

  it('count the devices that there are, and those that the code before adds', async () => {
    await using engine = await openEngine(await empty());
    await migrateBefore(engine, '0004-device-applications');
    const device = (id: string, status: number) =>
      sql`insert into device (id, instance_id, product_key, name, secret, nickname, status, active_at, status_at, created_at, modified_at)
        values (${id}, 'i', 'p', ${id}, '', '', ${status}, ${status === 0 ? null : 1}, 1, 1, 1)`;
    const add = (...rows: [id: string, status: number][]) =>
      engine.transaction(async ({ db }) => {
        for (const row of rows) await device(...row).execute(db);
      });
    await engine.transaction(async ({ db }) => {
      await sql`insert into account (id, name, created_at) values ('a', 'a', 1)`.execute(db);
      await sql`insert into instance (id, account_id, name, is_public, created_at) values ('i', 'a', '', 1, 1)`.execute(
        db,
      );
      await sql`insert into product (key, instance_id, name, secret, node_type, net_type, auth_type, commodity_code, validate_type, description, device_count, created_at)
        values ('p', 'i', 'p', '', 0, '', '', '', 1, '', 0, 1)`.execute(db);
    });
    await add(['d1', 0], ['d2', 1], ['e1', 1], ['f1', 3], ['g2', 8]);
    expect(await engine.migrate()).toEqual(names.slice(names.indexOf('0004-device-applications')));
    const counts = () => countDevices(engine.read, 'i', 'p');
    expect(await counts()).toEqual({ total: 5, activated: 4, online: 2 });
    await add(['h3', 1]);
    expect(await counts()).toEqual({ total: 6, activated: 5, online: 3 });
    expect((await productsWithStatus(engine.read, 'i', 8))[0]?.count).toBe(1);
  });

  it('let jobs that run go on: nothing was pushed lately, nobody waits', async () => {
    await using engine = await openEngine(await empty());
    await migrateBefore(engine, '0006-selections');
    await engine.transaction(async ({ db }) => {
      await sql`insert into job (id, instance_id, firmware_id, product_key, type, selection, target, status,
          firmware_name, module, src_version, dest_version, is_diff, src_versions, maximum_per_minute, overwrite_mode,
          need_push, need_confirm, multi_module, download_protocol, tags, created_at, modified_at, task_total,
          push_minute, pushed)
        values ('j', 'i', 'f', 'p', 'UPGRADE_FIRMWARE', 'STATIC', 'ALL', 'IN_PROGRESS', 'fw', 'default', '', '2', 0,
          '[]', 10, 1, 1, 0, 0, 'HTTPS', '[]', 1, 1, 1, 31666666, 10)`.execute(db);
      await sql`insert into task (job_id, seq, device_id, device_name, src_version, status, description, progress,
          active_module, retries, created_at, modified_at, due_at)
        values ('j', 0, 'd', 'd', '', 'QUEUED', '', 0, 'default', 0, 1, 1, 1900000000000)`.execute(db);
    });
    await engine.migrate();
    const job = await engine.read.selectFrom('job').selectAll().executeTakeFirst();
    expect(job).toMatchObject({ push_log: '[]', call_at: null, list_key: null, unknown_names: 0, cancel_text: null });
    const task = await engine.read.selectFrom('task').selectAll().executeTakeFirst();
    expect(task).toMatchObject({ status: 'QUEUED', waiting_at: null });
  });

  it('give every instance the built-in consumer group', async () => {
    await using engine = await openEngine(await empty());
    await migrateBefore(engine, '0009-amqp');
    await engine.transaction(async ({ db }) => {
      await sql`insert into account (id, name, created_at) values ('a', 'a', 1)`.execute(db);
      await sql`insert into instance (id, account_id, name, is_public, created_at) values ('i', 'a', '', 1, 7)`.execute(
        db,
      );
    });
    await engine.migrate();
    expect(await findConsumerGroup(engine.read, 'i', 'DEFAULT_GROUP')).toEqual({
      consumer: 'amqp:i:DEFAULT_GROUP',
      instance_id: 'i',
      id: 'DEFAULT_GROUP',
      name: 'DEFAULT_GROUP',
      created_at: 7,
      consumed_at: null,
    });
  });
});

/** Migrates as the version before a migration did. */
async function migrateBefore(engine: Engine, name: string): Promise<void> {
  const known = migrations as Migration[];
  const later = known.splice(names.indexOf(name));
  try {
    await engine.migrate();
  } finally {
    known.push(...later);
  }
}

/** The members of an interface, those of the one that it extends among them. */
function bodyOf(source: string, type: string): string {
  const [, base, body = ''] =
    new RegExp(`^(?:export )?interface ${type}(?: extends (\\w+))? \\{\\n(.*?)\\n\\}`, 'ms').exec(source) ?? [];
  return base === undefined ? body : `${bodyOf(source, base)}\n${body}`;
}

/** Tables and columns as `schema.ts` and its parts declare them, each with whether it may be null. */
function declaredColumns(): Map<string, string[]> {
  const source = ['schema', 'schema-rollout', 'schema-events']
    .map((name) => readFileSync(new URL(`../../../src/store/${name}.ts`, import.meta.url), 'utf8'))
    .join('\n');
  const tables = [...source.matchAll(/^ {2}(\w+): (\w+Table);$/gm)];
  return new Map(
    tables.map(([, table = '', type = '']) => {
      const body = bodyOf(source, type);
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
