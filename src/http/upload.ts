import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobStore, StoredBlob } from '../blob/blob-store.ts';
import { BUCKET } from '../contract/object-storage.ts';
import type { Deps } from '../domain/deps.ts';
import { ObjectRefusal } from '../domain/object-refusal.ts';
import { openUpload, storeUpload } from '../domain/uploads.ts';
import type { Log } from '../lib/log.ts';
import { openTurnstile, TurnedAway, type Turnstile } from '../lib/turnstile.ts';
import { postResponseXml } from '../wire/post-object.ts';
import { objectRequestId, refuseObject } from './object-answer.ts';
import { ClientGone, readPostForm } from './post-form.ts';

export type UploadDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl'> & {
  readonly blobs: BlobStore;
  readonly log: Log;
  /** Bounds the look-ups that are under way and wait; none without it. */
  readonly calls?: Turnstile;
};

const IDLE_MS = 60_000;
/** Boundary, closing fields and line ends around a file, at most. */
const FORM_ROOM_BYTES = 64 * 1024;

/**
 * Ends a form upload (PostObject, storage-and-events 1.3 to 1.8). Fields, policy and signature are judged before the
 * file is read. Resolves when the answer is given, or nobody is left to hear it; never rejects.
 */
export async function handleUpload(
  request: IncomingMessage,
  response: ServerResponse,
  deps: UploadDeps,
): Promise<void> {
  const { clock, publicUrl, log, calls = openTurnstile } = deps;
  const startedAt = clock.now();
  const requestId = objectRequestId(deps.ids);
  try {
    const form = await readPostForm(request, { clock, idleMs: IDLE_MS });
    try {
      const upload = await calls.pass(() => openUpload(deps, form.fields, startedAt));
      if (!form.file) throw new ObjectRefusal('fileCount');
      const announced = Number(request.headers['content-length'] ?? 0);
      if (announced > upload.maxBytes + fieldBytes(form.fields) + FORM_ROOM_BYTES) throw new ObjectRefusal('tooLarge');
      const blob = await storeUpload(deps, upload, form.file, form);
      succeed(response, { requestId, publicUrl, key: upload.key, blob, fields: form.fields });
    } finally {
      form.stop();
    }
  } catch (error) {
    if (error instanceof ClientGone) return;
    if (!(error instanceof ObjectRefusal || error instanceof TurnedAway))
      log.error({ requestId, err: error }, 'an upload could not be stored');
    const isBusy = error instanceof TurnedAway || deps.engine.isUnavailable(error) || isFull(error);
    const refusal = error instanceof ObjectRefusal ? error : new ObjectRefusal(isBusy ? 'busy' : 'internal');
    refuseObject(request, response, refusal, { clock, publicUrl, requestId });
  }
}

/** No room, or no more room for this user, on the disk of the packages. */
const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');

function fieldBytes(fields: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const [name, value] of fields) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}

/** 200 and 201 when asked for, 204 otherwise (storage-and-events 1.4). */
function succeed(
  response: ServerResponse,
  upload: {
    readonly requestId: string;
    readonly publicUrl: string;
    readonly key: string;
    readonly blob: StoredBlob;
    readonly fields: ReadonlyMap<string, string>;
  },
): void {
  const { requestId, publicUrl, key, blob, fields } = upload;
  const etag = blob.md5.toUpperCase();
  const headers = { Server: 'AliyunOSS', 'x-oss-request-id': requestId, ETag: `"${etag}"` };
  const wanted = fields.get('success_action_status');
  if (wanted === '200') {
    response.writeHead(200, { ...headers, 'Content-Length': 0 }).end();
  } else if (wanted === '201') {
    const body = postResponseXml({ bucket: BUCKET, etag, key, location: `${publicUrl}/${key}` });
    const length = Buffer.byteLength(body);
    response.writeHead(201, { ...headers, 'Content-Type': 'application/xml', 'Content-Length': length }).end(body);
  } else {
    response.writeHead(204, headers).end();
  }
}
