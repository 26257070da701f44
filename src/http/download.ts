import type { IncomingMessage, ServerResponse } from 'node:http';
import { BlobNotFound, type BlobPieces, type BlobStore, type ByteRange } from '../blob/blob-store.ts';
import type { Deps } from '../domain/deps.ts';
import { checkDownload } from '../domain/downloads.ts';
import { ObjectRefusal } from '../domain/object-refusal.ts';
import { signingKey } from '../domain/signing-keys.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import { openTurnstile, TurnedAway, type Turnstile } from '../lib/turnstile.ts';
import { type DownloadQuery, readDownloadQuery } from '../wire/download-url.ts';
import { readRange } from './byte-range.ts';
import { type ObjectHeaders, objectRequestId, refuseObject } from './object-answer.ts';

export type DownloadDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl'> & {
  readonly blobs: BlobStore;
  readonly log: Log;
  readonly meters?: Meters;
  readonly accel?: Accel | undefined;
  /** Bounds the look-ups that are under way and wait; none without it. */
  readonly devices?: Turnstile;
};

/** nginx in front that sends files by itself when it is told which (`X-Accel-Redirect`). */
export interface Accel {
  /** Address within nginx, without a slash at the end, that has the store's folder behind it. */
  readonly path: string;
  /** Whether a peer is that nginx; to others the server sends the files itself. */
  readonly isNginx: (address: string) => boolean;
}

/**
 * A device that does not take a piece for this long has gone; it asks for the rest when it is back (device-protocol
 * 4.3). Slow ones get pieces of 64 KiB: 220 bytes a second are enough.
 */
const STALL_MS = 5 * 60_000;

/**
 * Answers GET and HEAD of a presigned URL in the form that old devices need (storage-and-events 2.2): exact spelling
 * of the header names, few and short headers, an exact Content-Length, no compression, chunks or redirect.
 * Resolves when the answer is given or the client has left; never rejects.
 */
export async function handleDownload(
  request: IncomingMessage,
  response: ServerResponse,
  deps: DownloadDeps,
): Promise<void> {
  const { clock, publicUrl, log, devices = openTurnstile } = deps;
  const requestId = objectRequestId(deps.ids);
  const meter = (deps.meters ?? noMeters).download();
  let rangeHeaders: ObjectHeaders = {};
  let outcome: Parameters<typeof meter.end>[0] = 'refused';
  try {
    const { key, query } = readTarget(request.url ?? '');
    const object = await devices.pass(() => checkDownload(deps, signingKey(deps.vault, 'download'), key, query));
    const { size } = object;
    const etag = `"${object.md5.toUpperCase()}"`;
    // a range of another version than the client has begun with would not fit
    const changed = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag;
    const range = changed ? 'whole' : readRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      rangeHeaders = { 'Accept-Ranges': 'bytes', 'Content-Range': `bytes */${size}` };
      throw new ObjectRefusal('badRange');
    }
    const part = range === 'whole' ? undefined : range;
    const hasBody = request.method !== 'HEAD' && size > 0;
    const file = hasBody ? accelPath(request, deps, key, part) : undefined;
    if (file !== undefined) {
      // nginx would say in its own words that there is no such file
      if (!(await deps.blobs.head(key))) throw new BlobNotFound(key);
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': 0,
        ETag: etag,
        'x-oss-request-id': requestId,
        'X-Accel-Redirect': file,
      });
      response.end();
      outcome = 'passed';
      return;
    }
    const body = hasBody ? await deps.blobs.pieces(key, part) : undefined;
    outcome = 'broken';
    if (response.destroyed) return void (await body?.return());
    response.writeHead(part ? 206 : 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': part ? part.end - part.start + 1 : size,
      ...(part ? { 'Content-Range': `bytes ${part.start}-${part.end}/${size}` } : {}),
      'Accept-Ranges': 'bytes',
      ETag: etag,
      'x-oss-request-id': requestId,
    });
    const onFault = (err: unknown) => log.error({ requestId, key, err }, 'a download broke off');
    const { socket } = response;
    const before = socket?.bytesWritten ?? 0;
    meter.begin(() => (socket?.bytesWritten ?? 0) - before);
    if (!body) response.end();
    if (!body || (await send(body, response, { clock, onFault }))) outcome = 'complete';
  } catch (error) {
    if (error instanceof BlobNotFound) log.error({ requestId, err: error }, 'an object is missing in the blob store');
    else if (!(error instanceof ObjectRefusal || error instanceof TurnedAway))
      log.error({ requestId, err: error }, 'a download could not be answered');
    refuseObject(request, response, asRefusal(deps, error), { clock, publicUrl, requestId, headers: rangeHeaders });
  } finally {
    meter.end(outcome);
  }
}

/**
 * nginx reads the client's Range once more, and more leniently or strictly than storage-and-events 2.5 has it. So there
 * are two addresses: one for a range that was found good, and one where nginx passes over Range.
 */
function accelPath(
  request: IncomingMessage,
  { accel, blobs }: Pick<DownloadDeps, 'accel' | 'blobs'>,
  key: string,
  part: ByteRange | undefined,
): string | undefined {
  if (!blobs.pathOf || !accel?.isNginx(request.socket.remoteAddress ?? '')) return undefined;
  return `${accel.path}/${part ? 'part' : 'whole'}/${blobs.pathOf(key)}`;
}

function asRefusal({ engine }: Pick<Deps, 'engine'>, error: unknown): ObjectRefusal {
  if (error instanceof ObjectRefusal) return error;
  if (error instanceof TurnedAway || engine.isUnavailable(error)) return new ObjectRefusal('busy');
  return new ObjectRefusal(error instanceof BlobNotFound ? 'notFound' : 'internal');
}

/** Object name and signature of a request target; a name that cannot be decoded stands for itself and is not found. */
export function readTarget(target: string): { readonly key: string; readonly query: DownloadQuery | undefined } {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? undefined : readDownloadQuery(target.slice(mark + 1));
  const name = path.replace(/^\/+/, '');
  try {
    return { key: decodeURIComponent(name), query };
  } catch {
    return { key: name, query };
  }
}

/** Whatever ends it, body and response are closed: a file handle never outlives its client. @returns whether all of it went */
async function send(
  body: BlobPieces,
  response: ServerResponse,
  { clock, onFault }: { readonly clock: Clock; readonly onFault: (error: unknown) => void },
): Promise<boolean> {
  let fail: ((error: Error) => void) | undefined;
  const leave = () => fail?.(new Error('the client has left'));
  // a piece is in the system's hands before the next is read into its memory
  const write = (piece: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      fail = reject;
      response.write(piece, (error) => (error ? reject(error) : resolve()));
      if (response.destroyed) leave();
    });
  response.once('close', leave);
  try {
    for await (const piece of body) {
      using _stall = clock.after(STALL_MS, leave);
      await write(piece);
      fail = undefined;
    }
    response.end();
    return true;
  } catch (error) {
    // a client that leaves got less than announced and asks for the rest
    if (!fail && !response.destroyed) onFault(error);
    response.destroy();
    return false;
  } finally {
    response.off('close', leave);
  }
}
