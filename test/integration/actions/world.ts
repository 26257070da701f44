import { BatchGetDeviceState } from '../../../src/actions/device/BatchGetDeviceState.ts';
import { BatchQueryDeviceDetail } from '../../../src/actions/device/BatchQueryDeviceDetail.ts';
import { DeleteDevice } from '../../../src/actions/device/DeleteDevice.ts';
import { GetDeviceStatus } from '../../../src/actions/device/GetDeviceStatus.ts';
import { QueryDevice } from '../../../src/actions/device/QueryDevice.ts';
import { QueryDeviceDetail } from '../../../src/actions/device/QueryDeviceDetail.ts';
import { RegisterDevice } from '../../../src/actions/device/RegisterDevice.ts';
import { BatchAddDeviceGroupRelations } from '../../../src/actions/group/BatchAddDeviceGroupRelations.ts';
import { CreateDeviceGroup } from '../../../src/actions/group/CreateDeviceGroup.ts';
import { QueryDeviceGroupList } from '../../../src/actions/group/QueryDeviceGroupList.ts';
import { QueryDeviceListByDeviceGroup } from '../../../src/actions/group/QueryDeviceListByDeviceGroup.ts';
import { CreateProduct } from '../../../src/actions/product/CreateProduct.ts';
import { QueryProduct } from '../../../src/actions/product/QueryProduct.ts';
import { QueryProductList } from '../../../src/actions/product/QueryProductList.ts';
import { deviceActions } from '../../../src/contract/actions/device.ts';
import { groupActions } from '../../../src/contract/actions/group.ts';
import { productActions } from '../../../src/contract/actions/product.ts';
import type { RequestOf, ResponseOf } from '../../../src/contract/index.ts';
import { type Limits, limitProfiles } from '../../../src/contract/limits.ts';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import type { Deps, Scope } from '../../../src/domain/deps.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { checkAnswer } from '../../../src/http/check-answer.ts';
import { createVault } from '../../../src/lib/vault.ts';
import { readMeta } from '../../../src/store/queries/meta.ts';
import type { TestDatabase } from '../../support/engines.ts';
import { countingIds } from '../../support/ids.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

export const entries = [...productActions, ...deviceActions, ...groupActions];

const handlers = {
  CreateProduct,
  QueryProduct,
  QueryProductList,
  RegisterDevice,
  QueryDevice,
  QueryDeviceDetail,
  BatchQueryDeviceDetail,
  GetDeviceStatus,
  BatchGetDeviceState,
  DeleteDevice,
  CreateDeviceGroup,
  BatchAddDeviceGroupRelations,
  QueryDeviceGroupList,
  QueryDeviceListByDeviceGroup,
};
export type Name = keyof typeof handlers;

/** One account on a fresh database, and the actions of products, devices and groups as it calls them. */
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
}

export async function createWorld(database: TestDatabase): Promise<World> {
  const clock = createTestClock();
  const engine = await database.open();
  const limits: Limits = { ...limitProfiles.aliyun };
  const deps: Deps = {
    engine,
    clock,
    ids: countingIds(),
    vault: createVault(Buffer.alloc(32, 7)),
    limits,
    publicUrl: 'http://127.0.0.1:8080',
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
  };
}

/** The public instance of another account on the same database. */
export async function newScope(deps: Deps): Promise<Scope> {
  const { accountId } = await createAccount(deps, 'somebody');
  return resolveScope(deps.engine.read, accountId, undefined);
}
