import type { Tx } from '../store/engine.ts';
import {
  deadNodes,
  deletePresence,
  insertPresence,
  lockDeadNode,
  markDevice,
  presenceOfNode,
  releaseNodeLease,
  renewNodeLease,
} from '../store/queries/presence.ts';
import { deviceStatusEvent } from '../wire/event-messages.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef } from './device-services.ts';
import { namedDevice } from './devices.ts';
import { emit } from './events.ts';

/** A node that does not renew its lease for this long is dead, and its devices are offline. */
export const NODE_LEASE_MS = 12_000;

type PresenceDeps = Pick<Deps, 'engine' | 'clock'>;
type ChangeDeps = Pick<Deps, 'engine' | 'clock' | 'ids'>;

/** Records a connection; it takes the place of an earlier one of the same device, on whatever node. */
export async function recordConnected(
  deps: ChangeDeps,
  nodeId: string,
  device: DeviceRef,
  connection: { readonly connectionId: string; readonly ip: string },
): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    await insertPresence(tx.db, {
      device_id: device.deviceId,
      node_id: nodeId,
      connection_id: connection.connectionId,
      connected_at: now,
    });
    const marked = await markDevice(tx.db, device.deviceId, { online: true, now, ip: connection.ip });
    if (marked) await emit(tx, deps, [deviceStatusEvent(device, 'online', connection.ip, now)]);
  });
}

/** Records the end of a connection unless a newer one has taken its place. */
export async function recordDisconnected(deps: ChangeDeps, device: DeviceRef, connectionId: string): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    await endConnections(tx, deps, [{ device_id: device.deviceId, connection_id: connectionId }]);
  });
}

/** Marks devices offline whose connections have ended and not been replaced. */
async function endConnections(
  tx: Tx,
  deps: ChangeDeps,
  rows: readonly { readonly device_id: string; readonly connection_id: string }[],
): Promise<void> {
  const now = deps.clock.now();
  const marked = [];
  for (const row of rows) {
    if (!(await deletePresence(tx.db, row.device_id, row.connection_id))) continue;
    marked.push(await markDevice(tx.db, row.device_id, { online: false, now }));
  }
  const messages = marked.flatMap((device) =>
    device ? [deviceStatusEvent(namedDevice(device), 'offline', device.ip ?? '', now)] : [],
  );
  await emit(tx, deps, messages);
}

/** Says that this node lives; to be called several times within {@link NODE_LEASE_MS}. */
export async function keepNodeAlive({ engine, clock }: PresenceDeps, nodeId: string): Promise<void> {
  await engine.transaction((tx) => renewNodeLease(tx.db, nodeId, clock.now() + NODE_LEASE_MS));
}

/** Says that this node is gone. Connections whose end it could not record are left to whoever buries it. */
export async function endNode({ engine, clock }: PresenceDeps, nodeId: string): Promise<void> {
  await engine.transaction((tx) => renewNodeLease(tx.db, nodeId, clock.now()));
}

/** Connections buried in one transaction. */
const BURIED_AT_ONCE = 500;

/**
 * Marks the devices of nodes that died as offline.
 * @param self the node that does it: it lives, even if it was held up for so long that its lease ran out
 */
export async function buryDeadNodes(deps: ChangeDeps, self?: string): Promise<void> {
  for (const nodeId of await deadNodes(deps.engine.read, deps.clock.now())) {
    if (nodeId === self) continue;
    let more = true;
    while (more) more = await buryNode(deps, nodeId);
  }
}

/** @returns true when the node had more connections than fit in one transaction */
async function buryNode(deps: ChangeDeps, nodeId: string): Promise<boolean> {
  return deps.engine.transaction(async (tx) => {
    // it may have been buried, or have come back, since it was found dead
    if (!(await lockDeadNode(tx, nodeId, deps.clock.now()))) return false;
    const rows = await presenceOfNode(tx.db, nodeId, BURIED_AT_ONCE);
    await endConnections(tx, deps, rows);
    if (rows.length < BURIED_AT_ONCE) await releaseNodeLease(tx.db, nodeId);
    return rows.length === BURIED_AT_ONCE;
  });
}
