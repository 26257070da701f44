import { generate, type Packet, type Parser, parser } from 'mqtt-packet';

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
