import type { Nudge } from './engine.ts';

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

/** One nudge for each kind and each job, every device once, in the order of first mention. */
export function coalesce(nudges: readonly Nudge[]): Nudge[] {
  if (nudges.length < 2) return [...nudges];
  const devices = { push: new Set<string>(), kick: new Set<string>() };
  const jobs = new Set<string>();
  for (const nudge of nudges) {
    if (nudge.kind === 'job') jobs.add(nudge.jobId);
    else for (const id of nudge.deviceIds) devices[nudge.kind].add(id);
  }
  const merged: Nudge[] = [];
  if (devices.kick.size > 0) merged.push({ kind: 'kick', deviceIds: [...devices.kick] });
  if (devices.push.size > 0) merged.push({ kind: 'push', deviceIds: [...devices.push] });
  for (const jobId of jobs) merged.push({ kind: 'job', jobId });
  return merged;
}

/** NOTIFY takes less than 8,000 bytes; ids are ASCII, the rest is for the frame around them. */
const PAYLOAD_BYTES = 7800;

/** Payloads for NOTIFY. `sender` names the process, which hears its own nudges without the database. */
export function encodeNudges(sender: string, nudges: readonly Nudge[]): string[] {
  return nudges.flatMap((nudge) => {
    if (nudge.kind === 'job') return [JSON.stringify([sender, 'job', nudge.jobId])];
    const slices: string[][] = [];
    let room = 0;
    for (const id of nudge.deviceIds) {
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
  const [sender, kind, ...ids] = parts as string[];
  if (sender === self) return undefined;
  if (kind === 'job' && ids[0] !== undefined) return { kind, jobId: ids[0] };
  if (kind === 'push' || kind === 'kick') return { kind, deviceIds: ids };
  return undefined;
}
