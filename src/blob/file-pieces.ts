import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import type { BlobPieces, ByteRange } from './blob-store.ts';

const SMALLEST = 64 * 1024;
const LARGEST = 256 * 1024;
/** Who is done with a piece in less is given larger ones, who takes longer than SLOW_MS smaller ones. */
const QUICK_MS = 20;
const SLOW_MS = 200;

/**
 * The bytes of a range of an open file, read into the same memory again and again: fresh memory for each piece costs
 * as much processor time as reading and sending together (1.0 against 0.5 s/GB). Larger pieces than 256 KiB send
 * no faster. Of slow clients there may be many at a time, so they get the small ones. The file is closed at the end,
 * whichever end that is.
 */
export function readPieces(file: FileHandle, range: ByteRange, clock: Clock): BlobPieces {
  let position = range.start;
  let size = SMALLEST;
  let memory = Buffer.alloc(0);
  let givenAt: number | undefined;
  let closed = false;

  const pacedSize = () => {
    if (givenAt === undefined) return SMALLEST;
    const tookMs = clock.now() - givenAt;
    if (tookMs < QUICK_MS) return Math.min(size * 2, LARGEST);
    return tookMs > SLOW_MS ? Math.max(size / 2, SMALLEST) : size;
  };
  const close = async () => {
    if (closed) return;
    closed = true;
    await file.close();
  };

  return {
    async next() {
      const left = range.end + 1 - position;
      if (closed || left <= 0) {
        await close();
        return { done: true, value: undefined };
      }
      size = pacedSize();
      const wanted = Math.min(size, left);
      // a block of a file may be a few hundred bytes; a larger piece than the pace asks for is given back
      if (memory.length < wanted || memory.length > size) memory = Buffer.allocUnsafeSlow(wanted);
      try {
        const { bytesRead } = await file.read(memory, 0, wanted, position);
        if (bytesRead === 0) throw new Error(`the file ends at ${position}, before ${range.end}`);
        position += bytesRead;
        givenAt = clock.now();
        return { done: false, value: memory.subarray(0, bytesRead) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    async return() {
      await close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
