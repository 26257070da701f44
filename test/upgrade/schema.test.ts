import Database from 'better-sqlite3';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { eachEngine } from '../support/engines.ts';
import { previousSchema, previousStatements } from './support/previous-release.ts';
import { schemaLines } from './support/schema-lines.ts';

eachEngine('the schema that the previous release finds after an upgrade', (database) => {
  it('has everything that it had', async () => {
    const now = new Set(await schemaLines(database.kind, await database.open()));
    expect(previousSchema(database.kind).filter((line) => !now.has(line))).toEqual([]);
  });

  it('asks nothing new of the rows that it writes', async () => {
    const before = previousSchema(database.kind);
    const tables = new Set(before.filter((line) => line.startsWith('column')).map((line) => line.split(' ')[1]));
    const added = (await schemaLines(database.kind, await database.open())).filter((line) => !before.includes(line));
    const demands = added.filter(
      (line) =>
        tables.has(line.split(' ')[1]) &&
        (/^(unique|key|constraint) /.test(line) || (/^column .* not null/.test(line) && !/ default /.test(line))),
    );
    expect(demands).toEqual([]);
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
