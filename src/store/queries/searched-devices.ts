import { deviceStatusText } from '../../contract/device-status.ts';
import type { Pair, SearchedDevice } from '../../wire/device-search.ts';
import type { Db } from '../engine.ts';

/** What a search may ask about one device; undefined when it does not exist. */
export async function searchedDevice(db: Db, id: string): Promise<SearchedDevice | undefined> {
  const device = await db
    .selectFrom('device')
    .select(['product_key', 'name', 'nickname', 'status', 'created_at', 'modified_at', 'active_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!device) return undefined;
  const { groups, tags, modules } = await heldByDevices(db, [id]);
  return {
    fields: {
      productKey: device.product_key,
      id,
      name: device.name,
      nickname: device.nickname,
      status: deviceStatusText(device.status),
    },
    times: { createdAt: device.created_at, modifiedAt: device.modified_at, activeAt: device.active_at },
    groups: groups.get(id) ?? [],
    tag: tags.get(id) ?? [],
    module: modules.get(id) ?? [],
  };
}

/** What devices hold, by their ids. */
export interface HeldByDevices {
  /** Static groups that they are directly in. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly tags: ReadonlyMap<string, readonly Pair[]>;
  readonly modules: ReadonlyMap<string, readonly Pair[]>;
}

/** Groups, tags and modules of given devices, each in the order of its name. */
export async function heldByDevices(db: Db, ids: readonly string[]): Promise<HeldByDevices> {
  if (ids.length === 0) return { groups: new Map(), tags: new Map(), modules: new Map() };
  const groups = await db
    .selectFrom('device_group_member')
    .select(['device_id', 'group_id'])
    .where('device_id', 'in', [...ids])
    .orderBy('group_id')
    .execute();
  const tags = await db
    .selectFrom('device_prop')
    .select(['device_id', 'key', 'value'])
    .where('device_id', 'in', [...ids])
    .orderBy('key')
    .execute();
  const modules = await db
    .selectFrom('module_version')
    .select(['device_id', 'module', 'version'])
    .where('device_id', 'in', [...ids])
    .orderBy('module')
    .execute();
  return {
    groups: gathered(groups, (row) => row.group_id),
    tags: gathered(tags, (row) => ({ name: row.key, value: row.value })),
    modules: gathered(modules, (row) => ({ name: row.module, value: row.version })),
  };
}

function gathered<R extends { readonly device_id: string }, T>(
  rows: readonly R[],
  of: (row: R) => T,
): Map<string, T[]> {
  const byDevice = Map.groupBy(rows, (row) => row.device_id);
  return new Map([...byDevice].map(([id, held]) => [id, held.map(of)]));
}
