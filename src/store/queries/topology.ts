import type { Db, Tx } from '../engine.ts';

/** A sub-device of a gateway by its names. */
export interface SubDeviceRow {
  readonly device_id: string;
  readonly product_key: string;
  readonly name: string;
}

/** The sub-devices of a gateway, in the order of their ids. */
export async function subDevicesOf(db: Db, gatewayId: string): Promise<SubDeviceRow[]> {
  return db
    .selectFrom('topology')
    .innerJoin('device', 'device.id', 'topology.device_id')
    .select(['topology.device_id', 'device.product_key', 'device.name'])
    .where('topology.gateway_id', '=', gatewayId)
    .orderBy('topology.device_id')
    .execute();
}

export async function countSubDevices(db: Db, gatewayId: string): Promise<number> {
  const row = await db
    .selectFrom('topology')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('gateway_id', '=', gatewayId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The gateways that devices stand behind, by the device; devices without one are left out. */
export async function gatewaysOf(db: Db, deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (deviceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('topology')
    .select(['device_id', 'gateway_id'])
    .where('device_id', 'in', deviceIds)
    .execute();
  return new Map(rows.map((row) => [row.device_id, row.gateway_id]));
}

/**
 * Puts devices behind a gateway, wherever they stood before.
 * @param deviceIds at least one, in ascending order, since another gateway may want the same devices
 * @returns the gateways from which they were taken, by the device
 */
export async function moveToGateway(
  tx: Tx,
  gatewayId: string,
  deviceIds: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, string>> {
  // waits for whoever places the same device at the same time
  await tx.db
    .insertInto('topology')
    .values(deviceIds.map((id) => ({ device_id: id, gateway_id: gatewayId, added_at: now })))
    .onConflict((conflict) => conflict.column('device_id').doNothing())
    .execute();
  const elsewhere = tx.db
    .selectFrom('topology')
    .select(['device_id', 'gateway_id'])
    .where('device_id', 'in', deviceIds)
    .where('gateway_id', '<>', gatewayId)
    .orderBy('device_id');
  const before = new Map((await tx.lock(elsewhere).execute()).map((row) => [row.device_id, row.gateway_id]));
  if (before.size > 0) {
    await tx.db
      .updateTable('topology')
      .set({ gateway_id: gatewayId, added_at: now })
      .where('device_id', 'in', [...before.keys()])
      .execute();
  }
  return before;
}

/** Takes those of the devices out of a gateway's topology that are in it. */
export async function removeFromGateway(db: Db, gatewayId: string, deviceIds: readonly string[]): Promise<void> {
  if (deviceIds.length === 0) return;
  await db.deleteFrom('topology').where('device_id', 'in', deviceIds).where('gateway_id', '=', gatewayId).execute();
}

/** Takes a device out of the topology that it is in, and everything out of its own. */
export async function removeTopology(db: Db, deviceId: string): Promise<void> {
  await db.deleteFrom('topology').where('device_id', '=', deviceId).execute();
  await db.deleteFrom('topology').where('gateway_id', '=', deviceId).execute();
}

/** What sub-devices are judged by, in the order of their ids. */
export async function findSubDevices(db: Db, instanceId: string, namesOf: ReadonlyMap<string, readonly string[]>) {
  if (namesOf.size === 0) return [];
  return db
    .selectFrom('device')
    .innerJoin('product', 'product.key', 'device.product_key')
    .select(['device.id', 'device.product_key', 'device.name', 'device.secret', 'device.status'])
    .select(['product.node_type', 'product.dynamic_registration'])
    .where('product.instance_id', '=', instanceId)
    .where((eb) =>
      eb.or(
        [...namesOf].map(([key, names]) =>
          eb.and([eb('device.product_key', '=', key), eb('device.name', 'in', names)]),
        ),
      ),
    )
    .orderBy('device.id')
    .execute();
}

/** The kind of node that a device is, and where it belongs. */
export async function findGateway(db: Db, deviceId: string) {
  return db
    .selectFrom('device')
    .innerJoin('product', 'product.key', 'device.product_key')
    .select(['device.id', 'device.instance_id', 'product.node_type'])
    .where('device.id', '=', deviceId)
    .executeTakeFirst();
}

/** Holds a gateway until the end of the transaction, so that the number of its sub-devices holds. @returns false when it is gone */
export async function lockGateway(tx: Tx, deviceId: string): Promise<boolean> {
  const row = tx.db.selectFrom('device').select('id').where('id', '=', deviceId);
  return (await tx.lock(row).executeTakeFirst()) !== undefined;
}
