import type { DeviceConnection, Tx } from '../store/engine.ts';
import {
  connectableDevices,
  deletePresence,
  insertMissingPresence,
  insertPresence,
  markDevices,
  presenceOfDevices,
} from '../store/queries/presence.ts';
import { deviceStatusEvent } from '../wire/event-messages.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef, Standing } from './device-services.ts';
import { namedDevice } from './devices.ts';
import { emit } from './events.ts';

type ChangeDeps = Pick<Deps, 'engine' | 'clock' | 'ids'>;

/** Records a connection; it takes the place of an earlier one of the same device, which its node is told to close. */
export async function recordConnected(
  deps: ChangeDeps,
  nodeId: string,
  device: DeviceRef,
  connection: { readonly connectionId: string; readonly ip: string },
): Promise<void> {
  const { deviceId } = device;
  await deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    const replaced = await insertPresence(tx.db, {
      device_id: deviceId,
      node_id: nodeId,
      connection_id: connection.connectionId,
      connected_at: now,
    });
    if (replaced !== null) tx.nudge({ kind: 'replaced', connections: [{ deviceId, connectionId: replaced }] });
    const [marked] = await markDevices(tx, [deviceId], { online: true, now, ip: connection.ip });
    if (marked) await emit(tx, deps, [deviceStatusEvent(device, 'online', connection.ip, now)]);
  });
}

/** Records the end of a connection unless a newer one has taken its place. */
export async function recordDisconnected(deps: ChangeDeps, device: DeviceRef, connectionId: string): Promise<void> {
  await deps.engine.transaction((tx) => endConnections(tx, deps, [{ deviceId: device.deviceId, connectionId }]));
}

/** Marks devices offline whose connections have ended and not been replaced. */
export async function endConnections(tx: Tx, deps: ChangeDeps, ended: readonly DeviceConnection[]): Promise<void> {
  await mark(tx, deps, await deletePresence(tx.db, ended), 'offline');
}

async function mark(tx: Tx, deps: ChangeDeps, deviceIds: readonly string[], to: 'online' | 'offline'): Promise<void> {
  const now = deps.clock.now();
  const marked = await markDevices(tx, deviceIds, { online: to === 'online', now });
  const messages = marked.map((device) => deviceStatusEvent(namedDevice(device), to, device.ip ?? '', now));
  await emit(tx, deps, messages);
}

/**
 * Looks how connections stand that a node has. Those that were ended in its name, because it was taken for dead, are
 * recorded again.
 */
export async function confirmConnections(
  deps: ChangeDeps,
  nodeId: string,
  connections: readonly DeviceConnection[],
): Promise<Standing> {
  const { engine } = deps;
  const found = await presenceOfDevices(
    engine.read,
    connections.map(({ deviceId }) => deviceId),
  );
  const holders = new Map(found.map(({ deviceId, connectionId }) => [deviceId, connectionId]));
  const replaced = connections.filter(({ deviceId, connectionId }) => {
    const holder = holders.get(deviceId);
    return holder !== undefined && holder !== connectionId;
  });
  const missing = connections.filter(({ deviceId }) => !holders.has(deviceId));
  if (missing.length === 0) return { replaced, barred: [], recorded: [] };
  return { replaced, ...(await recordAgain(deps, nodeId, missing)) };
}

/** One that has a newer connection by now is found replaced at the next look. */
async function recordAgain(
  deps: ChangeDeps,
  nodeId: string,
  missing: readonly DeviceConnection[],
): Promise<Pick<Standing, 'barred' | 'recorded'>> {
  return deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    const deviceIds = missing.map(({ deviceId }) => deviceId);
    const allowed = new Set(await connectableDevices(tx.db, deviceIds));
    const rows = missing
      .filter(({ deviceId }) => allowed.has(deviceId))
      .map(({ deviceId, connectionId }) => ({
        device_id: deviceId,
        node_id: nodeId,
        connection_id: connectionId,
        connected_at: now,
      }));
    const added = new Set(await insertMissingPresence(tx.db, rows));
    await mark(tx, deps, [...added], 'online');
    return {
      barred: missing.filter(({ deviceId }) => !allowed.has(deviceId)),
      recorded: missing.filter(({ deviceId }) => added.has(deviceId)),
    };
  });
}
