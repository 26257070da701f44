import { generate, type IPublishPacket, type Packet, type Parser, parser } from 'mqtt-packet';

/** MQTT 3.1, 3.1.1 and 5.0 by the level that CONNECT carries (device-protocol 1.1). */
export type MqttVersion = 3 | 4 | 5;

/** What the first packet of a connection asks for. */
export interface Protocol {
  /** The version to speak, or the one whose CONNACK the peer will understand best. */
  readonly version: MqttVersion;
  /** A level that is not spoken here. */
  readonly unsupported?: number;
}

const CONNECT = 0x10;
const PUBLISH = 0x30;
const PUBACK = 0x40;
/** Set in the level by bridges between brokers. */
const BRIDGE = 128;

/**
 * Reads protocol name and level of a CONNECT, ahead of the codec, which fails on levels it does not know.
 * @returns undefined when it is no MQTT at all
 */
export function readProtocol(frame: Buffer): Protocol | undefined {
  if (frame[0] !== CONNECT) return undefined;
  const lengthBytes = frame.subarray(1, 5).findIndex((byte) => byte < 128) + 1;
  const body = frame.subarray(1 + lengthBytes);
  if (body.length < 3) return undefined;
  const nameLength = body.readUInt16BE(0);
  const name = body.toString('latin1', 2, 2 + nameLength);
  const level = body[2 + nameLength];
  if (level === undefined || (name !== 'MQTT' && name !== 'MQIsdp')) return undefined;
  if (name === 'MQIsdp' && level === 3) return { version: 3 };
  if (name === 'MQTT' && (level === 4 || level === 5)) return { version: level };
  return { unsupported: level, version: level > 5 && level < BRIDGE ? 5 : 4 };
}

/** The bytes of a packet. */
export function encode(version: MqttVersion, packet: Packet): Buffer {
  return generate(packet, { protocolVersion: version });
}

/** The bytes of a PUBACK. @param reasonCode for MQTT 5 */
export function encodePuback(version: MqttVersion, messageId: number, reasonCode: number): Buffer {
  if (version === 5 && reasonCode !== 0) return encode(version, { cmd: 'puback', messageId, reasonCode });
  return Buffer.from([PUBACK, 2, messageId >> 8, messageId & 0xff]);
}

/**
 * Reads a PUBLISH, which is nearly all that devices send, as the codec does but straight from its bytes.
 * @returns undefined for other packets, and for whatever is unusual: the codec knows what to make of it
 */
function readPublish(version: MqttVersion, frame: Buffer): IPublishPacket | undefined {
  const first = frame[0] ?? 0;
  const qos = (first >> 1) & 3;
  if ((first & 0xf0) !== PUBLISH || (qos !== 0 && qos !== 1)) return undefined;
  let at = 1;
  let remaining = 0;
  for (let byte = 0x80; byte >= 0x80 && at <= 4; at += 1) {
    byte = frame[at] ?? 0;
    remaining += (byte & 0x7f) << (7 * (at - 1));
  }
  if (at + remaining !== frame.length || remaining < 2) return undefined;
  const topicAt = at + 2;
  const topicEnd = topicAt + frame.readUInt16BE(at);
  const propertiesAt = topicEnd + (qos > 0 ? 2 : 0);
  const payloadAt = propertiesAt + (version === 5 ? 1 : 0);
  if (payloadAt > frame.length || (version === 5 && frame[propertiesAt] !== 0)) return undefined;
  return {
    cmd: 'publish',
    topic: frame.toString('utf8', topicAt, topicEnd),
    payload: frame.subarray(payloadAt),
    qos,
    dup: (first & 0x08) !== 0,
    retain: (first & 0x01) !== 0,
    messageId: qos > 0 ? frame.readUInt16BE(topicEnd) : 0,
  };
}

/** Decodes packets of any number of connections: a packet at a time leaves no state behind. */
export class Decoder {
  readonly #parsers = new Map<MqttVersion, Parser>();
  #packet: Packet | undefined;
  #error: Error | undefined;

  /**
   * @param frame exactly one packet
   * @throws Error with a reason for the log when it is malformed
   */
  decode(version: MqttVersion, frame: Buffer): Packet {
    const publish = readPublish(version, frame);
    if (publish) return publish;
    const codec = this.#parsers.get(version) ?? this.#open(version);
    this.#packet = this.#error = undefined;
    try {
      const left = codec.parse(frame);
      const packet = this.#packet as Packet | undefined;
      if (this.#error) throw this.#error;
      if (!packet || left > 0) throw new Error('not one whole packet');
      // a CONNECT changes the settings of its parser
      if (packet.cmd === 'connect') this.#parsers.delete(version);
      return packet;
    } catch (error) {
      // the parser keeps its position after an error
      this.#parsers.delete(version);
      throw error;
    }
  }

  #open(version: MqttVersion): Parser {
    const codec = parser({ protocolVersion: version });
    codec.on('packet', (packet) => {
      this.#packet = packet;
    });
    codec.on('error', (error: Error) => {
      this.#error ??= error;
    });
    this.#parsers.set(version, codec);
    return codec;
  }
}
