import type { Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { EventDeliveryTable, EventRouteTable, EventTable } from '../schema.ts';

export type EventRow = Selectable<EventTable>;
export type DeliveryRow = Selectable<EventDeliveryTable>;

/** Who listens to these types of events of these products: a row for each product, type and consumer. */
export async function routesOf(db: Db, productKeys: readonly string[], types: readonly string[]) {
  return db
    .selectFrom('product')
    .innerJoin('event_route', 'event_route.instance_id', 'product.instance_id')
    .select(['product.key as product_key', 'product.instance_id', 'event_route.type', 'event_route.consumer'])
    .distinct()
    .where('product.key', 'in', [...productKeys])
    .where((eb) =>
      eb.or([eb('event_route.product_key', '=', ''), eb('event_route.product_key', '=', eb.ref('product.key'))]),
    )
    .where('event_route.type', 'in', [...types])
    .execute();
}

/** Adds events with what their consumers have to be told. */
export async function insertEvents(
  tx: Tx,
  events: readonly EventRow[],
  deliveries: readonly DeliveryRow[],
): Promise<void> {
  await tx.bulkInsert('event', events);
  await tx.bulkInsert('event_delivery', deliveries);
}

/** Adds what consumers want to hear of; what is known already stays. */
export async function insertRoutes(db: Db, routes: readonly EventRouteTable[]): Promise<void> {
  if (routes.length === 0) return;
  await db
    .insertInto('event_route')
    .values([...routes])
    .onConflict((conflict) => conflict.columns(['instance_id', 'product_key', 'type', 'consumer']).doNothing())
    .execute();
}

export async function deleteRoutes(db: Db, consumer: string): Promise<void> {
  await db.deleteFrom('event_route').where('consumer', '=', consumer).execute();
}

/** Makes these the only consumers of a kind (`amqp`) that hear of these types of events of a product. */
export async function setRoutes(
  tx: Tx,
  { instanceId, productKey, kind }: { readonly instanceId: string; readonly productKey: string; readonly kind: 'amqp' },
  consumers: readonly string[],
  types: readonly string[],
): Promise<void> {
  await tx.db
    .deleteFrom('event_route')
    .where('instance_id', '=', instanceId)
    .where('product_key', '=', productKey)
    .where('consumer', 'like', `${kind}:%`)
    .execute();
  await tx.bulkInsert(
    'event_route',
    consumers.flatMap((consumer) =>
      types.map((type) => ({ instance_id: instanceId, product_key: productKey, type, consumer })),
    ),
  );
}

/** Forgets who wanted to hear of a product that is being deleted. */
export async function deleteRoutesOfProduct(db: Db, instanceId: string, productKey: string): Promise<void> {
  await db
    .deleteFrom('event_route')
    .where('instance_id', '=', instanceId)
    .where('product_key', '=', productKey)
    .execute();
}
