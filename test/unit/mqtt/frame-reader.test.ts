import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from '../../../src/mqtt/frame-reader.ts';

const MAX = 20_000;

function frame(type: number, body: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    const more = rest >= 128;
    length.push((rest & 127) | (more ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

const frames = fc.array(
  fc
    .tuple(fc.nat(255), fc.oneof(fc.nat(300), fc.nat(MAX)))
    .map(([type, length]) => frame(type, Buffer.alloc(length, type))),
  { maxLength: 8 },
);

test('packets come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 5_000 })), (sent, cuts) => {
      const stream = Buffer.concat(sent);
      const reader = new FrameReader(MAX);
      const received: Buffer[] = [];
      for (let at = 0, index = 0; at < stream.length; index++) {
        const size = cuts[index % cuts.length] ?? 1_000;
        // the buffer of a socket is used again: what is kept must be a copy
        const chunk = Buffer.from(stream.subarray(at, at + size));
        received.push(...reader.push(chunk).map((bytes) => Buffer.from(bytes)));
        chunk.fill(0xee);
        at += size;
      }
      expect(reader.fault).toBeUndefined();
      expect(Buffer.concat(received)).toEqual(stream);
      expect(received.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
    }),
  );
});

test('an oversized packet is refused by its header; the packets before it are not lost', () => {
  const reader = new FrameReader(300);
  const good = frame(0x30, Buffer.alloc(300));
  const header = frame(0x30, Buffer.alloc(301)).subarray(0, 3);
  expect(reader.push(Buffer.concat([good, header.subarray(0, 2)]))).toEqual([good]);
  expect(reader.fault).toBeUndefined();
  expect(reader.push(header.subarray(2))).toEqual([]);
  expect(reader.fault).toBe('tooLarge');
  expect(reader.push(good)).toEqual([]);
});

test('a length of five bytes is no length', () => {
  const reader = new FrameReader(MAX);
  reader.push(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]));
  expect(reader.fault).toBe('badLength');
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
      const reader = new FrameReader(MAX);
      for (const chunk of chunks) reader.push(Buffer.from(chunk));
    }),
  );
});
