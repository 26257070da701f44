import type { Db } from '../store/engine.ts';
import { lockDevicesByName } from '../store/queries/devices.ts';
import {
  countGroups,
  countGroupsOf,
  countMembers,
  findGroup,
  type GroupRow,
  insertGroup,
  listGroups,
  listMembers,
  lockGroup,
  membersAmong,
} from '../store/queries/groups.ts';
import { lockInstance } from '../store/queries/products.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isCarriable, isDeviceName, isGroupName, isOpaqueId, isShortDescription } from './names.ts';
import { type Page, page } from './paging.ts';
import { checkProductKey } from './products.ts';

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly createdAt: number;
}

/** Static groups: the only ones that can be made here. */
const STATIC = 'LINK_PLATFORM';
const DYNAMIC = 'LINK_PLATFORM_DYNAMIC';
const MOST_LEVELS = 3;
const MOST_SUBGROUPS = 100;
const MOST_DEVICES = 200;
const LARGEST_PAGE = 200;
const DEFAULT_PAGE_SIZE = 10;

const toGroup = (row: GroupRow): Group => ({
  id: row.id,
  name: row.name,
  description: row.description,
  type: row.type,
  createdAt: row.created_at,
});

/** @throws group.nullId, group.notFound */
function checkGroupId(id: string | undefined): string {
  if (!id) fail('group.nullId');
  if (!isOpaqueId(id)) fail('group.notFound');
  return id;
}

/** The row of a group that a client named. @throws group.nullId, group.notFound */
async function requireGroup(db: Db, scope: Scope, id: string | undefined): Promise<GroupRow> {
  return (await findGroup(db, scope.instanceId, checkGroupId(id))) ?? fail('group.notFound');
}

/**
 * Makes a static group.
 * @param input.parentId the group to make it in; top level when empty or absent
 * @throws group.*, common.invalidParameter
 */
export async function createGroup(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits'>,
  scope: Scope,
  input: { readonly name: string; readonly description?: string | undefined; readonly parentId?: string | undefined },
): Promise<Group> {
  if (!isGroupName(input.name)) fail('group.invalidName');
  const description = input.description ?? '';
  if (!isShortDescription(description)) fail('group.longDescription');
  if (!isCarriable(description)) fail('common.invalidParameter', { Parameter: 'GroupDesc' });
  const parentId = input.parentId ? checkGroupId(input.parentId) : null;
  const id = deps.ids.text(16);
  const now = deps.clock.now();
  try {
    return await deps.engine.transaction(async (tx) => {
      await lockInstance(tx, scope.instanceId);
      if ((await countGroups(tx.db, scope.instanceId)) >= deps.limits.groups) fail('group.countExceeded');
      let level = 1;
      if (parentId !== null) {
        level = (await requireGroup(tx.db, scope, parentId)).level + 1;
        if (level > MOST_LEVELS) fail('group.tooDeep');
        if ((await countGroups(tx.db, scope.instanceId, { parentId })) >= MOST_SUBGROUPS) fail('group.countExceeded');
      }
      const row: GroupRow = {
        id,
        instance_id: scope.instanceId,
        name: input.name,
        description,
        type: STATIC,
        parent_id: parentId,
        level,
        created_at: now,
      };
      await insertGroup(tx.db, row);
      return toGroup(row);
    });
  } catch (error) {
    if (deps.engine.isUniqueViolation(error)) fail('group.nameTaken');
    throw error;
  }
}

/** A group's page number and size with the defaults of the group lists. @throws common.invalidPage */
const groupPage = (number: number | undefined, size: number | undefined): Page =>
  page(number ?? 1, size ?? DEFAULT_PAGE_SIZE, { maxSize: LARGEST_PAGE });

/** Newest first. @throws common.invalidPage, common.invalidParameter, group.notFound */
export async function pageOfGroups(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: {
    readonly page?: number | undefined;
    readonly pageSize?: number | undefined;
    /** Exact; a name that no group could have finds none. */
    readonly name?: string | undefined;
    readonly parentId?: string | undefined;
    /** Static groups when empty or absent. */
    readonly types?: readonly string[] | undefined;
  },
): Promise<{ page: Page; total: number; groups: Group[] }> {
  const wanted = groupPage(input.page, input.pageSize);
  const types = input.types && input.types.length > 0 ? input.types : [STATIC];
  if (types.length > 2 || types.some((type) => type !== STATIC && type !== DYNAMIC)) {
    fail('common.invalidParameter', { Parameter: 'GroupTypes' });
  }
  const parentId = input.parentId || undefined;
  if (parentId !== undefined) await requireGroup(engine.read, scope, parentId);
  const name = input.name || undefined;
  if (!types.includes(STATIC) || (name !== undefined && !isGroupName(name))) {
    return { page: wanted, total: 0, groups: [] };
  }
  const filter = { name, parentId };
  const total = await countGroups(engine.read, scope.instanceId, filter);
  const rows = await listGroups(engine.read, scope.instanceId, filter, { offset: wanted.offset, limit: wanted.size });
  return { page: wanted, total, groups: rows.map(toGroup) };
}

