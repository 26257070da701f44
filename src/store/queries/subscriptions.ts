import type { Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { SubscriptionTable } from '../schema.ts';

export interface SubscriptionRow extends Omit<Selectable<SubscriptionTable>, 'flags'> {
  readonly flags: readonly string[];
}

export async function insertSubscription(db: Db, row: SubscriptionRow): Promise<void> {
  await db
    .insertInto('subscription')
    .values({ ...row, flags: JSON.stringify(row.flags) })
    .execute();
}

export async function findSubscription(db: Db, productKey: string): Promise<SubscriptionRow | undefined> {
  const row = await db.selectFrom('subscription').selectAll().where('product_key', '=', productKey).executeTakeFirst();
  return row && { ...row, flags: JSON.parse(row.flags) as string[] };
}

export async function setSubscriptionFlags(db: Db, productKey: string, flags: readonly string[]): Promise<void> {
  await db
    .updateTable('subscription')
    .set({ flags: JSON.stringify(flags) })
    .where('product_key', '=', productKey)
    .execute();
}

/** Deletes a subscription and takes its groups out of it. @returns false when there is none */
export async function deleteSubscription(db: Db, productKey: string): Promise<boolean> {
  const result = await db.deleteFrom('subscription').where('product_key', '=', productKey).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Ids and consumers of the groups in a subscription, oldest first. */
export async function groupsOfSubscription(db: Db, productKey: string) {
  return db
    .selectFrom('subscription_group')
    .innerJoin('consumer_group', 'consumer_group.consumer', 'subscription_group.consumer')
    .select(['consumer_group.id', 'consumer_group.consumer'])
    .where('subscription_group.product_key', '=', productKey)
    .orderBy('consumer_group.created_at')
    .orderBy('consumer_group.consumer')
    .execute();
}

/** Number of products that a group is subscribed to. */
export async function countSubscriptionsOf(db: Db, consumer: string): Promise<number> {
  const row = await db
    .selectFrom('subscription_group')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('consumer', '=', consumer)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Makes these the groups of a subscription. */
export async function setSubscriptionGroups(tx: Tx, productKey: string, consumers: readonly string[]): Promise<void> {
  await tx.db.deleteFrom('subscription_group').where('product_key', '=', productKey).execute();
  await tx.bulkInsert(
    'subscription_group',
    consumers.map((consumer) => ({ product_key: productKey, consumer })),
  );
}
