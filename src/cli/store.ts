import { hostname, userInfo } from 'node:os';
import { readConfig } from '../config/env.ts';
import { audited } from '../domain/audit.ts';
import { openStore, type Store } from '../open-store.ts';
import { createLog } from './output.ts';

/** The store of the server of this configuration, for one command. */
async function open<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const config = readConfig();
  await using store = await openStore(config, { log: createLog(config.logLevel) });
  return await work(store); // the store closes only after that
}

/**
 * Looks at the database itself, whether or not a server runs on it. Changes are refused, so that no command makes one
 * without a record.
 */
export function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const transaction = () => Promise.reject(new Error('a command that changes something uses changeStore'));
  return open((store) => work({ ...store, engine: { ...store.engine, transaction } }));
}

/**
 * As {@link withStore}, for a command that changes something: it leaves a record, as a call of the API does.
 * @param change.command as it is typed, `key disable`
 * @param change.target what is named, and nothing secret
 */
export function changeStore<T>(
  change: { readonly command: string; readonly target: Readonly<Record<string, string>> },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  return open((store) => {
    const call = {
      source: 'cli',
      requestId: store.ids.requestId(),
      accountId: '',
      userId: '',
      userName: loginName(),
      accessKeyId: '',
      address: hostname(),
      action: change.command,
      target: change.target,
      resultOf: () => 'Failed',
    } as const;
    return audited(store, call, (engine) => work({ ...store, engine }));
  });
}

/** Who is logged in; in a container the user may have a number only. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
