import type { DeviceConnection, Tx } from '../store/engine.ts';
import {
  connectableDevices,
  deletePresence,
  insertMissingPresence,
  insertPresences,
  markDevices,
  presenceOfDevices,
} from '../store/queries/presence.ts';
import { deviceStatusEvent } from '../wire/event-messages.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef, DeviceServices, Standing } from './device-services.ts';
import { namedDevice } from './devices.ts';
import { emit } from './events.ts';
import { createLane } from './lane.ts';

type ChangeDeps = Pick<Deps, 'engine' | 'clock' | 'ids'>;

/** A device that has connected. */
interface Arrival {
  readonly device: DeviceRef;
  readonly connection: { readonly connectionId: string; readonly ip: string };
}

/** The end of a connection. */
interface Departure {
  readonly device: DeviceRef;
  readonly connectionId: string;
}

/** What a gateway says of connections. Those of devices that come or go at once share transactions. */
export function createPresence(deps: ChangeDeps, nodeId: string): Pick<DeviceServices, 'connected' | 'disconnected'> {
  const keyOf = ({ device }: { readonly device: DeviceRef }) => device.deviceId;
  const arrive = createLane<Arrival, true>({
    keyOf,
    async work(arrivals) {
      await recordConnected(deps, nodeId, arrivals);
      return arrivals.map(() => true);
    },
  });
  const depart = createLane<Departure, true>({
    keyOf,
    async work(departures) {
      const ended = departures.map(({ device, connectionId }) => ({ deviceId: device.deviceId, connectionId }));
      await deps.engine.transaction((tx) => endConnections(tx, deps, ended));
      return departures.map(() => true);
    },
  });
  return {
    async connected(device, connection) {
      await arrive({ device, connection });
    },
    // unless a newer connection has taken its place
    async disconnected(device, connectionId) {
      await depart({ device, connectionId });
    },
  };
}

/**
 * Records connections, one of each device; they take the places of earlier ones of the same devices, which their nodes
 * are told to close.
 */
async function recordConnected(deps: ChangeDeps, nodeId: string, arrivals: readonly Arrival[]): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    const rows = arrivals.map(({ device, connection }) => ({
      device_id: device.deviceId,
      node_id: nodeId,
      connection_id: connection.connectionId,
      connected_at: now,
    }));
    const replaced = await insertPresences(tx.db, rows);
    if (replaced.length > 0) tx.nudge({ kind: 'replaced', connections: replaced });
    const ips = new Map(arrivals.map(({ device, connection }) => [device.deviceId, connection.ip]));
    const marked = new Set((await markDevices(tx, [...ips.keys()], { online: true, now, ips })).map(({ id }) => id));
    const messages = arrivals
      .filter(({ device }) => marked.has(device.deviceId))
      .map(({ device, connection }) => deviceStatusEvent(device, 'online', connection.ip, now));
    await emit(tx, deps, messages);
  });
}

/** Marks devices offline whose connections have ended and not been replaced. */
export async function endConnections(tx: Tx, deps: ChangeDeps, ended: readonly DeviceConnection[]): Promise<void> {
  await mark(tx, deps, await deletePresence(tx, ended), 'offline');
}

async function mark(tx: Tx, deps: ChangeDeps, deviceIds: readonly string[], to: 'online' | 'offline'): Promise<void> {
  const now = deps.clock.now();
  const marked = await markDevices(tx, deviceIds, { online: to === 'online', now });
  const messages = marked.map((device) => deviceStatusEvent(namedDevice(device), to, device.ip ?? '', now));
  await emit(tx, deps, messages);
}

/**
 * Looks how connections stand that a node has. Those that were ended in its name, because it was taken for dead, are
 * recorded again. A device that was disabled is found here when the nudge that says so was lost.
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
  const holders = new Map(found.map((holder) => [holder.deviceId, holder]));
  const replaced = connections.filter(({ deviceId, connectionId }) => {
    const holder = holders.get(deviceId);
    return holder !== undefined && holder.connectionId !== connectionId;
  });
  const disabled = connections.filter(({ deviceId, connectionId }) => {
    const holder = holders.get(deviceId);
    return holder?.disabled === true && holder.connectionId === connectionId;
  });
  const missing = connections.filter(({ deviceId }) => !holders.has(deviceId));
  if (missing.length === 0) return { replaced, barred: disabled, recorded: [] };
  const { barred, recorded } = await recordAgain(deps, nodeId, missing);
  return { replaced, barred: [...disabled, ...barred], recorded };
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
