import type { Insertable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { ProductTable } from '../schema.ts';

/**
 * Holds an instance until the end of the transaction, so that two callers who count its products or
 * groups cannot both take the last place.
 */
export async function lockInstance(tx: Tx, instanceId: string): Promise<void> {
  await tx.lock(tx.db.selectFrom('instance').select('id').where('id', '=', instanceId)).execute();
}

export async function insertProduct(db: Db, row: Insertable<ProductTable>): Promise<void> {
  await db.insertInto('product').values(row).execute();
}

export async function findProduct(db: Db, instanceId: string, key: string) {
  return db
    .selectFrom('product')
    .selectAll()
    .where('key', '=', key)
    .where('instance_id', '=', instanceId)
    .executeTakeFirst();
}

/** As `findProduct`, held until the end of the transaction: no device can be added meanwhile. */
export async function lockProduct(tx: Tx, instanceId: string, key: string) {
  return tx
    .lock(tx.db.selectFrom('product').selectAll().where('key', '=', key).where('instance_id', '=', instanceId))
    .executeTakeFirst();
}

/** @returns false when there is no such product */
export async function updateProduct(
  db: Db,
  instanceId: string,
  key: string,
  changes: { readonly name: string; readonly description?: string },
): Promise<boolean> {
  const result = await db
    .updateTable('product')
    .set(changes)
    .where('key', '=', key)
    .where('instance_id', '=', instanceId)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Deletes a product without devices; its modules, tally and applications go with it. */
export async function deleteProduct(db: Db, instanceId: string, key: string): Promise<void> {
  await db.deleteFrom('product').where('key', '=', key).where('instance_id', '=', instanceId).execute();
}

/** The packages of a product, held until the end of the transaction. */
export async function lockPackagesOfProduct(tx: Tx, instanceId: string, key: string): Promise<string[]> {
  const query = tx.db
    .selectFrom('firmware')
    .select('id')
    .where('product_key', '=', key)
    .where('instance_id', '=', instanceId)
    .orderBy('id');
  return (await tx.lock(query).execute()).map((row) => row.id);
}

export async function countProducts(db: Db, instanceId: string, commodityCode?: string): Promise<number> {
  const row = await db
    .selectFrom('product')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('instance_id', '=', instanceId)
    .$if(commodityCode !== undefined, (query) => query.where('commodity_code', '=', commodityCode as string))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Newest first. */
export async function listProducts(
  db: Db,
  instanceId: string,
  options: { readonly commodityCode?: string | undefined; readonly offset: number; readonly limit: number },
) {
  return db
    .selectFrom('product')
    .selectAll()
    .where('instance_id', '=', instanceId)
    .$if(options.commodityCode !== undefined, (query) =>
      query.where('commodity_code', '=', options.commodityCode as string),
    )
    .orderBy('created_at', 'desc')
    .orderBy('key', 'desc')
    .limit(options.limit)
    .offset(options.offset)
    .execute();
}

/** Counts devices more. @returns false when the product would have more than `limit` devices (or does not exist) */
export async function countDeviceIn(
  db: Db,
  product: { readonly instanceId: string; readonly key: string },
  limit: number,
  added = 1,
): Promise<boolean> {
  const result = await db
    .updateTable('product')
    .set((eb) => ({ device_count: eb('device_count', '+', added) }))
    .where('key', '=', product.key)
    .where('instance_id', '=', product.instanceId)
    .where('device_count', '<=', limit - added)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Counts one device less. */
export async function countDeviceOut(
  db: Db,
  product: { readonly instanceId: string; readonly key: string },
): Promise<void> {
  await db
    .updateTable('product')
    .set((eb) => ({ device_count: eb('device_count', '-', 1) }))
    .where('key', '=', product.key)
    .where('instance_id', '=', product.instanceId)
    .execute();
}
