import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { OtaModuleTable } from '../schema.ts';

export type OtaModuleRow = Selectable<OtaModuleTable>;

const byName = (db: Db, productKey: string, name: string) =>
  db
    .selectFrom('ota_module')
    .selectAll()
    .where('product_key', '=', productKey)
    .where('name_key', '=', name.toLowerCase())
    .where('name', '=', name);

export async function insertModule(db: Db, row: Omit<Insertable<OtaModuleTable>, 'name_key'>): Promise<void> {
  await db
    .insertInto('ota_module')
    .values({ ...row, name_key: row.name.toLowerCase() })
    .execute();
}

/** The module of exactly this name, held until the end of the transaction. */
export async function lockModule(tx: Tx, productKey: string, name: string): Promise<OtaModuleRow | undefined> {
  return tx.lock(byName(tx.db, productKey, name)).executeTakeFirst();
}

/** The modules of a product, oldest first. */
export async function listModules(db: Db, productKey: string): Promise<OtaModuleRow[]> {
  return db
    .selectFrom('ota_module')
    .selectAll()
    .where('product_key', '=', productKey)
    .orderBy('created_at')
    .orderBy('name_key')
    .execute();
}

export async function countModules(db: Db, productKey: string): Promise<number> {
  const row = await db
    .selectFrom('ota_module')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('product_key', '=', productKey)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Changes a module that is locked. */
export async function updateModule(
  tx: Tx,
  { product_key, name_key }: Pick<OtaModuleRow, 'product_key' | 'name_key'>,
  changes: Partial<Pick<OtaModuleRow, 'alias' | 'description'>> & Pick<OtaModuleRow, 'modified_at'>,
): Promise<void> {
  await tx.db
    .updateTable('ota_module')
    .set(changes)
    .where('product_key', '=', product_key)
    .where('name_key', '=', name_key)
    .execute();
}

export async function deleteModule(
  tx: Tx,
  { product_key, name_key }: Pick<OtaModuleRow, 'product_key' | 'name_key'>,
): Promise<void> {
  await tx.db
    .deleteFrom('ota_module')
    .where('product_key', '=', product_key)
    .where('name_key', '=', name_key)
    .execute();
}
