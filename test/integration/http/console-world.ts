import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { limitProfiles } from '../../../src/contract/limits.ts';
import { createUser, ensureRootAccount } from '../../../src/domain/accounts.ts';
import { auditRecords } from '../../../src/domain/audit.ts';
import { unlimited } from '../../../src/domain/counter.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { uncounted } from '../../../src/domain/shared-counter.ts';
import { createSignInWatch } from '../../../src/domain/sign-in-watch.ts';
import { type HttpDeps, openHttp } from '../../../src/http/server.ts';
import { randomIds } from '../../../src/lib/ids.ts';
import { createVault } from '../../../src/lib/vault.ts';
import type { TestDatabase } from '../../support/engines.ts';
import { createTestClock } from '../../support/test-clock.ts';

export interface Key {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** What a browser keeps of a server, and what it adds to requests. */
export interface Browser {
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Response>;
  readonly signIn: (credentials: object) => Promise<Response>;
  /** The session as the page asks for it. */
  readonly session: () => Promise<Response>;
  readonly call: (action: string, parameters?: Readonly<Record<string, string>>) => Promise<Response>;
  cookie: string;
}

interface SendOptions {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | URLSearchParams | FormData;
}

/** A server with a console on real HTTP, whose clock is moved by hand. */
export async function createConsoleWorld(database: TestDatabase, given: Partial<HttpDeps> = {}) {
  const clock = createTestClock();
  const folder = mkdtempSync(join(tmpdir(), 'otaru-console-'));
  const consoleFolder = join(folder, 'console');
  mkdirSync(consoleFolder);
  writeFileSync(join(consoleFolder, 'index.html'), '<!doctype html>');
  const warnings: object[] = [];
  const faults: object[] = [];
  const deps: HttpDeps = {
    engine: await database.open(),
    blobs: await openBlobStore(`file:${join(folder, 'blobs')}`),
    clock,
    log: {
      debug() {},
      info() {},
      warn: (fields) => void warnings.push(fields),
      error: (fields) => void faults.push(fields),
    },
    ids: randomIds(clock),
    vault: createVault(Buffer.alloc(32, 7)),
    limits: limitProfiles.aliyun,
    publicUrl: 'https://ota.example.com',
    quota: uncounted,
    deviceRate: unlimited,
    signIns: createSignInWatch(clock),
    trustedProxies: [],
    figures: createFigures(clock),
    checkAnswers: true,
    checkReady: async () => {},
    consoleFolder,
    devicesAt: { host: 'iot.example.com', port: 1884, tls: true },
    ...given,
  };
  const root = await ensureRootAccount(deps, undefined);
  if (!root) throw new Error('the database is not empty');
  const policy = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'iot:Query*', Resource: '*' }],
  });
  const reader = await createUser(deps, { accountId: root.accountId, name: 'reader', policy });
  const http = await openHttp(deps, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await http[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  const origin = `http://127.0.0.1:${http.address.port}`;

  const browser = (): Browser => {
    const one: Browser = {
      cookie: '',
      async send(method, path, { headers = {}, body } = {}) {
        const sent = {
          ...(one.cookie === '' ? {} : { cookie: one.cookie }),
          ...(method === 'GET' ? {} : { 'x-otaru-console': '1', 'sec-fetch-site': 'same-origin' }),
          ...headers,
        };
        const defined = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined);
        const response = await fetch(origin + path, { method, headers: defined, body: body ?? null });
        const [cookie] = response.headers.getSetCookie();
        if (cookie !== undefined) one.cookie = cookie.split(';', 1)[0] ?? '';
        return response;
      },
      signIn: (credentials) =>
        one.send('POST', '/console/session', {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(credentials),
        }),
      session: () => one.send('GET', '/console/session'),
      call: (action, parameters = {}) =>
        one.send('POST', `/console/api/${action}`, { body: new URLSearchParams(parameters) }),
    };
    return one;
  };

  return {
    deps,
    clock,
    origin,
    root,
    reader,
    warnings,
    faults,
    browser,
    /** Everything that was recorded, oldest first, as long as the clock is moved in between. */
    async records() {
      const records = [];
      for await (const record of auditRecords(deps, {})) records.unshift(record);
      return records;
    },
  };
}

export type ConsoleWorld = Awaited<ReturnType<typeof createConsoleWorld>>;

/** The code that an answer was refused with, and its status. */
export async function refusalOf(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { Code: string }).Code];
}
