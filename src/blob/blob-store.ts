import { Readable } from 'node:stream';

/** What was counted and computed while an object came in. */
export interface StoredBlob {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface PutOptions {
  readonly maxBytes: number;
  readonly minBytes?: number | undefined;
  /** Gives up while the body is coming in. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the store has every byte and nobody can read them yet. The object takes the place of an earlier one
   * of that key when `makeReadable` is called, or never: a rejection, or an end without that call, drops the bytes.
   */
  readonly publish?: ((blob: StoredBlob, makeReadable: () => Promise<void>) => Promise<void>) | undefined;
}

/** Both ends are included, as in HTTP. They must lie within the object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes of an object, piece by piece. A piece is good until the next is asked for, which may come in the same
 * memory. To be read to the end, or ended with `return`.
 */
export interface BlobPieces extends AsyncIterableIterator<Uint8Array, undefined> {
  return(): Promise<IteratorReturnResult<undefined>>;
}

/**
 * Objects by key: names of letters, digits, `.`, `_` and `-`, put together by slashes. Another key is a RangeError, even
 * where a store could take it: in the URL of an S3 request `..` would lead out of the bucket.
 */
export interface BlobStore extends AsyncDisposable {
  /**
   * Stores the bytes of `body` durably. After a failure nothing of them is left, and an earlier object is untouched.
   * @throws BlobTooLarge as soon as there are more than `maxBytes`; BlobTooSmall; what `body` or `publish` threw
   */
  put(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredBlob>;
  head(key: string): Promise<{ readonly size: number } | undefined>;
  /**
   * Opens an object for reading; the whole of it without a range. Whoever calls must read to the end or destroy it.
   * @throws BlobNotFound
   */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /**
   * The same for those who are done with each piece before they ask for the next.
   * @throws BlobNotFound
   */
  pieces(key: string, range?: ByteRange): Promise<BlobPieces>;
  /** Where objects are files: the path of an object's file in the store's folder, slashes between its parts. */
  pathOf?(key: string): string;
  /** Does nothing when there is no such object. */
  delete(key: string): Promise<void>;
  /**
   * Removes the unpublished bytes of uploads whose process died.
   * @param before milliseconds since 1970; what was touched later may still be coming in
   * @returns how many were removed
   */
  removeLeftovers(before: number): Promise<number>;
}

/** Pieces as a stream, whose chunks are the reader's own. */
export function streamOf(pieces: BlobPieces): Readable {
  const own = {
    async next() {
      const { done, value } = await pieces.next();
      return done ? { done, value } : { done: false, value: Buffer.from(value) };
    },
    return: () => pieces.return(),
  };
  return Readable.from({ [Symbol.asyncIterator]: () => own }, { objectMode: false, highWaterMark: 1 });
}

/** The other way round. */
export function piecesOf(stream: Readable): BlobPieces {
  const iterator = stream[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    async return() {
      // the iterator of a stream that was not begun would leave it open
      stream.destroy();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const KEY = /^(?!\.{1,2}(\/|$))[\w.-]+(\/(?!\.{1,2}(\/|$))[\w.-]+)*$/;

/** @throws RangeError */
export function checkBlobKey(key: string): void {
  if (key.length > 512 || !KEY.test(key)) throw new RangeError(`${JSON.stringify(key)} cannot name an object`);
}

export class BlobTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`more than ${maxBytes} bytes`);
    this.name = 'BlobTooLarge';
  }
}

export class BlobTooSmall extends Error {
  constructor(minBytes: number) {
    super(`less than ${minBytes} bytes`);
    this.name = 'BlobTooSmall';
  }
}

export class BlobNotFound extends Error {
  constructor(key: string) {
    super(`there is no object ${key}`);
    this.name = 'BlobNotFound';
  }
}
