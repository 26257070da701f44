import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AmqpFrameCutter, AmqpViolation } from '../../../src/wire/amqp-frames.ts';

const bounds = { frameBytes: 1_000, channels: 7, deliveries: 100 };
const cutter = () => new AmqpFrameCutter(bounds);
const header = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');

function frame(body: number[] | Buffer, { channel = 0, type = 0 } = {}): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 2, type, 0, channel]);
  const bytes = Buffer.concat([head, Buffer.from(body)]);
  bytes.writeUInt32BE(bytes.length);
  return bytes;
}

/** A performative with the fields in a list8. */
const performative = (code: number, fields: number[], count: number) => [
  ...[0x00, 0x53, code, 0xc0, fields.length + 1, count],
  ...fields,
];
const OPEN = frame(performative(0x10, [0xa1, 2, 0x61, 0x62], 1));
const uint = (value: number) => [0x70, ...Buffer.from(new Uint32Array([value]).buffer).reverse()];
const disposition = (first: number, last: number) =>
  frame(performative(0x15, [0x41, ...uint(first), ...uint(last), 0x41], 4));

describe('a stream of AMQP', () => {
  it('is cut into headers and frames, however it arrives', () => {
    const frames = [header, OPEN, frame([]), disposition(0, 99), frame([0x00, 0x53, 0x18, 0x45])];
    const stream = Buffer.concat(frames);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sizes) => {
        const cut = cutter();
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(...cut.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(pieces).toEqual(frames);
      }),
    );
  });

  it.each([
    ['a frame of a gigabyte', Buffer.from([0x40, 0, 0, 0])],
    ['a frame shorter than its header', Buffer.from([0, 0, 0, 4])],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a body before the frame', Buffer.from([0, 0, 0, 9, 1, 0, 0, 0, 0])],
    ['a body behind the frame', Buffer.from([0, 0, 0, 9, 9, 0, 0, 0, 0])],
    ['a channel that is too high', frame([0x00, 0x53, 0x18, 0x45], { channel: 8 })],
    ['a value without a descriptor', frame([0x45])],
    ['bytes behind the performative', frame([0x00, 0x53, 0x18, 0x45, 0x40])],
    ['an unknown type', frame([0x00, 0x53, 0x10, 0x3f])],
    ['a transfer', frame(performative(0x14, [0x43], 1))],
    ['a disposition of everything', disposition(0, 0xff_ff_ff_ff)],
    ['a disposition of one too many', disposition(5, 105)],
    ['a disposition of nothing', frame(performative(0x15, [0x41], 1))],
    ['a list of four billion', frame([0x00, 0x53, 0x10, 0xd0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff])],
    ['a list of more than its bytes', frame(performative(0x10, [0x40], 200))],
    ['an array of four billion nulls', frame([0x00, 0x53, 0x10, 0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40])],
    ['a text that goes on behind the frame', frame([0x00, 0x53, 0x10, 0xb1, 0, 0, 1, 0])],
    ['a list of another size than it says', frame([0x00, 0x53, 0x10, 0xc0, 4, 1, 0x40, 0x40, 0x40])],
    ['values in values', frame(Buffer.concat([Buffer.alloc(500, 0), Buffer.from([0x40])]))],
  ])('is refused: %s', (_, bytes) => {
    expect(() => cutter().push(bytes)).toThrow(AmqpViolation);
  });

  it('takes the nested values that peers send', () => {
    const source = [0x00, 0x53, 0x28, 0xc0, 3, 2, 0x40, 0x43];
    const capabilities = [0xe0, 6, 2, 0xa3, 1, 0x61, 1, 0x62];
    const attach = frame(performative(0x12, [0xa1, 1, 0x6c, 0x43, 0x41, ...source, 0x40, ...capabilities], 6));
    expect(cutter().push(attach)).toEqual([attach]);
  });

  it('is never believed: any bytes are cut, waited for or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        try {
          cutter().push(frame(Buffer.from(body)));
        } catch (error) {
          expect(error).toBeInstanceOf(AmqpViolation);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
