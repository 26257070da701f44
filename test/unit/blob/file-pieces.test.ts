import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPieces } from '../../../src/blob/file-pieces.ts';
import { createTestClock } from '../../support/test-clock.ts';

const KiB = 1024;
const folder = mkdtempSync(join(tmpdir(), 'otaru-pieces-'));
const path = join(folder, 'file');
const bytes = randomBytes(8 * 1024 * KiB);
writeFileSync(path, bytes);
afterAll(() => rmSync(folder, { recursive: true }));

/** Sizes of the pieces, in KiB, that a reader gets who takes this long over each. */
async function sizes(tookMs: readonly number[]): Promise<number[]> {
  const clock = createTestClock();
  const pauses = tookMs.values();
  const got: number[] = [];
  for await (const piece of readPieces(await open(path), { start: 0, end: bytes.length - 1 }, clock)) {
    got.push(piece.length / KiB);
    const pause = pauses.next().value;
    if (pause === undefined) break;
    await clock.advance(pause);
  }
  return got;
}

describe('pieces of a file', () => {
  it('are larger for a quick reader, to 256 KiB', async () => {
    const got = await sizes(Array(40).fill(0));
    expect(got.slice(0, 3)).toEqual([64, 128, 256]);
    expect(Math.max(...got)).toBe(256);
    expect(got.reduce((sum, size) => sum + size)).toBe(8 * 1024);
  });

  it('stay small for a slow one', async () => {
    expect(await sizes([500, 500, 500, 500])).toEqual([64, 64, 64, 64, 64]);
  });

  it('follow a reader that slows down', async () => {
    expect(await sizes([0, 0, 0, 500, 500, 500])).toEqual([64, 128, 256, 256, 128, 64, 64]);
  });

  it('come in the same memory', async () => {
    const pieces = readPieces(await open(path), { start: 0, end: bytes.length - 1 }, createTestClock());
    const memory = new Set<ArrayBufferLike>();
    for await (const piece of pieces) memory.add(piece.buffer);
    expect(memory.size).toBe(3);
  });

  it('take no more memory than the range has bytes', async () => {
    const pieces = readPieces(await open(path), { start: 100, end: 611 }, createTestClock());
    const { value } = await pieces.next();
    expect(value?.buffer.byteLength).toBe(512);
    expect(Buffer.from(value ?? []).equals(bytes.subarray(100, 612))).toBe(true);
    await pieces.return();
  });

  it('are those of the range, and fail when the file is shorter', async () => {
    const range = { start: bytes.length - 5, end: bytes.length + 5 };
    const pieces = readPieces(await open(path), range, createTestClock());
    expect(Buffer.from((await pieces.next()).value ?? []).equals(bytes.subarray(-5))).toBe(true);
    await expect(pieces.next()).rejects.toThrow('the file ends');
    expect(await pieces.next()).toEqual({ done: true, value: undefined });
  });

  it('close the file, read or not', async () => {
    const file = await open(path);
    const pieces = readPieces(file, { start: 0, end: 9 }, createTestClock());
    await pieces.return();
    await pieces.return();
    expect(file.fd).toBe(-1);
    expect(await pieces.next()).toEqual({ done: true, value: undefined });
  });
});
