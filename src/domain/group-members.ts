import { lockDevicesByName } from '../store/queries/devices.ts';
import {
  countGroupsOf,
  countMembers,
  groupsOfDevice,
  listMembers,
  lockGroup,
  membersAmong,
  removeMembers,
} from '../store/queries/groups.ts';
import type { Deps, Scope } from './deps.ts';
import { requireDevice } from './devices.ts';
import { dynamicGroupsOf } from './dynamic-groups.ts';
import { fail } from './failure.ts';
import { checkGroupId, type Group, groupPage, requireGroup, STATIC, toGroup } from './groups.ts';
import { isDeviceName } from './names.ts';
import type { Page } from './paging.ts';
import { checkProductKey } from './products.ts';

const MOST_DEVICES = 200;

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
    if ((await lockGroup(tx, scope.instanceId, groupId))?.type !== STATIC) fail('group.notFound');
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

export interface Removal {
  /** Given devices that exist. */
  readonly valid: number;
  readonly removed: number;
}

/**
 * Takes at most 200 devices out of a group. A device that is given twice counts once; devices that do not exist, or are
 * not in the group, are left out.
 * @throws group.nullId, group.notFound, product.nullKey, product.malformedKey, device.*
 */
export async function removeFromGroup(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly groupId: string; readonly members: readonly MemberName[] },
): Promise<Removal> {
  const groupId = checkGroupId(input.groupId);
  const namesOf = checkMemberNames(input.members);
  return engine.transaction(async (tx) => {
    // in the same order as addToGroup
    if ((await lockGroup(tx, scope.instanceId, groupId))?.type !== STATIC) fail('group.notFound');
    const ids = (await lockDevicesByName(tx, scope.instanceId, namesOf)).map((device) => device.id);
    return { valid: ids.length, removed: await removeMembers(tx.db, groupId, ids) };
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

/**
 * The groups that a device is directly in and those whose rules find it, newest first.
 * @throws product.*, device.nullName, device.malformedName, device.notFound
 */
export async function groupsOf({ engine }: Pick<Deps, 'engine'>, scope: Scope, member: MemberName): Promise<Group[]> {
  const device = await requireDevice(engine.read, scope, member);
  const listed = await groupsOfDevice(engine.read, scope.instanceId, device.id);
  const dynamic = await dynamicGroupsOf(engine.read, scope, device.id);
  return [...listed, ...dynamic].sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1)).map(toGroup);
}
