import type { Insertable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { ConsumerConnectionTable } from '../schema.ts';

export type ConsumerConnectionRow = Insertable<ConsumerConnectionTable>;

/** Adds connections, or what was counted of them since. */
export async function putConsumerConnections(db: Db, rows: readonly ConsumerConnectionRow[]): Promise<void> {
  await db
    .insertInto('consumer_connection')
    .values([...rows])
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        fresh_count: eb.ref('excluded.fresh_count'),
        backlog_count: eb.ref('excluded.backlog_count'),
      })),
    )
    .execute();
}

const nodesAlive = (db: Db, now: number) =>
  db
    .selectFrom('lease')
    .select('holder')
    .where('name', '>', 'node:')
    .where('name', '<', 'node;')
    .where('until', '>', now);

/** The connections of a group that nodes hold which are alive, oldest first. */
export async function connectionsOf(db: Db, consumer: string, now: number) {
  return db
    .selectFrom('consumer_connection')
    .selectAll()
    .where('consumer', '=', consumer)
    .where('node_id', 'in', nodesAlive(db, now))
    .orderBy('connected_at')
    .orderBy('id')
    .execute();
}

export async function deleteConsumerConnections(db: Db, ids: readonly string[]): Promise<void> {
  await db
    .deleteFrom('consumer_connection')
    .where('id', 'in', [...ids])
    .execute();
}

/** Forgets the connections of nodes that are dead. */
export async function deleteLostConnections(tx: Tx, now: number): Promise<void> {
  await tx.db.deleteFrom('consumer_connection').where('node_id', 'not in', nodesAlive(tx.db, now)).execute();
}
