import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { BlobNotFound, type BlobPieces, type BlobStore, type ByteRange, checkBlobKey, streamOf } from './blob-store.ts';
import { readPieces } from './file-pieces.ts';
import { createIntake } from './intake.ts';

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * Objects as files in a folder, `ab/cd/<SHA-256 of the key>`. Incoming bytes are in `tmp/` until they are complete
 * and on the disk. Several processes may share the folder.
 */
export async function openDiskStore(folder: string, clock: Clock): Promise<BlobStore> {
  const incoming = join(folder, 'tmp');
  await mkdir(incoming, { recursive: true });

  // the hash also spreads the files, so that no folder grows too large
  const relativePathOf = (key: string) => {
    checkBlobKey(key);
    const name = createHash('sha256').update(key).digest('hex');
    return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
  };
  const pathOf = (key: string) => join(folder, relativePathOf(key));

  const pieces = async (key: string, range?: ByteRange): Promise<BlobPieces> => {
    let file: FileHandle;
    try {
      file = await open(pathOf(key), 'r');
    } catch (error) {
      throw isMissing(error) ? new BlobNotFound(key) : error;
    }
    try {
      const { start, end } = range ?? { start: 0, end: (await file.stat()).size - 1 };
      return readPieces(file, { start, end }, clock);
    } catch (error) {
      await file.close();
      throw error;
    }
  };

  return {
    pathOf: relativePathOf,
    async put(key, body, options) {
      const path = pathOf(key);
      const intake = createIntake(body, options);
      const { publish = (_blob, makeReadable) => makeReadable() } = options;
      const temporary = join(incoming, randomUUID());
      try {
        await writeFile(temporary, intake.pieces);
        const blob = intake.result();
        await publish(blob, async () => {
          const made = await mkdir(dirname(path), { recursive: true });
          await rename(temporary, path);
          // a rename, and a new folder, are safe only when the folders around them are
          await syncFolder(dirname(path));
          if (made !== undefined) for (const above of [dirname(dirname(path)), folder]) await syncFolder(above);
        });
        return blob;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async head(key) {
      try {
        return { size: (await stat(pathOf(key))).size };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    read: async (key, range) => streamOf(await pieces(key, range)),
    pieces,
    async delete(key) {
      await rm(pathOf(key), { force: true });
    },
    async removeLeftovers(before) {
      let removed = 0;
      for (const name of await readdir(incoming)) {
        const path = join(incoming, name);
        try {
          // a file that still grows is younger than that
          if ((await stat(path)).mtimeMs >= before) continue;
        } catch (error) {
          if (isMissing(error)) continue;
          throw error;
        }
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function writeFile(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o640);
  for await (const piece of pieces) await file.writeFile(piece);
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}
