import { type ExpressionBuilder, sql } from 'kysely';
import type { Db } from '../engine.ts';
import { historyColumns, nextInHistory } from '../next-in-history.ts';
import type { DeviceTallyTable, Schema } from '../schema.ts';
import type { DeviceRow } from './devices.ts';

const INACTIVE = 0;
const ONLINE = 1;
const OFFLINE = 3;
const DISABLED = 8;

/** Which count of the tally belongs to a status. */
const countOf: Readonly<Record<number, Exclude<keyof DeviceTallyTable, 'product_key' | 'shard'>>> = {
  [INACTIVE]: 'inactive',
  [ONLINE]: 'online',
  [OFFLINE]: 'offline',
  [DISABLED]: 'disabled',
};

/** The status of what may connect again: inactive or offline, by whether the device ever connected. */
const atRest = sql<number>`case when active_at is null then ${sql.lit(INACTIVE)} else ${sql.lit(OFFLINE)} end`;

/** What a device has become. */
export type DeviceStateRow = Pick<DeviceRow, 'id' | 'status' | (typeof historyColumns)[number]>;

/** @returns undefined when the device is disabled already */
export async function disableDevice(db: Db, id: string, now: number): Promise<DeviceStateRow | undefined> {
  return db
    .updateTable('device')
    .set({ status: DISABLED, status_at: now, modified_at: now, ...nextInHistory(now) })
    .where('id', '=', id)
    .where('status', '<>', DISABLED)
    .returning(['id', 'status', ...historyColumns])
    .executeTakeFirst();
}

/** @returns undefined when the device is not disabled */
export async function enableDevice(db: Db, id: string, now: number): Promise<DeviceStateRow | undefined> {
  return db
    .updateTable('device')
    .set({ status: atRest, status_at: now, modified_at: now, ...nextInHistory(now) })
    .where('id', '=', id)
    .where('status', '=', DISABLED)
    .returning(['id', 'status', ...historyColumns])
    .executeTakeFirst();
}

export interface DeviceCounts {
  readonly total: number;
  /** Have connected at least once. */
  readonly activated: number;
  readonly online: number;
}

/** Counts of a product's devices, or of all of an instance, by the tally. */
export async function countDevices(db: Db, instanceId: string, productKey?: string): Promise<DeviceCounts> {
  const row = await db
    .selectFrom('product')
    .innerJoin('device_tally', 'device_tally.product_key', 'product.key')
    .select(({ fn }) => [
      fn.coalesce(fn.sum<number>('activated'), sql.lit(0)).as('activated'),
      fn.coalesce(fn.sum<number>('online'), sql.lit(0)).as('online'),
      sql<number>`coalesce(sum(inactive + online + offline + disabled), 0)`.as('total'),
    ])
    .where('product.instance_id', '=', instanceId)
    .$if(productKey !== undefined, (query) => query.where('product.key', '=', productKey as string))
    .executeTakeFirstOrThrow();
  return { total: Number(row.total), activated: Number(row.activated), online: Number(row.online) };
}

export interface DeviceTally {
  readonly total: number;
  readonly inactive: number;
  readonly online: number;
  readonly offline: number;
  readonly disabled: number;
  /** Have connected at least once, disabled ones too. */
  readonly activated: number;
}

const total = sql<number>`coalesce(sum(inactive + online + offline + disabled), 0)`;

/** The sums of tallies. */
const tallied = ({ fn }: ExpressionBuilder<Schema, 'device_tally'>) => [
  total.as('total'),
  fn.coalesce(fn.sum<number>('inactive'), sql.lit(0)).as('inactive'),
  fn.coalesce(fn.sum<number>('online'), sql.lit(0)).as('online'),
  fn.coalesce(fn.sum<number>('offline'), sql.lit(0)).as('offline'),
  fn.coalesce(fn.sum<number>('disabled'), sql.lit(0)).as('disabled'),
  fn.coalesce(fn.sum<number>('activated'), sql.lit(0)).as('activated'),
];

