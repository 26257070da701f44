import { type Insertable, sql } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { PresenceTable } from '../schema.ts';

export async function insertPresence(db: Db, row: Insertable<PresenceTable>): Promise<void> {
  const { node_id, connection_id, connected_at } = row;
  await db
    .insertInto('presence')
    .values(row)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ node_id, connection_id, connected_at }))
    .execute();
}

/** @returns false when the device has another connection by now, or none */
export async function deletePresence(db: Db, deviceId: string, connectionId: string): Promise<boolean> {
  const result = await db
    .deleteFrom('presence')
    .where('device_id', '=', deviceId)
    .where('connection_id', '=', connectionId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

const ONLINE = 1;
const OFFLINE = 3;
const DISABLED = 8;

/**
 * Sets what the API shows of a device's connection. A disabled device stays disabled.
 * @returns the device, unless it is disabled or was deleted
 */
export async function markDevice(
  db: Db,
  deviceId: string,
  state:
    | { readonly online: true; readonly now: number; readonly ip: string }
    | { readonly online: false; readonly now: number },
) {
  return db
    .updateTable('device')
    .set({ status: state.online ? ONLINE : OFFLINE, status_at: state.now })
    .$if(state.online, (query) =>
      query.set({
        online_at: state.now,
        active_at: sql<number>`coalesce(active_at, ${state.now})`,
        ip: state.online ? state.ip : null,
      }),
    )
    .where('id', '=', deviceId)
    .where('status', '<>', DISABLED)
    .returning(['id', 'product_key', 'name', 'ip'])
    .executeTakeFirst();
}

const nodeLease = (nodeId: string) => `node:${nodeId}`;

export async function renewNodeLease(db: Db, nodeId: string, until: number): Promise<void> {
  await db
    .insertInto('lease')
    .values({ name: nodeLease(nodeId), holder: nodeId, until })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ until }))
    .execute();
}

export async function releaseNodeLease(db: Db, nodeId: string): Promise<void> {
  await db.deleteFrom('lease').where('name', '=', nodeLease(nodeId)).execute();
}

/** Nodes whose lease has run out and that nobody has buried yet. */
export async function deadNodes(db: Db, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('lease')
    .select('holder')
    .where('name', '>', 'node:')
    .where('name', '<', 'node;')
    .where('until', '<=', now)
    .execute();
  return rows.map((row) => row.holder);
}

/** Is there a node that lives, beside this one? */
export async function hasOtherNodes(db: Db, nodeId: string, now: number): Promise<boolean> {
  const other = await db
    .selectFrom('lease')
    .select('name')
    .where('name', '>', 'node:')
    .where('name', '<', 'node;')
    .where('until', '>', now)
    .where('holder', '<>', nodeId)
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
}

/** Holds the lease of a node that is to be buried. @returns false when the node is buried, or lives */
export async function lockDeadNode(tx: Tx, nodeId: string, now: number): Promise<boolean> {
  const lease = tx.db
    .selectFrom('lease')
    .select('name')
    .where('name', '=', nodeLease(nodeId))
    .where('until', '<=', now);
  return (await tx.lock(lease).executeTakeFirst()) !== undefined;
}

export async function presenceOfNode(db: Db, nodeId: string, limit: number) {
  return db
    .selectFrom('presence')
    .select(['device_id', 'connection_id'])
    .where('node_id', '=', nodeId)
    .orderBy('device_id')
    .limit(limit)
    .execute();
}
