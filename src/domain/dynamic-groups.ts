import { deviceStatusNumber } from '../contract/device-status.ts';
import type { Db } from '../store/engine.ts';
import { countFound, type FoundDevice, pageOfFound } from '../store/queries/device-search.ts';
import { countGroups, deleteGroup, type GroupRow, insertGroup, listGroups } from '../store/queries/groups.ts';
import { lockInstance } from '../store/queries/products.ts';
import { searchedDevice } from '../store/queries/searched-devices.ts';
import { type DeviceSearch, finds } from '../wire/device-search.ts';
import type { Deps, Scope } from './deps.ts';
import { type Device, pageToken, readPageToken, toDevice } from './devices.ts';
import { fail } from './failure.ts';
import { checkRule, searchOf } from './group-rules.ts';
import { checkDescription, DYNAMIC, type Group, groupPage, requireGroup, toGroup } from './groups.ts';
import { isDeviceName, isGroupName } from './names.ts';
import type { Page } from './paging.ts';
import { requireProduct } from './products.ts';

/**
 * Makes a group of all devices that a rule finds, now and later (the where clause of a device search).
 * @throws group.invalidName, group.nameTaken, group.longDescription, group.countExceeded, common.invalidParameter,
 * search.*
 */
export async function createDynamicGroup(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits'>,
  scope: Scope,
  input: { readonly name: string; readonly description?: string | undefined; readonly expression: string },
): Promise<Group> {
  if (!isGroupName(input.name)) fail('group.invalidName');
  const description = input.description ?? '';
  checkDescription(description);
  checkRule(input.expression, deps.limits);
  const row: GroupRow = {
    id: deps.ids.text(16),
    instance_id: scope.instanceId,
    name: input.name,
    description,
    type: DYNAMIC,
    parent_id: null,
    level: 1,
    expression: input.expression,
    created_at: deps.clock.now(),
  };
  try {
    await deps.engine.transaction(async (tx) => {
      await lockInstance(tx, scope.instanceId);
      const groups = await countGroups(tx.db, scope.instanceId, { types: [DYNAMIC] });
      if (groups >= deps.limits.dynamicGroups) fail('group.countExceeded');
      await insertGroup(tx.db, row);
      tx.made(row.id);
    });
  } catch (error) {
    if (deps.engine.isUniqueViolation(error)) fail('group.nameTaken');
    throw error;
  }
  return toGroup(row);
}

/**
 * Deletes a dynamic group; its devices stay, and so do tasks that they were given because of it (openapi-ota 6.5).
 * @throws group.nullId, group.notFound
 */
export async function removeDynamicGroup({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<void> {
  await engine.transaction(async (tx) => {
    const group = await requireGroup(tx.db, scope, id, DYNAMIC);
    await deleteGroup(tx.db, group.id);
  });
}

export interface GroupDevice extends Device {
  readonly productName: string;
  readonly nodeType: number;
  /** Empty when the product has none. */
  readonly categoryKey: string;
}

const toGroupDevice = (row: FoundDevice): GroupDevice => ({
  ...toDevice(row),
  productName: row.product_name,
  nodeType: row.node_type,
  categoryKey: row.category_key ?? '',
});

/** Fewest characters of the beginning of a name that is searched for. */
const SHORTEST_PREFIX = 4;

/**
 * A page of the devices that the rule of a group finds, newest first, and the token of the next, empty on the last.
 * @param input.after the token of the page before; the page number then does not count
 * @throws group.nullId, group.notFound, common.invalidPage, common.invalidParameter, product.malformedKey,
 * product.notFound, device.malformedName, device.illegalPageToken
 */
export async function pageOfDynamicGroup(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: {
    readonly groupId: string;
    readonly productKey?: string | undefined;
    readonly name?: string | undefined;
    /** Names that begin with `name`, not those that equal it. */
    readonly fuzzy?: boolean | undefined;
    readonly status?: string | undefined;
    readonly page?: number | undefined;
    readonly pageSize?: number | undefined;
    readonly after?: string | undefined;
  },
): Promise<{ page: Page; total: number; devices: GroupDevice[]; next: string }> {
  const wanted = groupPage(input.page, input.pageSize);
  const search = ruleOf(await requireGroup(engine.read, scope, input.groupId, DYNAMIC));
  const productKey = input.productKey || undefined;
  if (productKey !== undefined) await requireProduct(engine.read, scope, productKey);
  const filter = {
    productKey,
    status: statusNumber(input.status),
    ...nameFilter(input.name || undefined, input.fuzzy),
  };
  const before = input.after ? readPageToken(input.after, input.groupId) : undefined;
  const found = await countFound(engine.read, scope.instanceId, search, filter);
  const devices = await pageOfFound(engine.read, scope.instanceId, search, filter, found, {
    before,
    offset: before === undefined ? wanted.offset : 0,
    limit: wanted.size,
  });
  const last = devices.length === wanted.size ? devices.at(-1) : undefined;
  return {
    page: wanted,
    total: found.total,
    devices: devices.map(toGroupDevice),
    next: last ? pageToken(input.groupId, last.id) : '',
  };
}

const ruleOf = (group: GroupRow): DeviceSearch => searchOf(group) ?? fail('group.notFound');

function statusNumber(status: string | undefined): number | undefined {
  if (!status) return undefined;
  return deviceStatusNumber(status) ?? fail('common.invalidParameter', { Parameter: 'Status' });
}

function nameFilter(name: string | undefined, fuzzy: boolean | undefined) {
  if (name === undefined) return {};
  if (!isDeviceName(name)) fail('device.malformedName');
  if (!fuzzy) return { name };
  // "longer than 4 characters"
  if (name.length <= SHORTEST_PREFIX) fail('device.malformedName');
  return { namePrefix: name };
}

/** The dynamic groups of an instance whose rules find a device. */
export async function dynamicGroupsOf(db: Db, scope: Scope, deviceId: string): Promise<GroupRow[]> {
  const all = { offset: 0, limit: Number.MAX_SAFE_INTEGER };
  const groups = await listGroups(db, scope.instanceId, { types: [DYNAMIC] }, all);
  const device = groups.length === 0 ? undefined : await searchedDevice(db, deviceId);
  return device ? groups.filter((group) => finds(ruleOf(group), device)) : [];
}
