import type { DeviceConnection, Nudge, TopologyChange } from './engine.ts';

/** Hands nudges to the listeners of this process. */
export interface Bell {
  listen(listener: (nudge: Nudge) => void): Disposable;
  ring(nudges: readonly Nudge[]): void;
}

/** `onFault` hears of a listener that throws, which the caller of a transaction that has committed must not. */
export function createBell(onFault: (what: string, error: unknown) => void): Bell {
  const listeners = new Set<(nudge: Nudge) => void>();
  return {
    listen(listener) {
      const own = (nudge: Nudge) => listener(nudge);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
    ring(nudges) {
      for (const nudge of nudges) {
        for (const listener of listeners) {
          try {
            listener(nudge);
          } catch (error) {
            onFault('a listener for nudges failed', error);
          }
        }
      }
    },
  };
}

/** What a nudge names. */
const named = (nudge: Nudge): readonly string[] => {
  switch (nudge.kind) {
    case 'job':
      return [nudge.jobId];
    case 'lapsed':
      return [nudge.nodeId];
    case 'event':
      return nudge.consumers;
    case 'topology':
      return nudge.changes.map(({ gatewayId, change, productKey, deviceName }) =>
        [gatewayId, change, productKey, deviceName].join(' '),
      );
    case 'replaced':
      return nudge.connections.map(({ deviceId, connectionId }) => `${deviceId} ${connectionId}`);
    default:
      return nudge.deviceIds;
  }
};

/** The nudges of one kind that name `ids`. */
function nudgesFor(kind: string, ids: readonly string[]): Nudge[] {
  switch (kind) {
    case 'job':
      return ids.map((jobId) => ({ kind, jobId }));
    case 'lapsed':
      return ids.map((nodeId) => ({ kind, nodeId }));
    case 'event':
      return [{ kind, consumers: ids }];
    case 'topology':
      return [{ kind, changes: ids.map(topologyChange) }];
    case 'replaced':
      return [{ kind, connections: ids.map(deviceConnection) }];
    case 'push':
    case 'kick':
      return [{ kind, deviceIds: ids }];
    default:
      return [];
  }
}

/** Reads what `named` wrote; neither ids nor names have blanks. */
function topologyChange(text: string): TopologyChange {
  const [gatewayId = '', change = '', productKey = '', deviceName = ''] = text.split(' ');
  return { gatewayId, change: change as TopologyChange['change'], productKey, deviceName };
}

/** As {@link topologyChange}. */
function deviceConnection(text: string): DeviceConnection {
  const [deviceId = '', connectionId = ''] = text.split(' ');
  return { deviceId, connectionId };
}

/**
 * One nudge for each kind and each job, everything once, in the order of first mention. A gateway hears of a sub-device
 * before that is kicked, and so can say why.
 */
export function coalesce(nudges: readonly Nudge[]): Nudge[] {
  if (nudges.length < 2) return [...nudges];
  const kinds = {
    topology: new Set<string>(),
    kick: new Set<string>(),
    replaced: new Set<string>(),
    lapsed: new Set<string>(),
    push: new Set<string>(),
    job: new Set<string>(),
    event: new Set<string>(),
  };
  for (const nudge of nudges) for (const id of named(nudge)) kinds[nudge.kind].add(id);
  return Object.entries(kinds).flatMap(([kind, ids]) => (ids.size > 0 ? nudgesFor(kind, [...ids]) : []));
}

/** NOTIFY takes less than 8,000 bytes; ids are ASCII, the rest is for the frame around them. */
const PAYLOAD_BYTES = 7800;

/** Payloads for NOTIFY. `sender` names the process, which hears its own nudges without the database. */
export function encodeNudges(sender: string, nudges: readonly Nudge[]): string[] {
  return nudges.flatMap((nudge) => {
    const slices: string[][] = [];
    let room = 0;
    for (const id of named(nudge)) {
      const bytes = Buffer.byteLength(id) + 3;
      if (room < bytes) {
        slices.push([]);
        room = PAYLOAD_BYTES;
      }
      slices.at(-1)?.push(id);
      room -= bytes;
    }
    return slices.map((ids) => JSON.stringify([sender, nudge.kind, ...ids]));
  });
}

/** Undefined when the payload is our own, or was written by another version and makes no sense here. */
export function decodeNudge(self: string, payload: string): Nudge | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  const [sender, kind = '', ...ids] = parts as string[];
  return sender === self ? undefined : nudgesFor(kind, ids)[0];
}
