import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/env.ts';
import { limitProfiles } from './contract/limits.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { randomIds } from './lib/ids.ts';
import type { Log } from './lib/log.ts';
import { type Meters, noMeters } from './lib/meters.ts';
import { createVault, type Vault } from './lib/vault.ts';
import type { Engine } from './store/engine.ts';
import { openEngine } from './store/open-engine.ts';
import { settleMeta } from './store/queries/meta.ts';

/** The database and the secrets that belong to it: what the server and the commands that work beside it share. */
export interface Store extends AsyncDisposable {
  readonly engine: Engine;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: ReturnType<typeof randomIds>;
  readonly limits: (typeof limitProfiles)[Config['limits']];
}

/** Where the embedded database is. */
export const databaseFile = (config: Pick<Config, 'data'>): string => join(config.data, 'otaru.db');

/** @throws Error with a sentence for the operator */
export async function openStore(
  config: Config,
  { clock = systemClock, log, meters = noMeters }: { clock?: Clock; log: Log; meters?: Meters },
): Promise<Store> {
  await mkdir(config.data, { recursive: true });
  const engine = await openEngine({
    ...(config.databaseUrl === undefined ? { file: databaseFile(config) } : { databaseUrl: config.databaseUrl }),
    clock,
    meters,
    onFault: (what, err) => log.warn({ err }, what),
  });
  try {
    const applied = await engine.migrate();
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    const vault = createVault(config.masterKey ?? (await masterKeyFile(config.data)));
    await checkMasterKey(engine, vault);
    const ids = randomIds(clock);
    return {
      engine,
      vault,
      clock,
      ids,
      limits: limitProfiles[config.limits],
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** The generated key under which secrets are encrypted; whoever copies the database needs it too. */
async function masterKeyFile(folder: string): Promise<Buffer> {
  const path = join(folder, 'master.key');
  try {
    // wx: of two processes that start at once, one makes the key and the other reads it
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(`${randomBytes(32).toString('base64')}\n`);
    await file.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64');
  if (key.length !== 32) throw new Error(`${path} does not hold a master key of 32 bytes in base64.`);
  return key;
}

async function checkMasterKey(engine: Engine, vault: Vault): Promise<void> {
  const expected = await engine.transaction((tx) => settleMeta(tx.db, 'master-key', vault.fingerprint));
  if (expected !== vault.fingerprint) {
    throw new Error(
      'The secrets in this database were encrypted under another master key. Set OTARU_MASTER_KEY, or put the master.key of the folder in which the database was made into OTARU_DATA.',
    );
  }
}
