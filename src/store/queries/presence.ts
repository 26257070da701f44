import { type Insertable, sql } from 'kysely';
import { among } from '../among.ts';
import type { Db, DeviceConnection, Tx } from '../engine.ts';
import { historyColumns, nextInHistory } from '../next-in-history.ts';
import type { PresenceTable } from '../schema.ts';

export type NewPresence = Omit<Insertable<PresenceTable>, 'replaced_id'>;

const inOrder = (rows: readonly NewPresence[]) => rows.toSorted((a, b) => (a.device_id < b.device_id ? -1 : 1));

/**
 * Writes connections in the order of their devices.
 * @param rows one of each device
 * @returns the connections on other nodes whose places these take
 */
export async function insertPresences(db: Db, rows: readonly NewPresence[]): Promise<DeviceConnection[]> {
  const written = await db
    .insertInto('presence')
    .values(inOrder(rows))
    .onConflict((conflict) =>
      conflict.column('device_id').doUpdateSet((eb) => ({
        node_id: eb.ref('excluded.node_id'),
        connection_id: eb.ref('excluded.connection_id'),
        connected_at: eb.ref('excluded.connected_at'),
        // as it was before: a read of its own would miss one that is just being recorded
        replaced_id: sql`case when presence.node_id <> excluded.node_id then presence.connection_id end`,
      })),
    )
    .returning(['device_id', 'replaced_id'])
    .execute();
  return written.flatMap(({ device_id: deviceId, replaced_id: connectionId }) =>
    connectionId === null ? [] : [{ deviceId, connectionId }],
  );
}

/** Adds rows of devices that have none, in the same order. @returns the devices whose rows were added */
export async function insertMissingPresence(db: Db, rows: readonly NewPresence[]): Promise<string[]> {
  if (rows.length === 0) return [];
  const added = await db
    .insertInto('presence')
    .values(inOrder(rows))
    .onConflict((conflict) => conflict.column('device_id').doNothing())
    .returning('device_id')
    .execute();
  return added.map((row) => row.device_id);
}

/**
 * Several are locked in the order of their devices first, in which newer ones are written.
 * @returns the devices that had these connections until now; others have newer ones by now, or none
 */
export async function deletePresence(tx: Tx, connections: readonly DeviceConnection[]): Promise<string[]> {
  const { db } = tx;
  if (connections.length === 0) return [];
  // ids of connections are unique, so these two lists say as much as a list of pairs
  const deviceIds = connections.map(({ deviceId }) => deviceId);
  const connectionIds = connections.map(({ connectionId }) => connectionId);
  if (connections.length > 1) {
    const held = db
      .selectFrom('presence')
      .select('device_id')
      .where('device_id', 'in', among(deviceIds))
      .where('connection_id', 'in', among(connectionIds))
      .orderBy('device_id');
    await tx.lock(held).execute();
  }
  const rows = await db
    .deleteFrom('presence')
    .where('device_id', 'in', among(deviceIds))
    .where('connection_id', 'in', among(connectionIds))
    .returning('device_id')
    .execute();
  return rows.map((row) => row.device_id);
}

/** The connections of devices as they are recorded, each with whether its device is disabled. */
export async function presenceOfDevices(
  db: Db,
  deviceIds: readonly string[],
): Promise<(DeviceConnection & { readonly disabled: boolean })[]> {
  const rows = await db
    .selectFrom('presence')
    .innerJoin('device', 'device.id', 'presence.device_id')
    .select(['presence.device_id', 'presence.connection_id', 'device.status'])
    .where('presence.device_id', 'in', among(deviceIds))
    .execute();
  return rows.map((row) => ({ ...toConnection(row), disabled: row.status === DISABLED }));
}

export async function presenceOfNode(db: Db, nodeId: string, limit: number): Promise<DeviceConnection[]> {
  const rows = await db
    .selectFrom('presence')
    .select(['device_id', 'connection_id'])
    .where('node_id', '=', nodeId)
    .orderBy('device_id')
    .limit(limit)
    .execute();
  return rows.map(toConnection);
}

const toConnection = (row: Pick<PresenceTable, 'device_id' | 'connection_id'>): DeviceConnection => ({
  deviceId: row.device_id,
  connectionId: row.connection_id,
});

const ONLINE = 1;
const OFFLINE = 3;
const DISABLED = 8;

/** Those of the devices that exist and are not disabled. */
export async function connectableDevices(db: Db, deviceIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('device')
    .select('id')
    .where('id', 'in', deviceIds)
    .where('status', '<>', DISABLED)
    .execute();
  return rows.map((row) => row.id);
}

/**
 * Sets what the API shows of the connections of devices. A disabled device stays disabled.
 * @param state.ips address of each device; without it they keep what they have
 * @returns the devices but those that are disabled or were deleted
 */
export async function markDevices(
  tx: Tx,
  deviceIds: readonly string[],
  state: { readonly online: boolean; readonly now: number; readonly ips?: ReadonlyMap<string, string> },
) {
  const { db } = tx;
  const { ips } = state;
  if (deviceIds.length === 0) return [];
  if (deviceIds.length > 1) {
    await tx.lock(db.selectFrom('device').select('id').where('id', 'in', among(deviceIds)).orderBy('id')).execute();
  }
  return db
    .updateTable('device')
    .set({ status: state.online ? ONLINE : OFFLINE, status_at: state.now, ...nextInHistory(state.now) })
    .$if(state.online, (query) =>
      query.set({ online_at: state.now, active_at: sql<number>`coalesce(active_at, ${state.now})` }),
    )
    .$if(ips !== undefined, (query) => query.set({ ip: addressOf(ips as ReadonlyMap<string, string>) }))
    .where('id', 'in', among(deviceIds))
    .where('status', '<>', DISABLED)
    .returning(['id', 'product_key', 'name', 'ip', 'status', 'active_at', ...historyColumns])
    .execute();
}

const addressOf = (ips: ReadonlyMap<string, string>) =>
  sql<string>`case id ${sql.join(
    [...ips].map(([id, ip]) => sql`when ${id} then ${ip}`),
    sql` `,
  )} end`;
