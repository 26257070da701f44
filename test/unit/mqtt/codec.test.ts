import fc from 'fast-check';
import { type Packet, parser } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { Decoder, encode, encodePuback, type MqttVersion, readProtocol } from '../../../src/mqtt/codec.ts';

const versions = fc.constantFrom<MqttVersion>(3, 4, 5);
const ping = Buffer.from([0xc0, 0]);

/** What the codec itself makes of a frame; undefined where it is not one whole packet. */
function byCodec(version: MqttVersion, frame: Buffer): Packet | undefined {
  const codec = parser({ protocolVersion: version });
  let found: Packet | undefined;
  let failed = false;
  codec.on('packet', (packet) => {
    found = packet;
  });
  codec.on('error', () => {
    failed = true;
  });
  try {
    return codec.parse(frame) > 0 || failed ? undefined : found;
  } catch {
    return undefined;
  }
}

const seen = (packet: Packet | undefined) => {
  if (packet?.cmd !== 'publish') return packet?.cmd;
  const { topic, payload, qos, dup, retain, messageId = 0, properties } = packet;
  return { topic, payload: payload.toString('hex'), qos, dup, retain, messageId, properties };
};

describe('the decoder', () => {
  test('reads packets of connections in turn, whatever their versions', () => {
    const decoder = new Decoder();
    const publish = {
      cmd: 'publish',
      topic: 't',
      payload: Buffer.from('x'),
      qos: 1,
      messageId: 7,
      dup: false,
      retain: false,
    } as const;
    for (const version of [5, 3, 4, 5, 4, 3] as const) {
      expect(decoder.decode(version, encode(version, publish))).toMatchObject({ topic: 't', messageId: 7 });
    }
  });

  const publishes = fc.record({
    topic: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
    payload: fc.uint8Array({ maxLength: 20_000 }),
    qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    dup: fc.boolean(),
    retain: fc.boolean(),
    messageId: fc.integer({ min: 1, max: 65_535 }),
    properties: fc.constantFrom({}, { contentType: 'json' }, { topicAlias: 3 }),
  });

  test('reads a PUBLISH as the codec does', () => {
    const decoder = new Decoder();
    fc.assert(
      fc.property(versions, publishes, (version, { payload, qos, dup, ...rest }) => {
        const packet = { cmd: 'publish', ...rest, payload: Buffer.from(payload), qos, dup: dup && qos > 0 } as const;
        const frame = encode(version, packet);
        expect(seen(decoder.decode(version, frame))).toEqual(seen(byCodec(version, frame)));
      }),
    );
  });

  test('refuses and takes the same frames as the codec, whole, cut and changed', () => {
    const decoder = new Decoder();
    const frames = fc.oneof(
      fc
        .tuple(fc.integer({ min: 0x30, max: 0x3f }), fc.uint8Array({ maxLength: 40 }))
        .map(([first, body]) => Buffer.from([first, body.length, ...body])),
      fc.tuple(versions, publishes, fc.nat(300), fc.nat(255)).map(([version, { payload, ...rest }, at, byte]) => {
        const whole = { cmd: 'publish', ...rest, payload: Buffer.from(payload.subarray(0, 40)) } as const;
        const frame = encode(version, whole);
        frame[at % frame.length] = byte;
        return frame.subarray(0, frame.length - (at % 3));
      }),
    );
    fc.assert(
      fc.property(versions, frames, (version, frame) => {
        const expected = byCodec(version, frame);
        let found: Packet | undefined;
        try {
          found = decoder.decode(version, frame);
        } catch {}
        expect(seen(found)).toEqual(seen(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is not confused by what was malformed before', () => {
    const decoder = new Decoder();
    fc.assert(
      fc.property(versions, fc.nat(255), fc.uint8Array({ maxLength: 100 }), (version, first, body) => {
        try {
          decoder.decode(version, Buffer.from([first, body.length, ...body]));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        expect(decoder.decode(version, ping).cmd).toBe('pingreq');
      }),
    );
  });

  test('takes the version from its argument after a CONNECT of another', () => {
    const decoder = new Decoder();
    const connect: Packet = { cmd: 'connect', clientId: 'c', protocolVersion: 4, clean: true, keepalive: 60 };
    decoder.decode(5, encode(4, connect));
    const publish = encode(5, { cmd: 'publish', topic: 't', payload: 'x', qos: 0, dup: false, retain: false });
    expect(decoder.decode(5, publish)).toMatchObject({ topic: 't', payload: Buffer.from('x') });
  });

  test('wants one whole packet', () => {
    const decoder = new Decoder();
    expect(() => decoder.decode(4, Buffer.from([0x30, 5, 0]))).toThrow();
    expect(decoder.decode(4, ping).cmd).toBe('pingreq');
  });
});

test('a PUBACK has the bytes that the codec gives it', () => {
  fc.assert(
    fc.property(versions, fc.integer({ min: 1, max: 65_535 }), fc.nat(255), (version, messageId, reasonCode) => {
      expect(encodePuback(version, messageId, reasonCode)).toEqual(
        encode(version, { cmd: 'puback', messageId, reasonCode }),
      );
    }),
  );
});

describe('the protocol of a CONNECT', () => {
  const connect = (name: string, level: number) => {
    const body = Buffer.concat([
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([level, 2, 0, 60, 0, 0]),
    ]);
    return Buffer.concat([Buffer.from([0x10, body.length]), body]);
  };

  test.each([
    ['MQIsdp', 3, { version: 3 }],
    ['MQTT', 4, { version: 4 }],
    ['MQTT', 5, { version: 5 }],
    ['MQIsdp', 4, { version: 4, unsupported: 4 }],
    ['MQTT', 0, { version: 4, unsupported: 0 }],
    ['MQTT', 127, { version: 5, unsupported: 127 }],
    ['MQTT', 132, { version: 4, unsupported: 132 }],
    ['AMQP', 4, undefined],
  ])('%s level %s', (name, level, expected) => {
    expect(readProtocol(connect(name, level))).toEqual(expected);
  });

  test('of random bytes never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void readProtocol(Buffer.from(bytes))));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void readProtocol(Buffer.from([0x10, ...bytes]))),
    );
  });
});
