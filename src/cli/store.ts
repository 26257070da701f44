import { readConfig } from '../config/env.ts';
import { openStore, type Store } from '../open-store.ts';
import { createLog } from './output.ts';

/** Works on the database itself, whether or not a server runs on it. */
export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const config = readConfig();
  await using store = await openStore(config, { log: createLog(config.logLevel) });
  return await work(store); // the store closes only after that
}
