import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { DeviceGroupTable } from '../schema.ts';

export type GroupRow = Selectable<DeviceGroupTable>;

export async function insertGroup(db: Db, row: Insertable<DeviceGroupTable>): Promise<void> {
  await db.insertInto('device_group').values(row).execute();
}

const byId = (db: Db, instanceId: string, id: string) =>
  db.selectFrom('device_group').selectAll().where('id', '=', id).where('instance_id', '=', instanceId);

export async function findGroup(db: Db, instanceId: string, id: string): Promise<GroupRow | undefined> {
  return byId(db, instanceId, id).executeTakeFirst();
}

/** As `findGroup`, held until the end of the transaction. */
export async function lockGroup(tx: Tx, instanceId: string, id: string): Promise<GroupRow | undefined> {
  return tx.lock(byId(tx.db, instanceId, id)).executeTakeFirst();
}

export interface GroupFilter {
  readonly types?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly parentId?: string | undefined;
}

const matching = (db: Db, instanceId: string, filter: GroupFilter) =>
  db
    .selectFrom('device_group')
    .where('instance_id', '=', instanceId)
    .$if(filter.types !== undefined, (query) => query.where('type', 'in', [...(filter.types ?? [])]))
    .$if(filter.name !== undefined, (query) => query.where('name', '=', filter.name as string))
    .$if(filter.parentId !== undefined, (query) => query.where('parent_id', '=', filter.parentId as string));

export async function countGroups(db: Db, instanceId: string, filter: GroupFilter = {}): Promise<number> {
  const row = await matching(db, instanceId, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Newest first. */
export async function listGroups(
  db: Db,
  instanceId: string,
  filter: GroupFilter,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<GroupRow[]> {
  return matching(db, instanceId, filter)
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
}

export async function countMembers(db: Db, groupId: string): Promise<number> {
  const row = await db
    .selectFrom('device_group_member')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('group_id', '=', groupId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Devices of a group with the names of their products, newest device first. */
export async function listMembers(
  db: Db,
  instanceId: string,
  groupId: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
) {
  return db
    .selectFrom('device_group_member')
    .innerJoin('device_group', 'device_group.id', 'device_group_member.group_id')
    .innerJoin('device', 'device.id', 'device_group_member.device_id')
    .innerJoin('product', 'product.key', 'device.product_key')
    .select(['device.id', 'device.product_key', 'device.name', 'product.name as product_name'])
    .where('device_group_member.group_id', '=', groupId)
    .where('device_group.instance_id', '=', instanceId)
    .orderBy('device_group_member.device_id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
}

/** Those of the devices that are in the group. */
export async function membersAmong(db: Db, groupId: string, deviceIds: readonly string[]): Promise<Set<string>> {
  if (deviceIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('device_group_member')
    .select('device_id')
    .where('group_id', '=', groupId)
    .where('device_id', 'in', deviceIds)
    .execute();
  return new Set(rows.map((row) => row.device_id));
}

/** In how many groups each of the devices is; devices in none are left out. */
export async function countGroupsOf(db: Db, deviceIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (deviceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('device_group_member')
    .select((eb) => ['device_id', eb.fn.countAll<number>().as('count')])
    .where('device_id', 'in', deviceIds)
    .groupBy('device_id')
    .execute();
  return new Map(rows.map((row) => [row.device_id, Number(row.count)]));
}

/** @returns how many of the devices were in the group */
export async function removeMembers(db: Db, groupId: string, deviceIds: readonly string[]): Promise<number> {
  if (deviceIds.length === 0) return 0;
  const result = await db
    .deleteFrom('device_group_member')
    .where('group_id', '=', groupId)
    .where('device_id', 'in', deviceIds)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** The groups that a device is directly in, newest first. */
export async function groupsOfDevice(db: Db, instanceId: string, deviceId: string): Promise<GroupRow[]> {
  return db
    .selectFrom('device_group_member')
    .innerJoin('device_group', 'device_group.id', 'device_group_member.group_id')
    .selectAll('device_group')
    .where('device_group_member.device_id', '=', deviceId)
    .where('device_group.instance_id', '=', instanceId)
    .orderBy('device_group.created_at', 'desc')
    .orderBy('device_group.id', 'desc')
    .execute();
}

export async function setGroupDescription(db: Db, id: string, description: string): Promise<void> {
  await db.updateTable('device_group').set({ description }).where('id', '=', id).execute();
}

/** Deletes a group without groups in it; its devices stay. */
export async function deleteGroup(db: Db, id: string): Promise<void> {
  await db.deleteFrom('device_group').where('id', '=', id).execute();
}
