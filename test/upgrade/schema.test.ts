import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { eachEngine } from '../support/engines.ts';
import { previousSchema, previousStatements } from './support/previous-release.ts';
import { demands, missing, schemaLines } from './support/schema-lines.ts';

eachEngine('the schema that the previous release finds after an upgrade', (database) => {
  it('has everything that it had', async () => {
    const now = await schemaLines(database.kind, await database.open());
    expect(missing(previousSchema(database.kind), now)).toEqual([]);
  });

  it('asks nothing new of the rows that it writes', async () => {
    const now = await schemaLines(database.kind, await database.open());
    expect(demands(previousSchema(database.kind), now)).toEqual([]);
  });

  it('is told apart from one that was changed otherwise', async () => {
    const engine = await database.open();
    const before = await schemaLines(database.kind, engine);
    const undone = new Error('undone');
    const changed = engine.transaction(async ({ db }) => {
      for (const statement of [
        'alter table job drop column cancel_text',
        'create unique index spare on firmware (id, name)',
        'alter table nonce add column must integer not null default 0',
        'create table fresh (must integer not null primary key)',
      ]) {
        await sql.raw(statement).execute(db);
      }
      const after = await schemaLines(database.kind, { read: db });
      expect(missing(before, after)).toEqual([expect.stringMatching(/^column job cancel_text text$/i)]);
      expect(demands(before, after)).toEqual([expect.stringMatching(/^unique firmware /)]);
      throw undone;
    });
    await expect(changed).rejects.toBe(undone);
  });

  it('understands every statement that it sends', async () => {
    const statements = previousStatements(database.kind);
    expect(statements.length).toBeGreaterThan(250);
    await using prepare = await openPrepare(database.options);
    const refused = [];
    for (const [query, statement] of statements) {
      const error = await prepare(statement).catch((error: Error) => error);
      if (error) refused.push(`${query}: ${error.message}\n${statement}`);
    }
    expect(refused).toEqual([]);
  });
});

/** Has the database parse and plan a statement without running it. */
async function openPrepare(options: { readonly file?: string; readonly databaseUrl?: string }) {
  if (options.databaseUrl === undefined) {
    const db = new Database(options.file);
    return Object.assign(async (statement: string) => void db.prepare(statement), {
      [Symbol.asyncDispose]: async () => void db.close(),
    });
  }
  const client = new Client({ connectionString: options.databaseUrl });
  await client.connect();
  return Object.assign(
    async (statement: string) => {
      await client.query(`prepare kept as ${statement}`);
      await client.query('deallocate kept');
    },
    { [Symbol.asyncDispose]: () => client.end() },
  );
}
