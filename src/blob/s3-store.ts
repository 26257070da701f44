import { Readable } from 'node:stream';
import { S3mini } from 's3mini';
import type { Clock } from '../lib/clock.ts';
import { BlobNotFound, type BlobStore, type ByteRange, checkBlobKey, piecesOf } from './blob-store.ts';
import { createIntake } from './intake.ts';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Where an S3-compatible store is. */
export interface S3Place {
  /** Address of the bucket: `https://host/bucket` in path style, `https://bucket.host` otherwise. */
  readonly bucketUrl: string;
  readonly region: string;
}

/** Larger than the 5 MiB that S3 demands of every part but the last; 10,000 of them reach far beyond any package. */
const PART_BYTES = 8 * 1024 * 1024;
const ATTEMPTS = 4;

/** S3 or what speaks its protocol. Memory stays flat: at most three parts of an upload at a time. */
export function openS3Store(place: S3Place, credentials: S3Credentials, clock: Clock): BlobStore {
  const client = new S3mini({ ...credentials, endpoint: place.bucketUrl, region: place.region });

  /** Every request made here may be repeated without harm. */
  async function insist<T>(request: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request();
      } catch (error) {
        if (attempt === ATTEMPTS || !mayPass(error)) throw error;
      }
      await new Promise<void>((resolve) => clock.after(100 * 4 ** (attempt - 1), resolve));
    }
  }

  async function read(key: string, range?: ByteRange): Promise<Readable> {
    checkBlobKey(key);
    try {
      const response = range
        ? await insist(() => client.getObjectRaw(key, false, range.start, range.end + 1))
        : await insist(() => client.getObjectRaw(key));
      if (range && response.status !== 206) {
        await response.body?.cancel();
        throw new Error(`the store answered a range with status ${response.status}`);
      }
      return response.body ? Readable.fromWeb(response.body as never) : Readable.from([]);
    } catch (error) {
      throw statusOf(error) === 404 ? new BlobNotFound(key) : error;
    }
  }

  return {
    async put(key, body, options) {
      checkBlobKey(key);
      const intake = createIntake(body, options);
      const { publish = (_blob, makeReadable) => makeReadable() } = options;
      const upload = createPartUpload(client, key, insist);
      try {
        // whether a part is the only one is known when the next begins; a lone one needs no multipart upload
        let held: Uint8Array = new Uint8Array();
        for await (const part of inParts(intake.pieces)) {
          if (held.length > 0) await upload.send(held);
          held = part;
        }
        const single = !upload.begun();
        if (!single) {
          await upload.send(held);
          await upload.allSent();
        }
        const blob = intake.result();
        await publish(blob, async () => {
          if (single) await insist(() => client.putObject(key, held));
          else await upload.complete();
        });
        return blob;
      } finally {
        await upload.end();
      }
    },
    async head(key) {
      checkBlobKey(key);
      try {
        return { size: await insist(() => client.getContentLength(key)) };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    },
    read,
    pieces: async (key, range) => piecesOf(await read(key, range)),
    async delete(key) {
      checkBlobKey(key);
      await insist(() => client.deleteObject(key)).catch((error) => {
        if (statusOf(error) !== 404) throw error; // S3 itself answers 204
      });
    },
    async removeLeftovers(before) {
      const answer = await insist(() => client.listMultipartUploads());
      const stale = unfinishedUploads(answer).filter((upload) => upload.beganAt < before);
      for (const { key, uploadId } of stale) await client.abortMultipartUpload(key, uploadId);
      return stale.length;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** A multipart upload that begins with its first part. One part is on its way while the caller fills the next. */
function createPartUpload(client: S3mini, key: string, insist: <T>(request: () => Promise<T>) => Promise<T>) {
  let uploadId: string | undefined;
  let completed = false;
  let sending: Promise<void> = Promise.resolve();
  const sent: { partNumber: number; etag: string }[] = [];
  return {
    begun: () => uploadId !== undefined,
    async send(part: Uint8Array) {
      await sending;
      uploadId ??= await insist(() => client.getMultipartUploadId(key));
      const id = uploadId;
      sending = insist(() => client.uploadPart(key, id, part, sent.length + 1)).then((done) => void sent.push(done));
      sending.catch(() => {}); // heard by the next to wait for it
    },
    allSent: () => sending,
    async complete() {
      const id = uploadId as string;
      const result = await insist(() => client.completeMultipartUpload(key, id, sent));
      // S3 may begin this answer with 200 and end it with an error
      if (!result.etag) throw new Error(`the store did not complete the upload: ${JSON.stringify(result)}`);
      completed = true;
    },
    async end() {
      if (uploadId === undefined || completed) return;
      await sending.catch(() => {});
      // what cannot be removed now is left to removeLeftovers
      await client.abortMultipartUpload(key, uploadId).catch(() => {});
    },
  };
}

/** Cuts a body into parts of equal size; the last is shorter, and none comes of an empty body. */
async function* inParts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let part = Buffer.allocUnsafeSlow(PART_BYTES);
  let filled = 0;
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const room = Math.min(piece.length - taken, PART_BYTES - filled);
      part.set(piece.subarray(taken, taken + room), filled);
      taken += room;
      filled += room;
      if (filled < PART_BYTES) continue;
      yield part;
      part = Buffer.allocUnsafeSlow(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** The client's declared type does not fit what it returns: the XML as nested objects, one element or a list of them. */
function unfinishedUploads(answer: unknown): { key: string; uploadId: string; beganAt: number }[] {
  type Entry = { Key?: string; UploadId?: string; Initiated?: string };
  const found = (answer as { ListMultipartUploadsResult?: { Upload?: Entry | Entry[] } }).ListMultipartUploadsResult
    ?.Upload;
  return [found ?? []].flat().flatMap(({ Key, UploadId, Initiated = '' }) => {
    const beganAt = Date.parse(Initiated);
    return Key && UploadId && !Number.isNaN(beganAt) ? [{ key: Key, uploadId: UploadId, beganAt }] : [];
  });
}

/** The HTTP status behind an error of the client, which wraps some of them; undefined when there was no answer. */
function statusOf(error: unknown): number | undefined {
  const { status, cause } = error as { status?: unknown; cause?: unknown };
  if (typeof status === 'number') return status;
  return typeof cause === 'object' && cause !== null ? statusOf(cause) : undefined;
}

/** No answer, too many requests, or a fault of the store. */
function mayPass(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status === 429 || status >= 500;
}
