import fc from 'fast-check';
import type { Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { Decoder, encode, type MqttVersion, readProtocol } from '../../../src/mqtt/codec.ts';

const versions = fc.constantFrom<MqttVersion>(3, 4, 5);
const ping = Buffer.from([0xc0, 0]);

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
