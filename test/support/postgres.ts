import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the socket of a throw-away PostgreSQL; empty where there are no server binaries. */
    postgresSocket: string;
  }
}

/** A PostgreSQL server of our own, reached by a unix socket only. */
export interface Cluster extends AsyncDisposable {
  readonly socket: string;
  /** Ends the server as a crash does; resolves when it has recovered what was committed, and answers again. */
  crash(): Promise<void>;
}

/** Connection URL of a database in the cluster behind `socket`. */
export function postgresUrl(socket: string, database: string): string {
  return `postgres://postgres@localhost/${database}?host=${encodeURIComponent(socket)}`;
}

/** Runs statements as superuser. */
export async function runAsAdmin(socket: string, statement: string, database = 'postgres'): Promise<unknown[]> {
  const client = new Client({ connectionString: postgresUrl(socket, database) });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

function findBinaries(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  try {
    folders.unshift(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim());
  } catch {
    // Not there, or without the server's part: look on.
  }
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => join(debian, version, 'bin')));
  }
  // initdb finds the rest of the installation beside itself, so both must be in one folder.
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root: then another user, who must have an entry in passwd, runs it. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // no such user
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it');
}

/**
 * Ends with its standard input, however the test process ends, and leaves nothing behind. A line there is a crash of the
 * server, which is then started anew.
 */
const GUARDED_SERVER = `
binaries=$1
folder=$2
shift 2
begin() {
  "$binaries/postgres" -D "$folder/data" -k "$folder" -c listen_addresses='' -c max_connections=300 "$@" >>"$folder/log" 2>&1 &
  server=$!
}
begin "$@"
while read -r line; do
  kill -QUIT $server
  wait $server
  begin "$@"
done
kill -INT $server
wait $server
rm -rf "$folder"
`;

/** What a server keeps: for tests nothing, `crash` what was committed when it crashes, `disk` as an operator's does. */
export type Durability = 'none' | 'crash' | 'disk';

/** No statistics are taken: those of a table that a test has just emptied would make the plans of the next one absurd. */
const SMALL = ['fsync=off', 'full_page_writes=off', 'shared_buffers=64MB', 'autovacuum=off'];

const SETTINGS: Readonly<Record<Durability, readonly string[]>> = {
  none: [...SMALL, 'synchronous_commit=off'],
  crash: [...SMALL, 'synchronous_commit=on'],
  disk: ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on', 'shared_buffers=1GB', 'max_wal_size=4GB'],
};

/**
 * Starts a server that has no data yet.
 * @returns undefined where there are no binaries
 */
export async function startCluster({
  durability = 'none',
}: {
  readonly durability?: Durability;
} = {}): Promise<Cluster | undefined> {
  const binaries = findBinaries();
  if (!binaries) return undefined;
  const user = serverUser();
  // The path of a socket holds 107 characters, which the temporary folder of some machines would fill.
  const parent = tmpdir().length > 60 ? '/tmp' : tmpdir();
  const folder = mkdtempSync(join(parent, 'otaru-pg-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const common = { ...user, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...common, stdio: 'pipe' },
  );
  const settings = SETTINGS[durability].flatMap((setting) => ['-c', setting]);
  const guard = spawn('sh', ['-c', GUARDED_SERVER, 'sh', binaries, folder, ...settings], {
    ...common,
    detached: true, // Ctrl-C reaches the tests only, which then stop it in order
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const stop = async () => {
    guard.stdin.end();
    await ended;
  };
  const startedAt = async () => {
    const [row] = (await runAsAdmin(folder, 'select pg_postmaster_start_time()::text as at')) as { at: string }[];
    return row?.at;
  };
  /** Waits for a server other than the one that was started at `earlier`. */
  const ready = async (earlier?: string) => {
    for (let attempts = 0; ; attempts += 1) {
      const at = await startedAt().catch((error: Error) => error);
      if (typeof at === 'string' && at !== earlier) return;
      if (attempts === 600) throw at;
      await delay(50);
    }
  };
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    socket: folder,
    async crash() {
      const earlier = await startedAt();
      guard.stdin.write('crash\n');
      await ready(earlier);
    },
    [Symbol.asyncDispose]: stop,
  };
}

interface Shared {
  cluster?: Promise<Cluster | undefined>;
  stopping?: Promise<void>;
}

/** Vitest loads this file once per project; they share one server. */
const SHARED = Symbol.for('otaru.test.postgres');

async function startOnce(): Promise<Cluster | undefined> {
  const cluster = await startCluster();
  if (cluster) return cluster;
  console.log('PostgreSQL server binaries not found: PostgreSQL tests skipped (apt-get install postgresql)');
  return undefined;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const holder = globalThis as { [SHARED]?: Shared };
  holder[SHARED] ??= {};
  const shared = holder[SHARED];
  shared.cluster ??= startOnce();
  const cluster = await shared.cluster;
  project.provide('postgresSocket', cluster?.socket ?? '');
  // All projects are torn down after the last test.
  return () => (shared.stopping ??= (async () => cluster?.[Symbol.asyncDispose]())());
}
