import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config/env.ts';
import { type Log, silentLog } from '../../src/lib/log.ts';
import { databaseFile } from '../../src/open-store.ts';
import { type Server, startServer } from '../../src/server.ts';
import type { Engine } from '../../src/store/engine.ts';
import { openEngine } from '../../src/store/open-engine.ts';
import type { TestDatabase } from './engines.ts';

export interface WholeServer extends AsyncDisposable {
  readonly server: Server;
  readonly config: Config;
  /** Opens the server's database beside it. */
  open(): Promise<Engine>;
}

/** All of a server in this process: on free ports, with metrics and generous limits, unless `settings` say otherwise. */
export async function startWholeServer(
  database: TestDatabase,
  settings: Readonly<Record<string, string>> = {},
  log: Log = silentLog,
): Promise<WholeServer> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'otaru-server-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const { databaseUrl } = database.options;
  const config = readConfig({
    OTARU_DATA: folder,
    OTARU_HTTP: '127.0.0.1:0',
    OTARU_MQTT: '127.0.0.1:0',
    OTARU_METRICS: '127.0.0.1:0',
    OTARU_LIMITS: 'open',
    OTARU_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...(databaseUrl === undefined ? {} : { OTARU_DATABASE_URL: databaseUrl }),
    ...settings,
  });
  const server = stack.use(await startServer(config, { log }));
  const running = stack.move();
  return {
    server,
    config,
    open: () => openEngine(databaseUrl === undefined ? { file: databaseFile(config) } : database.options),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