export interface MemberName {
  readonly productKey: string;
  readonly name: string;
}

export interface Addition {
  /** Given devices that exist. */
  readonly valid: number;
  readonly added: number;
  /** Were in this group before. */
  readonly already: number;
  /** Are in as many other groups as a device may be. */
  readonly full: number;
}

/** Names by product, each once. @throws product.nullKey, product.malformedKey, device.* */
function checkMemberNames(members: readonly MemberName[]): Map<string, string[]> {
  if (members.length === 0) fail('device.noNames');
  if (members.length > MOST_DEVICES) fail('device.tooManyNames');
  const namesOf = new Map<string, Set<string>>();
  for (const { productKey, name } of members) {
    checkProductKey(productKey);
    if (name === '') fail('device.nullName');
    if (!isDeviceName(name)) fail('device.malformedName');
    const names = namesOf.get(productKey) ?? new Set();
    namesOf.set(productKey, names.add(name));
  }
  return new Map([...namesOf].map(([key, names]) => [key, [...names]]));
}

/**
 * Adds at most 200 devices to a group. A device that is given twice counts once; devices that do not exist are left
 * out (openapi-devices 4, counting rules).
 * @throws group.nullId, group.notFound, group.bindFailed when the group would hold too many, product.nullKey,
 * product.malformedKey, device.*
 */
export async function addToGroup(
  deps: Pick<Deps, 'engine' | 'clock' | 'limits'>,
  scope: Scope,
  input: { readonly groupId: string; readonly members: readonly MemberName[] },
): Promise<Addition> {
  const groupId = checkGroupId(input.groupId);
  const namesOf = checkMemberNames(input.members);
  const { devicesPerGroup, groupsPerDevice } = deps.limits;
  return deps.engine.transaction(async (tx) => {
    // the group first, then the devices in the order of their ids: the counts hold until the commit
    if (!(await lockGroup(tx, scope.instanceId, groupId))) fail('group.notFound');
    const ids = (await lockDevicesByName(tx, scope.instanceId, namesOf)).map((device) => device.id);
    const members = await membersAmong(tx.db, groupId, ids);
    const others = ids.filter((id) => !members.has(id));
    const groupsOf = await countGroupsOf(tx.db, others);
    const added = others.filter((id) => (groupsOf.get(id) ?? 0) < groupsPerDevice);
    if (added.length > 0) {
      if ((await countMembers(tx.db, groupId)) + added.length > devicesPerGroup) {
        fail('group.bindFailed', { Detail: `a group holds at most ${devicesPerGroup} devices.` });
      }
      const now = deps.clock.now();
      await tx.bulkInsert(
        'device_group_member',
        added.map((id) => ({ group_id: groupId, device_id: id, added_at: now })),
      );
    }
    return {
      valid: ids.length,
      added: added.length,
      already: members.size,
      full: others.length - added.length,
    };
  });
}

export interface Member extends MemberName {
  readonly id: string;
  readonly productName: string;
}

/** The devices directly in a group, newest device first. @throws group.nullId, group.notFound, common.invalidPage */
export async function pageOfMembers(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly groupId: string; readonly page?: number | undefined; readonly pageSize?: number | undefined },
): Promise<{ page: Page; total: number; members: Member[] }> {
  const groupId = checkGroupId(input.groupId);
  const wanted = groupPage(input.page, input.pageSize);
  await requireGroup(engine.read, scope, groupId);
  const total = await countMembers(engine.read, groupId);
  const rows = await listMembers(engine.read, scope.instanceId, groupId, {
    offset: wanted.offset,
    limit: wanted.size,
  });
  const members = rows.map((row) => ({
    id: row.id,
    productKey: row.product_key,
    name: row.name,
    productName: row.product_name,
  }));
  return { page: wanted, total, members };
}
