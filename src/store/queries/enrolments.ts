import type { Db, Tx } from '../engine.ts';

/** What a registration is judged by, whatever instance it is in: a device knows its product only. */
export async function findProductForRegistration(db: Db, productKey: string) {
  return db
    .selectFrom('product')
    .select(['key', 'instance_id', 'node_type', 'secret', 'dynamic_registration'])
    .where('key', '=', productKey)
    .executeTakeFirst();
}

/** A device with what dynamic registration knows of it, held until the end of the transaction. */
export async function lockForRegistration(tx: Tx, productKey: string, name: string) {
  const device = await tx
    .lock(
      tx.db
        .selectFrom('device')
        .select(['id', 'name', 'secret', 'status', 'active_at', 'online_at'])
        .where('product_key', '=', productKey)
        .where('name', '=', name),
    )
    .executeTakeFirst();
  if (!device) return undefined;
  const enrolment = await tx.db
    .selectFrom('device_enrolment')
    .select('reset_at')
    .where('device_id', '=', device.id)
    .executeTakeFirst();
  return { ...device, reset_at: enrolment?.reset_at ?? null };
}

/** Replaces a device's secret, given encrypted. */
export async function setSecret(
  db: Db,
  id: string,
  { secret, now }: { readonly secret: string; readonly now: number },
): Promise<void> {
  await db.updateTable('device').set({ secret, modified_at: now }).where('id', '=', id).execute();
}

/** Sets the id and the encrypted token by which a device logs in. */
export async function setToken(
  db: Db,
  deviceId: string,
  token: { readonly client_id: string; readonly token: string },
): Promise<void> {
  await db
    .insertInto('device_enrolment')
    .values({ device_id: deviceId, ...token, reset_at: null })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(token))
    .execute();
}

/** Takes the token away that a device may have. */
export async function forgetToken(db: Db, deviceId: string): Promise<void> {
  await db
    .updateTable('device_enrolment')
    .set({ client_id: null, token: null })
    .where('device_id', '=', deviceId)
    .execute();
}

/** Opens registration for a device that has been active. */
export async function reopenRegistration(db: Db, deviceId: string, now: number): Promise<void> {
  await db
    .insertInto('device_enrolment')
    .values({ device_id: deviceId, client_id: null, token: null, reset_at: now })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ reset_at: now }))
    .execute();
}

/** What a login by token is checked against. */
export async function findToken(db: Db, deviceId: string) {
  return db
    .selectFrom('device_enrolment')
    .select(['client_id', 'token'])
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
}

/** Switches dynamic registration of a product, of whatever account. @returns false when there is no such product */
export async function setDynamicRegistration(db: Db, productKey: string, on: boolean): Promise<boolean> {
  const result = await db
    .updateTable('product')
    .set({ dynamic_registration: on ? 1 : 0 })
    .where('key', '=', productKey)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Every product with its account, oldest first: for the operator of the server. */
export async function listAllProducts(db: Db) {
  return db
    .selectFrom('product')
    .innerJoin('instance', 'instance.id', 'product.instance_id')
    .innerJoin('account', 'account.id', 'instance.account_id')
    .select([
      'product.key',
      'product.name',
      'product.node_type',
      'product.device_count',
      'product.dynamic_registration',
      'instance.id as instance_id',
      'instance.account_id',
      'account.name as account_name',
    ])
    .orderBy('product.created_at')
    .orderBy('product.key')
    .execute();
}
