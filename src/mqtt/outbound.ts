import { encode, type MqttVersion } from './codec.ts';

/** An unacknowledged message is sent again after this time, as 3.1 and 3.1.1 allow. */
const RESEND_MS = 20_000;
const MAX_RESENDS = 3;
/** MQTT 5 forbids to send again on the same connection (MQTT 5 4.4). */
const V5_PATIENCE_MS = 60_000;

const MAX_MESSAGE_ID = 65_535;
const DUP = 0x08;

export interface OutboundOptions {
  readonly version: MqttVersion;
  /** Unacknowledged messages at a time. */
  readonly inFlight: number;
  /** Messages that may wait for a place in flight; may change. */
  readonly waiting: number;
  readonly write: (bytes: Buffer) => void;
}

interface Sent {
  readonly bytes: Buffer;
  at: number;
  resends: number;
}

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
}

/** The QoS 1 messages of one connection on their way to the device. */
export class Outbound {
  readonly #options: OutboundOptions;
  readonly #inFlight = new Map<number, Sent>();
  readonly #waiting: Message[] = [];
  #lastId = 0;

  constructor(options: OutboundOptions) {
    this.#options = options;
  }

  /** @returns false when too many wait already */
  send(message: Message, now: number): boolean {
    if (this.#inFlight.size < this.#options.inFlight) this.#transmit(message, now);
    else if (this.#waiting.length < this.#options.waiting) this.#waiting.push(message);
    else return false;
    return true;
  }

  /** The device has the message; unknown ids are late answers to a resend. */
  acknowledged(messageId: number, now: number): void {
    if (!this.#inFlight.delete(messageId)) return;
    const next = this.#waiting.shift();
    if (next) this.#transmit(next, now);
  }

  /** Sends again what is due. @returns false when the device has had its chances */
  sweep(now: number): boolean {
    for (const sent of this.#inFlight.values()) {
      const age = now - sent.at;
      if (this.#options.version === 5) {
        if (age >= V5_PATIENCE_MS) return false;
      } else if (age >= RESEND_MS) {
        if (sent.resends === MAX_RESENDS) return false;
        sent.resends++;
        sent.at = now;
        // a copy: the first bytes may still wait in the socket
        const again = Buffer.from(sent.bytes);
        again[0] = (again[0] ?? 0) | DUP;
        this.#options.write(again);
      }
    }
    return true;
  }

  #transmit({ topic, payload }: Message, now: number): void {
    const messageId = this.#freeId();
    const packet = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId } as const;
    const bytes = encode(this.#options.version, packet);
    this.#inFlight.set(messageId, { bytes, at: now, resends: 0 });
    this.#options.write(bytes);
  }

  #freeId(): number {
    do this.#lastId = (this.#lastId % MAX_MESSAGE_ID) + 1;
    while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }
}

/** Bytes of a PUBLISH without properties. */
export function packetSize({ topic, payload }: Message, qos: number, version: MqttVersion): number {
  const body = 2 + Buffer.byteLength(topic) + (qos > 0 ? 2 : 0) + (version === 5 ? 1 : 0) + payload.length;
  const lengthBytes = body < 128 ? 1 : body < 16_384 ? 2 : body < 2_097_152 ? 3 : 4;
  return 1 + lengthBytes + body;
}
