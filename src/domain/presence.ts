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
import type { Deps } from './deps.ts';
import type { DeviceRef } from './device-services.ts';

/** A node that does not renew its lease for this long is dead, and its devices are offline. */
export const NODE_LEASE_MS = 12_000;

type PresenceDeps = Pick<Deps, 'engine' | 'clock'>;

/** Records a connection; it takes the place of an earlier one of the same device, on whatever node. */
export async function recordConnected(
  { engine, clock }: PresenceDeps,
  nodeId: string,
  device: DeviceRef,
  connection: { readonly connectionId: string; readonly ip: string },
): Promise<void> {
  const now = clock.now();
  await engine.transaction(async (tx) => {
    await insertPresence(tx.db, {
      device_id: device.deviceId,
      node_id: nodeId,
      connection_id: connection.connectionId,
      connected_at: now,
    });
    await markDevice(tx.db, device.deviceId, { online: true, now, ip: connection.ip });
  });
}

/** Records the end of a connection unless a newer one has taken its place. */
export async function recordDisconnected(
  { engine, clock }: PresenceDeps,
  device: DeviceRef,
  connectionId: string,
): Promise<void> {
  await engine.transaction(async (tx) => {
    if (!(await deletePresence(tx.db, device.deviceId, connectionId))) return;
    await markDevice(tx.db, device.deviceId, { online: false, now: clock.now() });
  });
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

/** Marks the devices of nodes that died as offline. */
export async function buryDeadNodes({ engine, clock }: PresenceDeps): Promise<void> {
  for (const nodeId of await deadNodes(engine.read, clock.now())) {
    let more = true;
    while (more) more = await buryNode({ engine, clock }, nodeId);
  }
}

/** @returns true when the node had more connections than fit in one transaction */
async function buryNode({ engine, clock }: PresenceDeps, nodeId: string): Promise<boolean> {
  return engine.transaction(async (tx) => {
    const now = clock.now();
    // it may have been buried, or have come back, since it was found dead
    if (!(await lockDeadNode(tx, nodeId, now))) return false;
    const rows = await presenceOfNode(tx.db, nodeId, BURIED_AT_ONCE);
    for (const row of rows) {
      if (await deletePresence(tx.db, row.device_id, row.connection_id)) {
        await markDevice(tx.db, row.device_id, { online: false, now });
      }
    }
    if (rows.length < BURIED_AT_ONCE) await releaseNodeLease(tx.db, nodeId);
    return rows.length === BURIED_AT_ONCE;
  });
}
