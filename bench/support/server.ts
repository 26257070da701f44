import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ApiClient, createApiClient } from '../../src/cli/api-client.ts';
import { readConfig } from '../../src/config/env.ts';
import { silentLog } from '../../src/lib/log.ts';
import { openStore, type Store } from '../../src/open-store.ts';
import { type Otaru, rootKey, startOtaru } from '../../test/acceptance/support/otaru.ts';
import { type Cluster, postgresUrl, runAsAdmin } from '../../test/support/postgres.ts';

/** The built server in a process of its own, as an operator runs it, without the quotas of a rented cloud. */
export interface BenchServer extends AsyncDisposable {
  readonly otaru: Otaru;
  readonly key: typeof rootKey;
  readonly client: ApiClient;
  /** Opens the server's database beside it, to fill it. The caller closes it. */
  openStore(): Promise<Store>;
  /** Bytes of memory that the process holds now; undefined where the system does not tell. */
  rss(): Promise<number | undefined>;
  /** The most that it ever held since it started. */
  peakRss(): Promise<number | undefined>;
}

/** @param variables beside those of the run: `OTARU_METRICS` and so on */
export type StartBenchServer = (variables?: Readonly<Record<string, string>>) => Promise<BenchServer>;

/** @param cluster where the database is made; undefined: in SQLite */
export function serverStarter(cluster: Cluster | undefined): StartBenchServer {
  return async (variables = {}) => {
    await using stack = new AsyncDisposableStack();
    const own: Record<string, string> = { OTARU_LIMITS: 'open', OTARU_LOG_LEVEL: 'error', ...variables };
    if (cluster) {
      const name = `bench_${randomBytes(6).toString('hex')}`;
      await runAsAdmin(cluster.socket, `create database ${name}`);
      stack.defer(async () => void (await runAsAdmin(cluster.socket, `drop database ${name} with (force)`)));
      own['OTARU_DATABASE_URL'] = postgresUrl(cluster.socket, name);
    }
    const otaru = stack.use(await startOtaru(own));
    const config = readConfig({ ...own, OTARU_DATA: otaru.data });
    const owned = stack.move();
    return {
      otaru,
      key: rootKey,
      client: createApiClient(otaru.http, rootKey),
      openStore: () => openStore(config, { log: silentLog }),
      rss: () => memory(otaru.pid, 'VmRSS'),
      peakRss: () => memory(otaru.pid, 'VmHWM'),
      [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
    };
  };
}

async function memory(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}
