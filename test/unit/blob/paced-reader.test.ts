import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPaced } from '../../../src/blob/paced-reader.ts';
import { createTestClock } from '../../support/test-clock.ts';

const KiB = 1024;
const folder = mkdtempSync(join(tmpdir(), 'otaru-paced-'));
const path = join(folder, 'file');
const bytes = randomBytes(8 * 1024 * KiB);
writeFileSync(path, bytes);
afterAll(() => rmSync(folder, { recursive: true }));

/** Sizes of the pieces, in KiB, that a reader gets who takes this long over each. */
async function sizes(tookMs: readonly number[]): Promise<number[]> {
  const clock = createTestClock();
  const pauses = tookMs.values();
  const got: number[] = [];
  let left = bytes.length;
  const body = readPaced(await open(path), { start: 0, end: bytes.length - 1 }, clock);
  for await (const piece of body) {
    got.push(piece.length / KiB);
    left -= piece.length;
    const pause = pauses.next().value;
    if (pause === undefined) break;
    // the next piece is read meanwhile
    while (left > 0 && body.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(pause);
  }
  return got;
}

describe('paced reader', () => {
  it('gives a quick reader larger pieces, to 1 MiB', async () => {
    const got = await sizes(Array(20).fill(0));
    expect(got.slice(0, 2)).toEqual([64, 128]);
    expect(Math.max(...got)).toBe(1024);
    expect(got.reduce((sum, size) => sum + size)).toBe(8 * 1024);
  });

  it('keeps pieces small for a slow one', async () => {
    // the second is read while the first is on its way, before any pace is known
    expect(await sizes([500, 500, 500, 500])).toEqual([64, 128, 64, 64, 64]);
  });

  it('follows a reader that slows down', async () => {
    const got = await sizes([0, 0, 0, 0, 0, 500, 500, 500, 500, 500, 500]);
    expect(got.at(-1)).toBeLessThan(Math.max(...got));
  });

  it('fails when the file is shorter than the range', async () => {
    const body = readPaced(await open(path), { start: bytes.length - 5, end: bytes.length + 5 }, createTestClock());
    await expect(body.toArray()).rejects.toThrow('the file ends');
  });
});
