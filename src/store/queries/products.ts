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

/** Counts one device more. @returns false when the product has `limit` devices already (or does not exist) */
export async function countDeviceIn(
  db: Db,
  product: { readonly instanceId: string; readonly key: string },
  limit: number,
): Promise<boolean> {
  const result = await db
    .updateTable('product')
    .set((eb) => ({ device_count: eb('device_count', '+', 1) }))
    .where('key', '=', product.key)
    .where('instance_id', '=', product.instanceId)
    .where('device_count', '<', limit)
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
