import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../../../src/blob/blob-store.ts';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { limitProfiles } from '../../../src/contract/limits.ts';
import type { Deps, Scope } from '../../../src/domain/deps.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { grantUpload, recordUpload, type UploadGrant } from '../../../src/domain/uploads.ts';
import { type Accel, handleDownload } from '../../../src/http/download.ts';
import { handleUpload } from '../../../src/http/upload.ts';
import { randomIds } from '../../../src/lib/ids.ts';
import type { Log } from '../../../src/lib/log.ts';
import { createVault } from '../../../src/lib/vault.ts';
import { findUpload, type UploadRow } from '../../../src/store/queries/uploads.ts';
import type { TestDatabase } from '../../support/engines.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';
import { openRaw, type RawAnswer, type RawClient } from './raw-client.ts';

export const scope: Scope = { accountId: 'account', instanceId: 'instance' };

/** The two file routes on a port of their own, with a disk store. */
export interface FileWorld extends AsyncDisposable {
  readonly deps: Deps & { readonly blobs: BlobStore; readonly log: Log };
  readonly clock: TestClock;
  readonly folder: string;
  /** What was logged as an error. */
  readonly faults: object[];
  /** Resolves when a request is being handled. */
  busy(): Promise<void>;
  /** Resolves when no request is being handled, and every file is closed. */
  idle(): Promise<void>;
  connect(): Promise<RawClient>;
  /** Where it listens. */
  readonly port: number;
  /** Sends one request and returns the answer to it. */
  ask(request: string | Uint8Array): Promise<RawAnswer>;
  grant(kind?: UploadRow['kind']): Promise<UploadGrant>;
  row(key: string): Promise<UploadRow | undefined>;
  /** Puts a file where an upload would have put it. */
  store(bytes: Uint8Array): Promise<{ readonly key: string; readonly md5: string }>;
  /** Files in the blob store: published ones and others. */
  files(): { readonly objects: number; readonly leftovers: number };
  /** Size of the files that are on their way in. */
  incomingBytes(): number;
  /** Files of the blob store that this process has open. */
  openFiles(): number;
}

/** @param accel as downloads are told of nginx */
export async function createFileWorld(database: TestDatabase, accel?: Accel): Promise<FileWorld> {
  const clock = createTestClock();
  const engine = await database.open();
  const folder = mkdtempSync(join(tmpdir(), 'otaru-files-'));
  const blobs = await openBlobStore(`file:${folder}`, undefined, { clock });
  const faults: object[] = [];
  const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => void faults.push(fields) };
  const deps = {
    engine,
    clock,
    ids: randomIds(clock),
    vault: createVault(Buffer.alloc(32, 7)),
    limits: limitProfiles.aliyun,
    publicUrl: 'https://ota.example.net',
    figures: createFigures(clock),
    blobs,
    log,
    accel,
  };
  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const handle = request.method === 'POST' ? handleUpload : handleDownload;
    const handled = handle(request, response, deps).finally(() => running.delete(handled));
    running.add(handled);
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clients: RawClient[] = [];
  const connect = async () => {
    const client = await openRaw(port);
    clients.push(client);
    return client;
  };

  const openFiles = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
      } catch {
        return false; // the one that lists them
      }
    }).length;

  return {
    deps,
    clock,
    folder,
    faults,
    openFiles,
    async busy() {
      while (running.size === 0) await nextTurn();
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
      while (openFiles() > 0) await nextTurn();
    },
    connect,
    port,
    async ask(request) {
      using client = await connect();
      void client.send(request);
      return await client.answer({ noBody: String(request).startsWith('HEAD') });
    },
    grant: (kind = 'firmware') => grantUpload(deps, scope, { kind, suffix: kind === 'firmware' ? 'bin' : 'csv' }),
    row: (key) => findUpload(engine.read, key),
    async store(bytes) {
      const { key } = await grantUpload(deps, scope, { kind: 'firmware', suffix: 'bin' });
      const blob = await blobs.put(key, pieces(bytes), { maxBytes: bytes.length });
      await recordUpload(deps, key, blob);
      return { key, md5: blob.md5 };
    },
    files() {
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const found = names.filter((name) => statSync(join(folder, name)).isFile());
      const objects = found.filter((name) => !name.startsWith('tmp')).length;
      return { objects, leftovers: found.length - objects };
    },
    incomingBytes() {
      const incoming = join(folder, 'tmp');
      return readdirSync(incoming).reduce((bytes, name) => bytes + statSync(join(incoming, name)).size, 0);
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client[Symbol.dispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      while (running.size > 0) await Promise.all(running);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Lets the event loop run once. */
export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
