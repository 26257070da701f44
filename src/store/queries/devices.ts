import type { ExpressionBuilder, Insertable, Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { DeviceTable, Schema } from '../schema.ts';

export type DeviceRow = Selectable<DeviceTable>;

/**
 * Limits a list of devices to an instance by way of their product. By `device.instance_id` SQLite would walk all devices
 * of the instance on the index that starts with it, however few ids or names are given.
 */
const ofInstance = (instanceId: string) => (eb: ExpressionBuilder<Schema, 'device'>) =>
  eb.exists(
    eb
      .selectFrom('product')
      .select('product.key')
      .whereRef('product.key', '=', 'device.product_key')
      .where('product.instance_id', '=', instanceId),
  );

export async function insertDevice(db: Db, row: Insertable<DeviceTable>): Promise<void> {
  await db.insertInto('device').values(row).execute();
}

export async function findDevice(db: Db, instanceId: string, id: string): Promise<DeviceRow | undefined> {
  return db
    .selectFrom('device')
    .selectAll()
    .where('id', '=', id)
    .where('instance_id', '=', instanceId)
    .executeTakeFirst();
}

export async function findDeviceByName(
  db: Db,
  instanceId: string,
  productKey: string,
  name: string,
): Promise<DeviceRow | undefined> {
  return db
    .selectFrom('device')
    .selectAll()
    .where('product_key', '=', productKey)
    .where('name', '=', name)
    .where('instance_id', '=', instanceId)
    .executeTakeFirst();
}

/** What a device's login is checked against. Not limited to an instance: a device knows its product only. */
export async function findDeviceForLogin(db: Db, productKey: string, name: string) {
  return db
    .selectFrom('device')
    .select(['id', 'secret', 'status'])
    .where('product_key', '=', productKey)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** The device that a token names. Not limited to an instance: the token is the device's own. */
export async function findDeviceForToken(db: Db, id: string) {
  return db
    .selectFrom('device')
    .select(['id', 'product_key', 'name', 'secret', 'status'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Those of the ids that exist, in no particular order. */
export async function findDevices(db: Db, instanceId: string, ids: readonly string[]): Promise<DeviceRow[]> {
  if (ids.length === 0) return [];
  return db.selectFrom('device').selectAll().where('id', 'in', ids).where(ofInstance(instanceId)).execute();
}

/** Those of the names that exist in the product, in no particular order. */
export async function findDevicesByName(
  db: Db,
  instanceId: string,
  productKey: string,
  names: readonly string[],
): Promise<DeviceRow[]> {
  if (names.length === 0) return [];
  return db
    .selectFrom('device')
    .selectAll()
    .where('product_key', '=', productKey)
    .where('name', 'in', names)
    .where(ofInstance(instanceId))
    .execute();
}

/** Devices of several products by name, held until the end of the transaction, always in the same order. */
export async function lockDevicesByName(
  tx: Tx,
  instanceId: string,
  namesOf: ReadonlyMap<string, readonly string[]>,
): Promise<{ id: string }[]> {
  if (namesOf.size === 0) return [];
  const query = tx.db
    .selectFrom('device')
    .select('id')
    .where(ofInstance(instanceId))
    .where((eb) =>
      eb.or([...namesOf].map(([key, names]) => eb.and([eb('product_key', '=', key), eb('name', 'in', names)]))),
    )
    .orderBy('id');
  return tx.lock(query).execute();
}

/** Newest first: ids made later sort later. `before` goes on after the device with that id. */
export async function listDevices(
  db: Db,
  instanceId: string,
  productKey: string,
  options: { readonly before?: string | undefined; readonly offset: number; readonly limit: number },
): Promise<DeviceRow[]> {
  return db
    .selectFrom('device')
    .selectAll()
    .where('product_key', '=', productKey)
    .where('instance_id', '=', instanceId)
    .$if(options.before !== undefined, (query) => query.where('id', '<', options.before as string))
    .orderBy('id', 'desc')
    .limit(options.limit)
    .offset(options.offset)
    .execute();
}

export type DeviceDetailRow = DeviceRow & {
  product_name: string;
  node_type: number;
  /** Version reported for the module `default`. */
  firmware_version: string | null;
};

const detailQuery = (db: Db, instanceId: string) =>
  db
    .selectFrom('device')
    .innerJoin('product', 'product.key', 'device.product_key')
    .leftJoin('module_version', (join) =>
      join.onRef('module_version.device_id', '=', 'device.id').on('module_version.module', '=', 'default'),
    )
    .selectAll('device')
    .select(['product.name as product_name', 'product.node_type', 'module_version.version as firmware_version'])
    .where('product.instance_id', '=', instanceId);

export async function findDeviceDetail(db: Db, instanceId: string, id: string): Promise<DeviceDetailRow | undefined> {
  return detailQuery(db, instanceId).where('device.id', '=', id).executeTakeFirst();
}

export async function findDeviceDetailByName(
  db: Db,
  instanceId: string,
  productKey: string,
  name: string,
): Promise<DeviceDetailRow | undefined> {
  return detailQuery(db, instanceId)
    .where('device.product_key', '=', productKey)
    .where('device.name', '=', name)
    .executeTakeFirst();
}

/** Those of the names that exist in the product, in no particular order. */
export async function findDeviceDetails(
  db: Db,
  instanceId: string,
  productKey: string,
  names: readonly string[],
): Promise<DeviceDetailRow[]> {
  if (names.length === 0) return [];
  return detailQuery(db, instanceId)
    .where('device.product_key', '=', productKey)
    .where('device.name', 'in', names)
    .execute();
}

/** As `findDevice`, held until the end of the transaction. */
export async function lockDevice(tx: Tx, instanceId: string, id: string): Promise<{ id: string } | undefined> {
  return tx
    .lock(tx.db.selectFrom('device').select('id').where('id', '=', id).where('instance_id', '=', instanceId))
    .executeTakeFirst();
}

export async function setNickname(
  db: Db,
  id: string,
  { nickname, now }: { readonly nickname: string; readonly now: number },
): Promise<void> {
  await db.updateTable('device').set({ nickname, modified_at: now }).where('id', '=', id).execute();
}

/** Deletes a device; its presence, group links and module versions go with it. @returns undefined when it is gone already */
export async function removeDevice(
  db: Db,
  instanceId: string,
  id: string,
): Promise<Pick<DeviceRow, 'id' | 'history_at'> | undefined> {
  return db
    .deleteFrom('device')
    .where('id', '=', id)
    .where('instance_id', '=', instanceId)
    .returning(['id', 'history_at'])
    .executeTakeFirst();
}