const numbers = (row: Readonly<Record<keyof DeviceTally, number>>): DeviceTally => ({
  total: Number(row.total),
  inactive: Number(row.inactive),
  online: Number(row.online),
  offline: Number(row.offline),
  disabled: Number(row.disabled),
  activated: Number(row.activated),
});

/** All devices of an instance by status, from the tally. */
export async function tallyDevices(db: Db, instanceId: string): Promise<DeviceTally> {
  const row = await db
    .selectFrom('device_tally')
    .innerJoin('product', 'product.key', 'device_tally.product_key')
    .select(tallied)
    .where('product.instance_id', '=', instanceId)
    .executeTakeFirstOrThrow();
  return numbers(row);
}

/** The products of an instance with the most devices, each with its devices by status; products without any come last. */
export async function largestProducts(
  db: Db,
  instanceId: string,
  limit: number,
): Promise<(DeviceTally & { readonly key: string; readonly name: string })[]> {
  const rows = await db
    .selectFrom('product')
    .leftJoin('device_tally', 'device_tally.product_key', 'product.key')
    .select(['product.key', 'product.name'])
    .select(tallied)
    .where('product.instance_id', '=', instanceId)
    .groupBy(['product.key', 'product.name'])
    .orderBy(total, 'desc')
    .orderBy('product.key')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ key: row.key, name: row.name, ...numbers(row) }));
}

const one = (eb: ExpressionBuilder<Schema, 'device'>, condition: 'activated' | 'online') =>
  eb
    .case()
    .when(condition === 'online' ? eb('device.status', '=', sql.lit(ONLINE)) : eb('device.active_at', 'is not', null))
    .then(sql.lit(1))
    .else(sql.lit(0))
    .end();

/**
 * Counts of the devices directly in a group, by product. Looks at each of them: a group is small beside a fleet. Limited
 * to a product, SQLite would look at each device of the product instead, so the caller picks what it wants.
 */
export async function countDevicesOfGroup(db: Db, groupId: string): Promise<ReadonlyMap<string, DeviceCounts>> {
  const rows = await db
    .selectFrom('device_group_member')
    .innerJoin('device', 'device.id', 'device_group_member.device_id')
    .select((eb) => [
      'device.product_key',
      eb.fn.countAll<number>().as('total'),
      eb.fn.sum<number>(one(eb, 'activated')).as('activated'),
      eb.fn.sum<number>(one(eb, 'online')).as('online'),
    ])
    .where('device_group_member.group_id', '=', groupId)
    .groupBy('device.product_key')
    .execute();
  return new Map(
    rows.map((row) => [
      row.product_key,
      { total: Number(row.total), activated: Number(row.activated), online: Number(row.online) },
    ]),
  );
}

/** The products that have devices in a status, newest first, with their numbers. */
export async function productsWithStatus(
  db: Db,
  instanceId: string,
  status: number,
  productKey?: string,
): Promise<{ key: string; count: number }[]> {
  const column = countOf[status];
  if (column === undefined) return [];
  const rows = await db
    .selectFrom('product')
    .innerJoin('device_tally', 'device_tally.product_key', 'product.key')
    .select(({ fn }) => ['product.key', fn.sum<number>(column).as('count')])
    .where('product.instance_id', '=', instanceId)
    .$if(productKey !== undefined, (query) => query.where('product.key', '=', productKey as string))
    .groupBy(['product.key', 'product.created_at'])
    .having(({ fn }) => fn.sum(column), '>', sql.lit(0))
    .orderBy('product.created_at', 'desc')
    .orderBy('product.key', 'desc')
    .execute();
  return rows.map((row) => ({ key: row.key, count: Number(row.count) }));
}

/** Devices of a product in a status, newest first. What is passed over is passed over in the index. */
export async function listDevicesByStatus(
  db: Db,
  productKey: string,
  status: number,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<DeviceRow[]> {
  return db
    .selectFrom('device')
    .selectAll()
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('device as found')
        .select('found.id')
        .where('found.product_key', '=', productKey)
        .where('found.status', '=', status)
        .orderBy('found.id', 'desc')
        .limit(limit)
        .offset(offset),
    )
    .orderBy('id', 'desc')
    .execute();
}
