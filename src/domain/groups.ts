import type { Db } from '../store/engine.ts';
import type { DeviceCounts } from '../store/queries/device-states.ts';
import {
  countGroups,
  deleteGroup,
  findGroup,
  type GroupRow,
  insertGroup,
  listGroups,
  setGroupDescription,
} from '../store/queries/groups.ts';
import { lockInstance } from '../store/queries/products.ts';
import type { Deps, Scope } from './deps.ts';
import { groupStatistics } from './device-states.ts';
import { fail } from './failure.ts';
import { isCarriable, isGroupName, isOpaqueId, isShortDescription } from './names.ts';
import { type Page, page } from './paging.ts';

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  /** The rule of a dynamic group; empty for a static one. */
  readonly expression: string;
  readonly createdAt: number;
}

/** A static group has a list of members, a dynamic one a rule. */
export const STATIC = 'LINK_PLATFORM';
export const DYNAMIC = 'LINK_PLATFORM_DYNAMIC';
const MOST_LEVELS = 3;
const MOST_SUBGROUPS = 100;
const LARGEST_PAGE = 200;
const DEFAULT_PAGE_SIZE = 10;

export const toGroup = (row: GroupRow): Group => ({
  id: row.id,
  name: row.name,
  description: row.description,
  type: row.type,
  expression: row.expression ?? '',
  createdAt: row.created_at,
});

/** @throws group.nullId, group.notFound */
export function checkGroupId(id: string | undefined): string {
  if (!id) fail('group.nullId');
  if (!isOpaqueId(id)) fail('group.notFound');
  return id;
}

/** @throws group.longDescription, common.invalidParameter */
export function checkDescription(description: string): void {
  if (!isShortDescription(description)) fail('group.longDescription');
  if (!isCarriable(description)) fail('common.invalidParameter', { Parameter: 'GroupDesc' });
}

/** The kind of group that a client means, a static one unless it says so (openapi-devices 4). @throws common.invalidParameter */
function meantType(type: string | undefined): string {
  if (!type) return STATIC;
  if (type !== STATIC && type !== DYNAMIC) fail('common.invalidParameter', { Parameter: 'GroupType' });
  return type;
}

/** The row of a group that a client named; a group of the other kind is not the one. @throws group.nullId, group.notFound */
export async function requireGroup(
  db: Db,
  scope: Scope,
  id: string | undefined,
  type: string = STATIC,
): Promise<GroupRow> {
  const group = await findGroup(db, scope.instanceId, checkGroupId(id));
  return group?.type === type ? group : fail('group.notFound');
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
  checkDescription(description);
  const parentId = input.parentId ? checkGroupId(input.parentId) : null;
  const id = deps.ids.text(16);
  const now = deps.clock.now();
  try {
    return await deps.engine.transaction(async (tx) => {
      await lockInstance(tx, scope.instanceId);
      const groups = await countGroups(tx.db, scope.instanceId, { types: [STATIC] });
      if (groups >= deps.limits.groups) fail('group.countExceeded');
      let level = 1;
      if (parentId !== null) {
        const parent = (await findGroup(tx.db, scope.instanceId, parentId)) ?? fail('group.notFound');
        if (parent.type === DYNAMIC) fail('group.unfitParent');
        level = parent.level + 1;
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
        expression: null,
        created_at: now,
      };
      await insertGroup(tx.db, row);
      tx.made(id);
      return toGroup(row);
    });
  } catch (error) {
    if (deps.engine.isUniqueViolation(error)) fail('group.nameTaken');
    throw error;
  }
}

/** A group's page number and size with the defaults of the group lists. @throws common.invalidPage */
export const groupPage = (number: number | undefined, size: number | undefined): Page =>
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
  if (name !== undefined && !isGroupName(name)) return { page: wanted, total: 0, groups: [] };
  const filter = { types, name, parentId };
  const total = await countGroups(engine.read, scope.instanceId, filter);
  const rows = await listGroups(engine.read, scope.instanceId, filter, { offset: wanted.offset, limit: wanted.size });
  return { page: wanted, total, groups: rows.map(toGroup) };
}

/**
 * Replaces the description of a group, if one is given; the name cannot change.
 * @throws group.nullId, group.notFound, group.longDescription, common.invalidParameter
 */
export async function changeGroup(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly id: string; readonly description?: string | undefined; readonly type?: string | undefined },
): Promise<void> {
  const { description } = input;
  if (description !== undefined) checkDescription(description);
  const type = meantType(input.type);
  await engine.transaction(async (tx) => {
    const group = await requireGroup(tx.db, scope, input.id, type);
    if (description !== undefined) await setGroupDescription(tx.db, group.id, description);
  });
}

/** Deletes a static group; its devices stay. @throws group.nullId, group.notFound, group.hasSubgroups */
export async function removeGroup({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<void> {
  await engine.transaction(async (tx) => {
    // as createGroup does: none can be made in it meanwhile
    await lockInstance(tx, scope.instanceId);
    const group = await requireGroup(tx.db, scope, id);
    if ((await countGroups(tx.db, scope.instanceId, { parentId: group.id })) > 0) fail('group.hasSubgroups');
    await deleteGroup(tx.db, group.id);
  });
}

/**
 * A group and the counts of the devices directly in it, or of those that its rule finds.
 * @throws group.nullId, group.notFound, common.invalidParameter
 */
export async function getGroup(
  deps: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly id: string; readonly type?: string | undefined },
): Promise<{ group: Group; devices: DeviceCounts }> {
  const row = await requireGroup(deps.engine.read, scope, input.id, meantType(input.type));
  return { group: toGroup(row), devices: await groupStatistics(deps, row) };
}

/** The group that a group is directly in; none for one at the top. @throws group.nullId, group.notFound */
export async function parentsOfGroup({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<Group[]> {
  const { parent_id: parentId } = await requireGroup(engine.read, scope, id);
  const parent = parentId === null ? undefined : await findGroup(engine.read, scope.instanceId, parentId);
  return parent ? [toGroup(parent)] : [];
}
