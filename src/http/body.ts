import type { Readable } from 'node:stream';
import { Failure } from '../domain/failure.ts';
import type { Clock } from '../lib/clock.ts';

/** Form bodies with lists of 10,000 names, percent-encoded (openapi-devices 3). */
export const MAX_BODY_BYTES = 4 * 1_048_576;

/** What all bodies that are coming in may hold together; a single one always fits. */
const MAX_TOGETHER_BYTES = 128 * 1_048_576;

/** What a client gets to send a whole body. Bodies that never end would hold the room of the others. */
const PATIENCE_MS = 60_000;

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Reads request bodies into memory, of which many at once, or slow ones, take no more than they may. One that is refused
 * is read to its end all the same, so that the client sees the answer.
 * @param onTurnedAway hears of every body for which there was no room
 */
export function createBodyReader(clock: Clock, onTurnedAway: () => void) {
  let together = 0;
  return (payload: Readable, done: Done): void => {
    const parts: Buffer[] = [];
    let size = 0;
    let isOver = false;
    const timer = clock.after(PATIENCE_MS, () => payload.destroy());
    const finish = (error: Error | null, body?: Buffer) => {
      if (isOver) return;
      isOver = true;
      timer[Symbol.dispose]();
      together -= size;
      parts.length = 0;
      done(error, body);
    };
    payload.on('data', (part: Buffer) => {
      if (isOver) return;
      size += part.length;
      together += part.length;
      parts.push(part);
      if (size > MAX_BODY_BYTES) finish(new Failure('gateway.requestTooLarge'));
      else if (together > MAX_TOGETHER_BYTES && together > size) {
        onTurnedAway();
        finish(new Failure('gateway.unavailable'));
      }
    });
    payload.on('end', () => finish(null, parts.length === 1 ? parts[0] : Buffer.concat(parts)));
    payload.on('error', finish);
    payload.on('close', () => finish(new Failure('gateway.invalidParameter', { Parameter: 'Request' })));
  };
}
