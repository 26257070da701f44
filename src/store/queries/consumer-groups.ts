import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { ConsumerGroupTable } from '../schema.ts';

/** A busy group is not written more often than this. */
const TOUCH_MS = 1_000;

export type ConsumerGroupRow = Selectable<ConsumerGroupTable>;

export async function insertConsumerGroup(
  db: Db,
  row: Omit<Insertable<ConsumerGroupTable>, 'consumed_at'>,
): Promise<void> {
  await db
    .insertInto('consumer_group')
    .values({ ...row, consumed_at: null })
    .execute();
}

const byId = (db: Db, instanceId: string, id: string) =>
  db.selectFrom('consumer_group').selectAll().where('instance_id', '=', instanceId).where('id', '=', id);

export async function findConsumerGroup(db: Db, instanceId: string, id: string): Promise<ConsumerGroupRow | undefined> {
  return byId(db, instanceId, id).executeTakeFirst();
}

/** As `findConsumerGroup`, held until the end of the transaction: it is not deleted meanwhile. */
export async function lockConsumerGroup(tx: Tx, instanceId: string, id: string): Promise<ConsumerGroupRow | undefined> {
  return tx.lock(byId(tx.db, instanceId, id)).executeTakeFirst();
}

/** As `lockConsumerGroup`, by its name among the consumers. @returns false when there is no such group */
export async function lockConsumer(tx: Tx, consumer: string): Promise<boolean> {
  const query = tx.db.selectFrom('consumer_group').select('consumer').where('consumer', '=', consumer);
  return (await tx.lock(query).executeTakeFirst()) !== undefined;
}

/** As `lockConsumerGroup`, of several, always in the same order. */
export async function lockConsumerGroups(
  tx: Tx,
  instanceId: string,
  ids: readonly string[],
): Promise<ConsumerGroupRow[]> {
  const query = tx.db
    .selectFrom('consumer_group')
    .selectAll()
    .where('instance_id', '=', instanceId)
    .where('id', 'in', [...ids])
    .orderBy('consumer');
  return tx.lock(query).execute();
}

export interface ConsumerGroupFilter {
  readonly name?: string | undefined;
  /** Whether `name` may be a part of the name. */
  readonly fuzzy?: boolean | undefined;
}

const matching = (db: Db, instanceId: string, { name, fuzzy }: ConsumerGroupFilter) =>
  db
    .selectFrom('consumer_group')
    .where('instance_id', '=', instanceId)
    .$if(name !== undefined && !fuzzy, (query) => query.where('name', '=', name as string))
    // not LIKE, in which `_` is no letter and the two engines see letter case differently
    .$if(name !== undefined && fuzzy === true, (query) =>
      query.where(({ eb, ref, val, fn }) =>
        eb(fn<string>('replace', [ref('name'), val(name as string), val('')]), '<>', ref('name')),
      ),
    );

export async function countConsumerGroups(
  db: Db,
  instanceId: string,
  filter: ConsumerGroupFilter = {},
): Promise<number> {
  const row = await matching(db, instanceId, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Newest first. */
export async function listConsumerGroups(
  db: Db,
  instanceId: string,
  filter: ConsumerGroupFilter,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<ConsumerGroupRow[]> {
  return matching(db, instanceId, filter)
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('consumer', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
}

/** @returns the groups among these that exist */
export async function consumersThatExist(db: Db, consumers: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('consumer_group')
    .select('consumer')
    .where('consumer', 'in', [...consumers])
    .execute();
  return rows.map((row) => row.consumer);
}

export async function renameConsumerGroup(db: Db, consumer: string, name: string): Promise<void> {
  await db.updateTable('consumer_group').set({ name }).where('consumer', '=', consumer).execute();
}

export async function allConsumers(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('consumer_group').select('consumer').orderBy('consumer').execute();
  return rows.map((row) => row.consumer);
}

/** Notes when a message was last acknowledged, to the second. */
export async function touchConsumerGroup(db: Db, consumer: string, consumedAt: number): Promise<void> {
  await db
    .updateTable('consumer_group')
    .set({ consumed_at: consumedAt })
    .where('consumer', '=', consumer)
    .where((eb) => eb.or([eb('consumed_at', 'is', null), eb('consumed_at', '<', consumedAt - TOUCH_MS)]))
    .execute();
}

export async function deleteConsumerGroup(db: Db, consumer: string): Promise<void> {
  await db.deleteFrom('consumer_group').where('consumer', '=', consumer).execute();
}
