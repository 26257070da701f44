import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { FirmwareFileTable, FirmwareTable } from '../schema.ts';

export type FirmwareRow = Selectable<FirmwareTable>;
export type FirmwareFileRow = Selectable<FirmwareFileTable>;

export async function insertFirmware(
  tx: Tx,
  row: Insertable<FirmwareTable>,
  files: readonly Insertable<FirmwareFileTable>[],
): Promise<void> {
  await tx.db.insertInto('firmware').values(row).execute();
  await tx.db
    .insertInto('firmware_file')
    .values([...files])
    .execute();
}

export async function countFirmware(db: Db, instanceId: string): Promise<number> {
  const row = await db
    .selectFrom('firmware')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('instance_id', '=', instanceId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Is there a package that may be rolled out: verified (1), or in no need of it (-1)? */
export async function hasReadyFirmware(db: Db, instanceId: string): Promise<boolean> {
  const row = await db
    .selectFrom('firmware')
    .select('id')
    .where('instance_id', '=', instanceId)
    .where('status', 'in', [1, -1])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function findFirmware(db: Db, instanceId: string, id: string) {
  return db
    .selectFrom('firmware')
    .leftJoin('product', 'product.key', 'firmware.product_key')
    .selectAll('firmware')
    .select('product.name as product_name')
    .where('firmware.id', '=', id)
    .where('firmware.instance_id', '=', instanceId)
    .executeTakeFirst();
}

export async function lockFirmware(tx: Tx, instanceId: string, id: string): Promise<FirmwareRow | undefined> {
  return tx
    .lock(tx.db.selectFrom('firmware').selectAll().where('id', '=', id).where('instance_id', '=', instanceId))
    .executeTakeFirst();
}

/** Packages by id, for whatever instance: what the gateway tells devices about. */
export async function findFirmwares(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, FirmwareRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('firmware')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Files of packages, in their order. */
export async function filesOfFirmware(db: Db, firmwareIds: readonly string[]): Promise<FirmwareFileRow[]> {
  if (firmwareIds.length === 0) return [];
  return db
    .selectFrom('firmware_file')
    .selectAll()
    .where('firmware_id', 'in', [...new Set(firmwareIds)])
    .orderBy('firmware_id')
    .orderBy('position')
    .execute();
}

interface FirmwareFilter {
  readonly productKey?: string | undefined;
  readonly destVersion?: string | undefined;
}

const filtered = (db: Db, instanceId: string, filter: FirmwareFilter) =>
  db
    .selectFrom('firmware')
    .where('firmware.instance_id', '=', instanceId)
    .$if(filter.productKey !== undefined, (query) =>
      query.where('firmware.product_key', '=', filter.productKey as string),
    )
    .$if(filter.destVersion !== undefined, (query) =>
      query.where('firmware.dest_version', '=', filter.destVersion as string),
    );

/** A page of packages, newest first. */
export async function pageOfFirmware(
  db: Db,
  instanceId: string,
  filter: FirmwareFilter,
  offset: number,
  limit: number,
) {
  return filtered(db, instanceId, filter)
    .leftJoin('product', 'product.key', 'firmware.product_key')
    .selectAll('firmware')
    .select('product.name as product_name')
    .orderBy('firmware.id', 'desc')
    .offset(offset)
    .limit(limit)
    .execute();
}

export async function countFilteredFirmware(db: Db, instanceId: string, filter: FirmwareFilter): Promise<number> {
  const row = await filtered(db, instanceId, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Changes what may be changed of a package (openapi-ota 6.10). */
export async function updateFirmware(
  tx: Tx,
  id: string,
  changes: Partial<Pick<FirmwareRow, 'name' | 'description' | 'udi'>> & Pick<FirmwareRow, 'modified_at'>,
): Promise<void> {
  await tx.db.updateTable('firmware').set(changes).where('id', '=', id).execute();
}

/** Is there a package for this module of a product? */
export async function hasFirmwareOfModule(db: Db, productKey: string, module: string): Promise<boolean> {
  const row = await db
    .selectFrom('firmware')
    .select('id')
    .where('product_key', '=', productKey)
    .where('module', '=', module)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function setFirmwareStatus(tx: Tx, id: string, status: number, now: number): Promise<void> {
  await tx.db.updateTable('firmware').set({ status, modified_at: now }).where('id', '=', id).execute();
}

export async function deleteFirmware(tx: Tx, id: string): Promise<void> {
  await tx.db.deleteFrom('firmware_file').where('firmware_id', '=', id).execute();
  await tx.db.deleteFrom('firmware').where('id', '=', id).execute();
}
