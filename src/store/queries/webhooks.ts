import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { WebhookTable } from '../schema.ts';

/** With the lists of its filter read. */
export type WebhookRow = Omit<Selectable<WebhookTable>, 'types' | 'products'> & {
  readonly types: readonly string[];
  readonly products: readonly string[];
};

const read = (row: Selectable<WebhookTable>): WebhookRow => ({
  ...row,
  types: JSON.parse(row.types) as string[],
  products: JSON.parse(row.products) as string[],
});

export async function insertWebhook(db: Db, row: WebhookRow): Promise<void> {
  const values: Insertable<WebhookTable> = {
    ...row,
    types: JSON.stringify(row.types),
    products: JSON.stringify(row.products),
  };
  await db.insertInto('webhook').values(values).execute();
}

export async function findWebhook(db: Db, id: string): Promise<WebhookRow | undefined> {
  const row = await db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirst();
  return row && read(row);
}

/** As {@link findWebhook}; nobody changes or deletes it until the transaction ends. */
export async function lockWebhook(tx: Pick<Tx, 'db' | 'lock'>, id: string): Promise<WebhookRow | undefined> {
  const row = await tx.lock(tx.db.selectFrom('webhook').selectAll().where('id', '=', id)).executeTakeFirst();
  return row && read(row);
}

/**
 * The endpoints of an instance, or of the whole installation, with the account that they belong to, in the order in which
 * they were made.
 */
export async function listWebhooks(
  db: Db,
  instanceId?: string,
): Promise<(WebhookRow & { readonly account_id: string })[]> {
  const rows = await db
    .selectFrom('webhook')
    .innerJoin('instance', 'instance.id', 'webhook.instance_id')
    .selectAll('webhook')
    .select('instance.account_id')
    .$if(instanceId !== undefined, (query) => query.where('webhook.instance_id', '=', instanceId ?? ''))
    .orderBy('webhook.created_at')
    .orderBy('webhook.id')
    .execute();
  return rows.map((row) => ({ ...read(row), account_id: row.account_id }));
}

export async function countWebhooks(db: Db, instanceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('webhook')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('instance_id', '=', instanceId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** @returns false when there is no such endpoint */
export async function updateWebhook(
  db: Db,
  id: string,
  { types, products, ...changes }: Partial<Omit<WebhookRow, 'id' | 'instance_id' | 'created_at'>>,
): Promise<boolean> {
  const values: Updateable<WebhookTable> = {
    ...changes,
    ...(types && { types: JSON.stringify(types) }),
    ...(products && { products: JSON.stringify(products) }),
  };
  const result = await db.updateTable('webhook').set(values).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** @returns false when it is off already, or not there */
export async function switchWebhookOff(db: Db, id: string, now: number, why: string): Promise<boolean> {
  const result = await db
    .updateTable('webhook')
    .set({ disabled_at: now, disabled_why: why, modified_at: now })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** @returns false when there is no such endpoint */
export async function deleteWebhook(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('webhook').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Notes a failure. @returns when the failures began that no success has ended */
export async function noteFailure(db: Db, id: string, now: number): Promise<number | undefined> {
  const row = await db
    .updateTable('webhook')
    .set({ failing_since: sql<number>`coalesce(failing_since, ${now})` })
    .where('id', '=', id)
    .returning('failing_since')
    .executeTakeFirst();
  return row?.failing_since ?? undefined;
}

/** Notes a success; writes only after a failure. */
export async function noteSuccess(db: Db, id: string): Promise<void> {
  await db
    .updateTable('webhook')
    .set({ failing_since: null })
    .where('id', '=', id)
    .where('failing_since', 'is not', null)
    .execute();
}

/** Endpoints that are on, are not held, and have something to be told. */
export async function dueWebhooks(db: Db, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('webhook')
    .select('webhook.id')
    .where('disabled_at', 'is', null)
    .where('hold_until', '<=', now)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('event_delivery')
          .select('event_id')
          .where('consumer', '=', sql<string>`'webhook:' || webhook.id`)
          .where('due_at', '<=', now),
      ),
    )
    .execute();
  return rows.map((row) => row.id);
}
