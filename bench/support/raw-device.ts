import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import { makeConnect } from '../../src/wire/mqtt-connect.ts';

export interface RawDeviceOptions {
  readonly host: string;
  readonly port: number;
  /** The address of this side: one has no more than some 28,000 ports. */
  readonly localAddress: string;
  readonly keepaliveS: number;
  readonly identity: { readonly productKey: string; readonly deviceName: string; readonly deviceSecret: string };
  readonly onMessage: (topic: string, payload: Buffer) => void;
  /** An accepted connection has ended without having been asked to. */
  readonly onLost: () => void;
}

const PINGREQ = Buffer.from([0xc0, 0]);
const DISCONNECT = Buffer.from([0xe0, 0]);

/** What all sockets of this process read into: a message is dealt with before the next one is read. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

/**
 * A device that speaks MQTT 3.1.1 in hand-made frames, so that one process holds as many as it has descriptors and leaves
 * the machine to the server. One QoS 1 message of its own at a time.
 */
export class RawDevice {
  readonly #options: RawDeviceOptions;
  #socket: Socket | undefined;
  #held: Buffer | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
  #lastId = 0;
  #open = false;
  /** What is waited for is the answer to a ping. */
  #pinging = false;

  constructor(options: RawDeviceOptions) {
    this.#options = options;
  }

  /** Resolves at CONNACK. */
  connect(): Promise<void> {
    const { host, port, localAddress } = this.#options;
    const accepted = Promise.withResolvers<void>();
    this.#waiting = accepted;
    const socket = connect({
      host,
      port,
      localAddress,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (size) => {
          this.#read(readBuffer.subarray(0, size));
          return true;
        },
      },
    });
    this.#socket = socket;
    socket.on('connect', () => socket.write(this.#connectFrame()));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
    return accepted.promise;
  }

  /** At QoS 1. Resolves at PUBACK; rejects when the connection ends before. */
  publish(topic: string, payload: string): Promise<void> {
    this.#lastId = (this.#lastId % 65_535) + 1;
    return this.#ask(publishFrame(topic, payload, this.#lastId));
  }

  #ask(frame: Buffer): Promise<void> {
    if (this.#waiting) throw new Error('one message at a time');
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    this.#socket?.write(frame);
    return waiting.promise;
  }

  /** Resolves at PINGRESP. */
  ping(): Promise<void> {
    this.#pinging = true;
    return this.#ask(PINGREQ);
  }

  /** A ping whose answer nobody waits for, unless something is under way that does as well. */
  keepAlive(): void {
    if (this.#open && !this.#waiting) this.#socket?.write(PINGREQ);
  }

  /** Says goodbye; resolves when the socket is closed. */
  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    this.#open = false;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.end(DISCONNECT);
    await closed;
  }

  #connectFrame(): Buffer {
    const { identity, keepaliveS } = this.#options;
    const { clientId, username, password } = makeConnect(identity, { extra: { _ss: '1' } });
    return generate({
      cmd: 'connect',
      clientId,
      username,
      password: Buffer.from(password),
      keepalive: keepaliveS,
      clean: true,
      protocolVersion: 4,
    });
  }

  #read(chunk: Buffer): void {
    let bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = undefined;
    for (let frame = frameOf(bytes); frame; frame = frameOf(bytes)) {
      this.#take(bytes.subarray(0, frame.end), frame.start);
      bytes = bytes.subarray(frame.end);
    }
    // the buffer is shared
    if (bytes.length > 0) this.#held = Buffer.from(bytes);
  }

  /** @param start of what follows the fixed header */
  #take(frame: Buffer, start: number): void {
    const first = frame[0] ?? 0;
    switch (first >> 4) {
      case 2: // CONNACK
        if (frame[3] !== 0) return this.#fail(new Error(`refused with code ${frame[3]}`));
        this.#open = true;
        return this.#done();
      case 4: // PUBACK
        return this.#done();
      case 13: // PINGRESP
        if (this.#pinging) this.#done();
        return;
      case 3: {
        const payloadAt = start + 2 + frame.readUInt16BE(start);
        const isAcknowledged = (first & 0x06) !== 0;
        const topic = frame.toString('utf8', start + 2, payloadAt);
        if (isAcknowledged)
          this.#socket?.write(Buffer.from([0x40, 2, frame[payloadAt] ?? 0, frame[payloadAt + 1] ?? 0]));
        this.#options.onMessage(topic, frame.subarray(isAcknowledged ? payloadAt + 2 : payloadAt));
        return;
      }
    }
  }

  #done(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#pinging = false;
    waiting?.resolve();
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
    this.#socket?.destroy();
  }

  #closed(): void {
    if (this.#open) this.#options.onLost();
    this.#open = false;
    this.#fail(new Error('the connection ended'));
  }
}

function publishFrame(topic: string, payload: string, messageId: number): Buffer {
  const topicLength = Buffer.byteLength(topic);
  const remaining = 4 + topicLength + Buffer.byteLength(payload);
  const header = remaining < 128 ? [0x32, remaining] : [0x32, (remaining % 128) | 0x80, Math.floor(remaining / 128)];
  const frame = Buffer.allocUnsafe(header.length + remaining);
  frame.set(header);
  let at = frame.writeUInt16BE(topicLength, header.length);
  at += frame.write(topic, at);
  at = frame.writeUInt16BE(messageId, at);
  frame.write(payload, at);
  return frame;
}

/** Where the first frame's body starts and ends; undefined while it is not there as a whole. */
function frameOf(bytes: Buffer): { readonly start: number; readonly end: number } | undefined {
  let remaining = 0;
  for (let index = 1; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    remaining += (byte & 127) * 128 ** (index - 1);
    if (byte > 127) continue;
    const end = index + 1 + remaining;
    return end <= bytes.length ? { start: index + 1, end } : undefined;
  }
  return undefined;
}
