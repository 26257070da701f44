import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { BlobStore } from '../../src/blob/blob-store.ts';
import { openBlobStore } from '../../src/blob/open-blob-store.ts';

/** A store in a folder that goes with the test; every read is written down. */
export interface TestBlobs extends BlobStore {
  /** Keys, in the order of the reads. */
  readonly reads: string[];
  /** Puts an object there without further ado. */
  set(key: string, bytes: string | Uint8Array): ReturnType<BlobStore['put']>;
}

export async function openTestBlobs(): Promise<TestBlobs> {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-blobs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = await openBlobStore(`file:${folder}`);
  const reads: string[] = [];
  return {
    ...store,
    reads,
    read(key, range) {
      reads.push(key);
      return store.read(key, range);
    },
    set(key, bytes) {
      const file = Buffer.from(bytes);
      return store.put(key, Readable.from([file]), { maxBytes: file.length });
    },
  };
}
