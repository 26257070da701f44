import { Readable } from 'node:stream';
import { BlobNotFound, type BlobStore } from '../../src/blob/blob-store.ts';

/** Objects that a test puts there; every read is written down. */
export interface MemoryBlobs extends Pick<BlobStore, 'read'> {
  readonly objects: Map<string, Buffer>;
  readonly reads: string[];
}

export function createMemoryBlobs(): MemoryBlobs {
  const objects = new Map<string, Buffer>();
  const reads: string[] = [];
  return {
    objects,
    reads,
    async read(key, range) {
      const bytes = objects.get(key);
      if (!bytes) throw new BlobNotFound(key);
      reads.push(key);
      return Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]);
    },
  };
}
