import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode } from '../../../src/mqtt/codec.ts';
import { Outbound, packetSize } from '../../../src/mqtt/outbound.ts';

const message = { topic: 't', payload: Buffer.from('x') };

test('the size of a packet is foretold exactly', () => {
  const payload = fc.oneof(fc.nat(200), fc.nat(20_000)).map((length) => Buffer.alloc(length));
  fc.assert(
    fc.property(fc.string(), payload, fc.constantFrom(0, 1), fc.constantFrom(3, 4, 5), (topic, bytes, qos, version) => {
      const packet = { cmd: 'publish', topic, payload: bytes, qos, messageId: 1, dup: false, retain: false } as const;
      expect(packetSize({ topic, payload: bytes }, qos, version)).toBe(encode(version, packet).length);
    }),
  );
});

test('message ids run from 1 to 65535 and round again, passing over those in flight', () => {
  const ids: number[] = [];
  const outbound = new Outbound({
    version: 4,
    inFlight: 3,
    waiting: 0,
    write: (bytes) => ids.push(bytes.readUInt16BE(2 + 2 + 1)),
  });
  outbound.send(message, 0);
  outbound.send(message, 0);
  for (let round = 3; round <= 65_536 + 2; round++) {
    expect(outbound.send(message, 0)).toBe(true);
    outbound.acknowledged(ids.at(-1) ?? 0, 0);
  }
  expect(ids[0]).toBe(1);
  expect(Math.max(...ids.slice(-70_000, 65_535))).toBe(65_535);
  // 1 and 2 were never acknowledged
  expect(ids[65_535]).toBe(3);
});
