import { createHash } from 'node:crypto';
import { handlers } from '../../../src/actions/index.ts';
import { deviceActions } from '../../../src/contract/actions/device.ts';
import { firmwareActions } from '../../../src/contract/actions/firmware.ts';
import { groupActions } from '../../../src/contract/actions/group.ts';
import { moduleActions } from '../../../src/contract/actions/module.ts';
import { overviewActions } from '../../../src/contract/actions/overview.ts';
import { productActions } from '../../../src/contract/actions/product.ts';
import { subscriptionActions } from '../../../src/contract/actions/subscription.ts';
import type { RequestOf, ResponseOf } from '../../../src/contract/index.ts';
import { type Limits, limitProfiles } from '../../../src/contract/limits.ts';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import type { Deps, Scope } from '../../../src/domain/deps.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { recordUpload } from '../../../src/domain/uploads.ts';
import { checkAnswer } from '../../../src/http/check-answer.ts';
import { createVault } from '../../../src/lib/vault.ts';
import { readMeta } from '../../../src/store/queries/meta.ts';
import { openTestBlobs } from '../../support/blobs.ts';
import type { TestDatabase } from '../../support/engines.ts';
import { countingIds } from '../../support/ids.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

export const entries = [
  ...productActions,
  ...deviceActions,
  ...groupActions,
  ...firmwareActions,
  ...moduleActions,
  ...subscriptionActions,
  ...overviewActions,
];

export type Name = (typeof entries)[number]['name'];

/** One account on a fresh database, and the actions of products, devices, groups, packages and modules as it calls them. */
export interface World {
  readonly deps: Deps;
  readonly clock: TestClock;
  readonly scope: Scope;
  /** Runs all at the same time, on connections that are open already, so that they do overlap. */
  atOnce<T>(work: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]>;
  /** Changes limits from here on. */
  limit(changes: Partial<Limits>): void;
  /** Calls an action and checks its answer against the contract. */
  call<N extends Name>(name: N, request: RequestOf<N>, scope?: Scope): Promise<ResponseOf<N>>;
  /** The key of the error that an action must end with. */
  refused<N extends Name>(name: N, request: RequestOf<N>, scope?: Scope): Promise<string>;
  newProduct(name?: string): Promise<string>;
  newDevice(productKey: string, name?: string): Promise<{ iotId: string; name: string; secret: string }>;
  newGroup(name?: string, parentId?: string): Promise<string>;
  /** A file as if its form had been sent; the digests are those of the text. */
  newUpload(text?: string): Promise<Upload>;
}

export interface Upload {
  readonly url: string;
  readonly size: number;
  readonly md5: string;
  readonly sha256: string;
}

export async function createWorld(database: TestDatabase): Promise<World> {
  const clock = createTestClock();
  const engine = await database.open();
  const limits: Limits = { ...limitProfiles.aliyun };
  const deps: Deps = {
    engine,
    blobs: await openTestBlobs(),
    clock,
    ids: countingIds(),
    vault: createVault(Buffer.alloc(32, 7)),
    limits,
    publicUrl: 'http://127.0.0.1:8080',
    figures: createFigures(clock),
  };
  const scope = await newScope(deps);
  const call: World['call'] = async (name, request, as = scope) => {
    const handler = handlers[name] as unknown as (deps: Deps, scope: Scope, request: object) => Promise<object>;
    const answer = await handler(deps, as, request);
    const entry = entries.find((candidate) => candidate.name === name);
    checkAnswer(entry?.response ?? {}, answer as Record<string, unknown>);
    return answer as ResponseOf<typeof name>;
  };
  let names = 0;
  const nextName = (prefix: string) => `${prefix}_${++names}`;
  return {
    deps,
    clock,
    scope,
    async atOnce(work) {
      const idle = () => engine.transaction(({ db }) => readMeta(db, 'root-account'));
      await Promise.all(work.map(idle));
      return Promise.allSettled(work.map((one) => one()));
    },
    limit: (changes) => void Object.assign(limits, changes),
    call,
    async refused(name, request, as) {
      try {
        await call(name, request, as);
      } catch (error) {
        if (error instanceof Failure) return error.key;
        throw error;
      }
      throw new Error(`${name} did not refuse`);
    },
    async newProduct(name = nextName('product')) {
      return (await call('CreateProduct', { ProductName: name, NodeType: 0 })).ProductKey;
    },
    async newDevice(productKey, name = nextName('device')) {
      const { Data } = await call('RegisterDevice', { ProductKey: productKey, DeviceName: name });
      return { iotId: Data.IotId, name, secret: Data.DeviceSecret };
    },
    async newGroup(name = nextName('group'), parentId) {
      return (await call('CreateDeviceGroup', { GroupName: name, SuperGroupId: parentId })).Data.GroupId;
    },
    async newUpload(text = nextName('bytes')) {
      const { Data } = await call('GenerateOTAUploadURL', {});
      const digest = (algorithm: string) => createHash(algorithm).update(text).digest('hex');
      const file = { size: Buffer.byteLength(text), md5: digest('md5'), sha256: digest('sha256') };
      await recordUpload(deps, Data.Key, file);
      return { url: Data.FirmwareUrl, ...file };
    },
  };
}

/** The public instance of another account on the same database. */
export async function newScope(deps: Deps): Promise<Scope> {
  const { accountId } = await createAccount(deps, 'somebody');
  return resolveScope(deps.engine.read, accountId, undefined);
}
