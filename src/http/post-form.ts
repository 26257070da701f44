import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import type { ObjectErrorKey } from '../contract/object-storage.ts';
import { ObjectRefusal } from '../domain/object-refusal.ts';
import type { Clock } from '../lib/clock.ts';

/** A form up to its file (storage-and-events 1.3 and 1.4). */
export interface PostForm {
  /** First value of each field before the file, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  /** Ends early with an error when the form turns out to be malformed or the client leaves. */
  readonly file: Readable | undefined;
  /** Resolves at the end of a well-formed form, after its one file was read; rejects when it is none. */
  readonly complete: Promise<void>;
  /** Reads no further; what the client still sends is dropped. */
  stop(): void;
}

/** The client closed the connection, or fell silent and lost it. Nobody is there to be answered. */
export class ClientGone extends Error {
  constructor(cause: unknown) {
    super('the client has gone', { cause });
    this.name = 'ClientGone';
  }
}

const MAX_NAME_BYTES = 8 * 1024;
const MAX_VALUE_BYTES = 2 * 1024 * 1024;
/** Everything but the file. A value of the largest size fits twice. */
const MAX_BYTES_AROUND_FILE = 4 * 1024 * 1024;
const MAX_PARTS = 1_000;

/**
 * Reads a form up to its file. The request is read until its end, come what may, so that a refused client can finish
 * sending and see the answer.
 * @param options.idleMs a client that sends nothing for this long is disconnected
 * @throws ObjectRefusal, ClientGone
 */
export function readPostForm(
  request: IncomingMessage,
  options: { readonly clock: Clock; readonly idleMs: number },
): Promise<PostForm> {
  const begun = Promise.withResolvers<PostForm>();
  const complete = Promise.withResolvers<void>();
  complete.promise.catch(() => {}); // whoever is to hear of it may not be waiting yet
  const fields = new Map<string, string>();
  let file: BusboyFileStream | undefined;
  let state: 'reading' | 'stopped' | 'ended' = 'reading';
  let wake = () => {};

  const stop = (error: Error) => {
    if (state !== 'reading') return;
    state = 'stopped';
    begun.reject(error);
    complete.reject(error);
    file?.destroy(error);
    wake();
  };
  const refuse = (key: ObjectErrorKey) => stop(new ObjectRefusal(key));

  const parser = createParser(request.headers['content-type'] ?? '');
  if (typeof parser === 'string') refuse(parser);
  else {
    parser.on('field', (name: string | undefined, value, _nameTruncated, valueTruncated) => {
      if (file || name === undefined) return;
      if (valueTruncated || name.length > MAX_NAME_BYTES) return refuse('fieldTooLong');
      const lower = name.toLowerCase();
      if (!fields.has(lower)) fields.set(lower, value);
    });
    parser.on('file', (_name, stream) => {
      file = stream;
      stream.on('error', () => {}); // it may fail while nobody reads it
      if (state !== 'reading') return void stream.destroy();
      begun.resolve({ fields, file, complete: complete.promise, stop: () => stop(new Error('stopped')) });
    });
    parser.on('filesLimit', () => refuse('fileCount'));
    parser.on('partsLimit', () => refuse(file ? 'malformedForm' : 'fieldsTooLong'));
    parser.on('error', () => refuse('malformedForm'));
    parser.on('finish', () => {
      if (state !== 'reading') return;
      state = 'ended';
      begun.resolve({ fields, file, complete: complete.promise, stop: () => {} });
      complete.resolve();
      wake();
    });
  }

  const feed = async () => {
    let received = 0;
    // destroying the request would take the answer's socket along
    const pieces = request.iterator({ destroyOnReturn: false });
    const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
      using _idle = options.clock.after(options.idleMs, () => request.destroy());
      return await pieces.next();
    };
    for (;;) {
      const { done, value: piece } = await next();
      if (done) break;
      if (state !== 'reading' || typeof parser === 'string') continue;
      if (!parser.write(piece)) {
        const drained = Promise.withResolvers<void>();
        wake = drained.resolve;
        parser.once('drain', wake);
        await drained.promise;
      }
      received += piece.length;
      if (received - (file?.bytesRead ?? 0) > MAX_BYTES_AROUND_FILE) refuse(file ? 'malformedForm' : 'fieldsTooLong');
    }
    if (state === 'reading' && typeof parser !== 'string') parser.end();
  };
  feed().catch((error) => stop(new ClientGone(error)));
  return begun.promise;
}

/** @returns the error when there is no form to parse */
function createParser(contentType: string) {
  if (!/^\s*multipart\/form-data\s*(;|$)/i.test(contentType)) return 'notMultipart';
  try {
    return new Busboy({
      headers: { 'content-type': contentType.trim() },
      // the Java sample gives its text parts a content type and its file no filename (storage-and-events 1.3)
      isPartAFile: (name) => name?.toLowerCase() === 'file',
      limits: { fieldSize: MAX_VALUE_BYTES, files: 1, parts: MAX_PARTS, headerSize: 4 * MAX_NAME_BYTES },
    });
  } catch {
    return 'malformedForm'; // no boundary, or one that is too long
  }
}
