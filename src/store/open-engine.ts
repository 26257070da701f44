import type { Clock } from '../lib/clock.ts';
import type { Meters } from '../lib/meters.ts';
import type { Engine } from './engine.ts';
import { openPostgres } from './engine-postgres.ts';
import { openSqlite } from './engine-sqlite.ts';

export interface EngineOptions {
  /** `postgres://…`; without it the embedded database in `file` is used. */
  readonly databaseUrl?: string;
  /** Path of the SQLite file; its folder must exist. */
  readonly file?: string;
  /** PostgreSQL connections for transactions, and as many again at most for reads; 10 by default. */
  readonly poolSize?: number;
  readonly clock?: Clock;
  /** Hears of transactions, and what they count once they are committed; nobody by default. */
  readonly meters?: Meters;
  /** Hears of faults that the engine gets over by itself, such as a lost connection. */
  readonly onFault?: (what: string, error: unknown) => void;
}

/** Opens the database that the configuration names, without migrating it. Rejects when it cannot be reached. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { databaseUrl, file, ...rest } = options;
  if (databaseUrl !== undefined) {
    if (!/^postgres(ql)?:\/\//.test(databaseUrl)) throw new Error('the database URL must begin with postgres://');
    return openPostgres({ ...rest, url: databaseUrl });
  }
  if (file === undefined) throw new Error('neither a database URL nor a database file was given');
  return openSqlite({ ...rest, file });
}
