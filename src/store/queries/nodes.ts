import type { Db, Tx } from '../engine.ts';

const nodeLease = (nodeId: string) => `node:${nodeId}`;

const leaseOf = ({ db }: Tx, nodeId: string) =>
  db.selectFrom('lease').select('until').where('name', '=', nodeLease(nodeId));

/** Holds the lease of a node. @returns until when it has it, or had it; undefined when it has none any more */
export async function lockNodeLease(tx: Tx, nodeId: string): Promise<number | undefined> {
  return (await tx.lock(leaseOf(tx, nodeId)).executeTakeFirst())?.until;
}

/** As {@link lockNodeLease}, for a node that is to be buried; also undefined while it, or another one, holds the row. */
export async function lockFreeNodeLease(tx: Tx, nodeId: string): Promise<number | undefined> {
  return (await tx.lockSkipping(leaseOf(tx, nodeId)).executeTakeFirst())?.until;
}

export async function renewNodeLease(db: Db, nodeId: string, until: number): Promise<void> {
  await db
    .insertInto('lease')
    .values({ name: nodeLease(nodeId), holder: nodeId, until })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ until }))
    .execute();
}

/** Gives up every lease that a node holds, its own too. */
export async function releaseLeasesOf(db: Db, nodeId: string): Promise<void> {
  await db.deleteFrom('lease').where('holder', '=', nodeId).execute();
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
