import { readdirSync } from 'node:fs';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { LockableQuery, Tx } from '../../src/store/engine.ts';
import type { Schema } from '../../src/store/schema.ts';
import { samples } from './sql-samples.ts';

const folder = new URL('../../src/store/queries/', import.meta.url);

/** Names of the query modules and, for each, the text of its file in `src/store/sql`. */
export async function sqlFiles(): Promise<Map<string, string>> {
  const names = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
  return new Map(await Promise.all(names.map(async (name) => [name, await sqlOf(name)] as const)));
}

async function sqlOf(module: string): Promise<string> {
  const functions: Record<string, (...args: unknown[]) => unknown> = await import(new URL(`${module}.ts`, folder).href);
  const calls: Readonly<Record<string, readonly unknown[][]>> = samples[module as keyof typeof samples] ?? {};
  const parts = [`-- The statements of queries/${module}.ts with sample parameters. Written by: npm run sql`];
  for (const [name, run] of Object.entries(functions).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [sqlite, postgres] = [recorder('sqlite'), recorder('postgres')];
    for (const args of calls[name] ?? []) {
      await run(sqlite.handle, ...args);
      await run(postgres.handle, ...args);
    }
    if (sqlite.statements.length === 0) throw new Error(`test/golden/sql-samples.ts has no call of ${module}.${name}`);
    parts.push(`-- ${name}\n${bothEngines(sqlite.statements, postgres.statements)}`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** Statements that differ by the marks of their parameters (`$1` and `?`) and the row lock only are shown once. */
function bothEngines(sqlite: readonly string[], postgres: readonly string[]): string {
  const [lock, mark] = [/\n(for update.*);$/, /\$\d+/g];
  const same = postgres.map((statement) => statement.replace(lock, ';').replace(mark, '?')).join() === sqlite.join();
  if (same) return postgres.map((statement) => statement.replace(lock, '; -- on PostgreSQL: $1')).join('\n');
  return `-- on SQLite\n${sqlite.join('\n')}\n-- on PostgreSQL\n${postgres.join('\n')}`;
}

/** A database that notes each statement once and answers it with a row that has a count and empty lists. */
function recorder(engine: 'sqlite' | 'postgres') {
  const statements = new Set<string>();
  const driver = new DummyDriver();
  driver.acquireConnection = async () => ({
    async executeQuery<R>({ sql }: CompiledQuery) {
      statements.add(`${lines(sql)};`);
      return { rows: [{ count: 0, types: '[]', products: '[]', flags: '[]' }] as R[], numAffectedRows: 1n };
    },
    streamQuery(): never {
      throw new Error('no query streams');
    },
  });
  const db = new Kysely<Schema>({
    dialect: {
      createDriver: () => driver,
      ...(engine === 'sqlite'
        ? {
            createAdapter: () => new SqliteAdapter(),
            createIntrospector: (db) => new SqliteIntrospector(db),
            createQueryCompiler: () => new SqliteQueryCompiler(),
          }
        : {
            createAdapter: () => new PostgresAdapter(),
            createIntrospector: (db) => new PostgresIntrospector(db),
            createQueryCompiler: () => new PostgresQueryCompiler(),
          }),
    },
  });
  const postgres = engine === 'postgres';
  const tx: Tx = {
    db,
    nudge: () => {},
    made: () => {},
    measure: () => {},
    lock: <Q extends LockableQuery>(query: Q) => (postgres ? (query.forUpdate() as Q) : query),
    lockSkipping: <Q extends LockableQuery>(query: Q) =>
      postgres ? ((query.forUpdate() as Q).skipLocked() as Q) : query,
    async bulkInsert(table) {
      statements.add(`-- bulk insert into ${table}`);
    },
  };
  return {
    // whether a query asks for a handle or for a transaction, it gets what it needs
    handle: Object.assign(db, tx),
    get statements() {
      return [...statements];
    },
  };
}

const CLAUSE =
  /^(select|from|(inner|left) join|where|group by|order by|limit|offset|insert into|values|on conflict|update|set|for update)\b/;

/** One clause a line, as far as it is not in parentheses. */
function lines(statement: string): string {
  const text = statement.replace(/\s+/g, ' ').trim();
  let depth = 0;
  let result = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    const breaks =
      character === ' ' && depth === 0 && CLAUSE.test(text.slice(at + 1)) && !/\b(do|for|delete)$/.test(result);
    result += breaks ? '\n' : character;
  }
  return result;
}
