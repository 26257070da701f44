import { createHmac } from 'node:crypto';
import { type Limits, limitProfiles } from '../../src/contract/limits.ts';
import { createAccount, createUser, resolveScope } from '../../src/domain/accounts.ts';
import { createConsumerServices } from '../../src/domain/consumers.ts';
import { createDeviceServices } from '../../src/domain/create-device-services.ts';
import type { Deps } from '../../src/domain/deps.ts';
import { advanceApplication, applicationsToAdvance } from '../../src/domain/device-registration.ts';
import type { DeviceRef, DeviceServices } from '../../src/domain/device-services.ts';
import { createFigures } from '../../src/domain/figures.ts';
import { createTransitions, writeHistory } from '../../src/domain/history.ts';
import { keepNodeAlive } from '../../src/domain/nodes.ts';
import { advanceJob } from '../../src/domain/rollout/advance.ts';
import { createSharedCounter } from '../../src/domain/shared-counter.ts';
import { recordUpload } from '../../src/domain/uploads.ts';
import type { Answer } from '../../src/http/answer.ts';
import { answerCall, type RpcDeps, signed } from '../../src/http/rpc.ts';
import { silentLog } from '../../src/lib/log.ts';
import { noMeters } from '../../src/lib/meters.ts';
import { openTurnstile, TurnedAway } from '../../src/lib/turnstile.ts';
import { createVault } from '../../src/lib/vault.ts';
import type { Engine } from '../../src/store/engine.ts';
import { openTestBlobs } from '../support/blobs.ts';
import type { TestDatabase } from '../support/engines.ts';
import { countingIds } from '../support/ids.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';

export type Parameters = Readonly<Record<string, string>>;

interface Key {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** An API whose every answer is known to the byte: clock, ids and RequestIds are injected. */
export interface ApiWorld {
  readonly clock: TestClock;
  readonly engine: Engine;
  /** What calls are answered with, for what happens meanwhile. */
  readonly deps: Deps;
  readonly devices: DeviceServices;
  /** A key of another account, and one of a user without rights. */
  readonly keys: { readonly root: Key; readonly stranger: Key; readonly powerless: Key };
  /** A signed V1 call; `common` replaces common parameters or, with `undefined`, leaves them out. */
  call(action: string, parameters: Parameters, options?: CallOptions): Promise<Answer>;
  /** Stores a file, as the form upload does. */
  upload(key: string, text: string): Promise<void>;
  device(productKey: string, deviceName: string, iotId: string): DeviceRef;
  advance(jobId: string): Promise<void>;
  /** Writes down what has been counted for the history of rollouts. */
  writeHistory(): Promise<void>;
  /** Has a consumer join a group and acknowledge all that is there, until it is asked for the next. */
  consume(consumer: string, clientId: string): Promise<void>;
  /** Does what there is to do for applications for devices. */
  makeDevices(): Promise<void>;
}

export interface CallOptions {
  readonly as?: Key;
  readonly common?: Readonly<Record<string, string | undefined>>;
  /** Signs with another secret than the key's own. */
  readonly secret?: string;
  /** A server with less room than the documented one, for this call. */
  readonly limits?: Partial<Limits>;
  /** A server whose database does not keep up, for this call. */
  readonly isBusy?: boolean;
  /** A server with another address, for this call. */
  readonly publicUrl?: string;
}

const encode = (text: string) =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const closed = { ...openTurnstile, pass: () => Promise.reject(new TurnedAway()) };

export async function createApiWorld(database: TestDatabase, format: 'JSON' | 'XML'): Promise<ApiWorld> {
  const clock = createTestClock();
  const transitions = createTransitions(clock);
  const engine = await database.open({ meters: { ...noMeters, outcome: transitions.count } });
  const ids = countingIds();
  const blobs = await openTestBlobs();
  const deps: RpcDeps = {
    engine,
    blobs,
    clock,
    ids,
    vault: createVault(Buffer.alloc(32, 7)),
    limits: limitProfiles.aliyun,
    publicUrl: 'https://ota.example.com',
    figures: createFigures(clock),
    quota: createSharedCounter({ engine, clock, isAlone: () => true, windowMs: 1_000 }),
    log: silentLog,
    checkAnswers: true,
  };
  const root = await createAccount(deps, 'root');
  const stranger = await createAccount(deps, 'stranger');
  const powerless = await createUser(deps, { accountId: root.accountId, name: 'powerless' });
  await resolveScope(engine.read, root.accountId, undefined);
  let nonces = 0;

  return {
    clock,
    engine,
    deps,
    devices: createDeviceServices(deps, 'node-1'),
    keys: { root, stranger, powerless },
    async call(action, parameters, options = {}) {
      const { as = root, common = {}, secret, limits = {}, publicUrl = deps.publicUrl, isBusy = false } = options;
      await clock.advance(1_000);
      const all: Record<string, string | undefined> = {
        AccessKeyId: as.accessKeyId,
        Action: action,
        Format: format,
        SignatureMethod: 'HMAC-SHA1',
        SignatureNonce: `nonce-${++nonces}`,
        SignatureVersion: '1.0',
        Timestamp: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
        Version: '2018-01-20',
        ...parameters,
        ...common,
      };
      delete all['Signature'];
      const query = Object.keys(all)
        .filter((name) => all[name] !== undefined)
        .sort()
        .map((name) => `${encode(name)}=${encode(all[name] ?? '')}`)
        .join('&');
      const signature = createHmac('sha1', `${secret ?? as.accessKeySecret}&`)
        .update(`POST&%2F&${encode(query)}`)
        .digest('base64');
      const sent = 'Signature' in common ? common['Signature'] : signature;
      const suffix = sent === undefined ? '' : `&Signature=${encode(sent)}`;
      const calls = isBusy ? closed : openTurnstile;
      const world = { ...deps, publicUrl, calls, limits: { ...deps.limits, ...limits } };
      return answerCall(
        world,
        {
          method: 'POST',
          url: `/?${query}${suffix}`,
          headers: { host: 'iot.example.com' },
          body: Buffer.alloc(0),
          address: '192.0.2.7',
        },
        signed,
      );
    },
    async upload(key, text) {
      await recordUpload(deps, key, await blobs.set(key, text));
    },
    device: (productKey, deviceName, deviceId) => ({ productKey, deviceName, deviceId }),
    async advance(jobId) {
      while (await advanceJob(deps, jobId));
    },
    writeHistory: () => writeHistory(deps, transitions, 'node-1'),
    async consume(consumer, clientId) {
      await keepNodeAlive(deps, 'node-1');
      const services = createConsumerServices(deps, 'node-1');
      const messages = await services.claim(consumer, 100);
      const counts = { fresh: messages.length, backlog: 0 };
      const ref = { consumer, clientId, accessKeyId: root.accessKeyId, connectionId: 'amqp-1', ...counts };
      await services.join({ ...ref, address: '192.0.2.4:50000' });
      await services.settle(consumer, { accepted: messages.map((one) => one.eventId), failed: [], unsent: [] });
    },
    async makeDevices() {
      for (const id of await applicationsToAdvance(deps, 50)) while (await advanceApplication(deps, id));
    },
  };
}
