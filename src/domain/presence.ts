import type { StatusReason } from '../contract/status-reasons.ts';
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
import type { DeviceRef, DeviceServices, NewConnection, Standing } from './device-services.ts';
import { namedDevice } from './devices.ts';
import { emit } from './events.ts';
import { createLane } from './lane.ts';
import { recordStatuses } from './status-history.ts';

type ChangeDeps = Pick<Deps, 'engine' | 'clock' | 'ids'>;

/** A device that has connected. */
interface Arrival {
  readonly device: DeviceRef;
  readonly connection: NewConnection;
}

/** The end of a connection. */
interface Departure {
  readonly device: DeviceRef;
  readonly connectionId: string;
  readonly reason: StatusReason | undefined;
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
      const ended = departures.map(({ device, ...end }) => ({ deviceId: device.deviceId, ...end }));
      await deps.engine.transaction((tx) => endConnections(tx, deps, nodeId, ended));
      return departures.map(() => true);
    },
  });
  return {
    async connected(device, connection) {
      await arrive({ device, connection });
    },
    // unless a newer connection has taken its place
    async disconnected(device, connectionId, reason) {
      await depart({ device, connectionId, reason });
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
    const replacedHere = arrivals.filter(({ connection }) => connection.takesOver).map(({ device }) => device);
    const reasons = new Map([...replaced, ...replacedHere].map(({ deviceId }) => [deviceId, 'TAKEN_OVER' as const]));
    const ips = new Map(arrivals.map(({ device, connection }) => [device.deviceId, connection.ip]));
    await mark(tx, deps, { deviceIds: [...ips.keys()], nodeId, online: true, now, ips, reasons });
  });
}

/** Marks devices offline whose connections with a node have ended and not been replaced. */
export async function endConnections(
  tx: Tx,
  deps: ChangeDeps,
  nodeId: string,
  ended: readonly (DeviceConnection & { readonly reason?: StatusReason | undefined })[],
): Promise<void> {
  const deviceIds = await deletePresence(tx, ended);
  const reasons = new Map(ended.map(({ deviceId, reason }) => [deviceId, reason]));
  await mark(tx, deps, { deviceIds, nodeId, online: false, now: deps.clock.now(), reasons });
}

interface Marks {
  readonly deviceIds: readonly string[];
  readonly nodeId: string;
  readonly online: boolean;
  readonly now: number;
  readonly ips?: ReadonlyMap<string, string>;
  readonly reasons: ReadonlyMap<string, StatusReason | undefined>;
}

/** Sets whether devices are connected, with what follows from that. The rows of their presence are locked. */
async function mark(tx: Tx, deps: ChangeDeps, marks: Marks): Promise<void> {
  const { deviceIds, nodeId, online, now, reasons } = marks;
  const marked = await markDevices(tx, deviceIds, marks);
  const changes = marked.map((device) => ({
    ...device,
    reason: reasons.get(device.id) ?? (online && device.active_at === now ? 'ACTIVATED' : undefined),
    address: device.ip ?? undefined,
    nodeId,
  }));
  await recordStatuses(tx, changes);
  const status = online ? 'online' : 'offline';
  const messages = marked.map((device) => deviceStatusEvent(namedDevice(device), status, device.ip ?? '', now));
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
    const reasons = new Map([...added].map((deviceId) => [deviceId, 'RECOVERED' as const]));
    await mark(tx, deps, { deviceIds: [...added], nodeId, online: true, now, reasons });
    return {
      barred: missing.filter(({ deviceId }) => !allowed.has(deviceId)),
      recorded: missing.filter(({ deviceId }) => added.has(deviceId)),
    };
  });
}
