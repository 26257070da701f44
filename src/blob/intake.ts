import { createHash } from 'node:crypto';
import { BlobTooLarge, BlobTooSmall, type PutOptions, type StoredBlob } from './blob-store.ts';

/** A body on its way into a store. */
export interface Intake {
  /** The bytes, counted and digested as they pass. To be read once. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** To be called after the last piece. */
  result(): StoredBlob;
}

/** Watches a body pass: size within bounds, digests, abort. */
export function createIntake(body: AsyncIterable<Uint8Array>, options: PutOptions): Intake {
  const { maxBytes, minBytes = 0, signal } = options;
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let size = 0;
  async function* pieces() {
    for await (const piece of untilAborted(body, signal)) {
      size += piece.length;
      if (size > maxBytes) throw new BlobTooLarge(maxBytes);
      md5.update(piece);
      sha256.update(piece);
      yield piece;
    }
    if (size < minBytes) throw new BlobTooSmall(minBytes);
  }
  return {
    pieces: pieces(),
    result: () => ({ size, md5: md5.digest('hex'), sha256: sha256.digest('hex') }),
  };
}

/** Passes `body` on; an abort ends it even while the next piece is being waited for. */
async function* untilAborted<T>(body: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (!signal) return yield* body;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // not waited for: a generator that hangs in its own await would never return
    iterator.return?.()?.catch(() => {});
  }
}
