import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { type AmqpBounds, AmqpFrameCutter, AmqpViolation } from '../wire/amqp-frames.ts';

/** What a connection may make this process keep beside its messages. */
const bounds: AmqpBounds = { frameBytes: 65_536, channels: 7, deliveries: 2_048 };

/** What the peer is told of them. */
export const MAX_FRAME_BYTES = bounds.frameBytes;
export const MAX_CHANNEL = bounds.channels;

/**
 * A socket as rhea takes it. Whole frames that were looked at go to rhea, one by one; what is no AMQP, or asks for too
 * much, ends the socket. `data`, `end` and `error` are what rhea listens to.
 */
export class GuardedSocket extends EventEmitter {
  readonly #socket: Socket;
  readonly #cutter = new AmqpFrameCutter(bounds);
  #held: Buffer[] | undefined;

  /** @param refuse hears why the socket was ended */
  constructor(socket: Socket, refuse: (why: string) => void) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of this.#cutter.push(chunk)) this.#pass(frame);
      } catch (error) {
        if (!(error instanceof AmqpViolation)) throw error;
        refuse(error.message);
        socket.destroy();
      }
    });
    // a socket that is gone can tell nothing more than that it is
    socket.on('error', () => {});
    // rhea does not listen to this one, and its timers would go on
    socket.once('close', () => this.emit('end'));
  }

  #pass(frame: Buffer): void {
    if (!this.#held) this.emit('data', frame);
    else if (this.#held.length < 16) this.#held.push(frame);
    else throw new AmqpViolation('too many frames before the outcome of the login');
  }

  /** Keeps what comes from here on: some peers do not wait for the outcome of their login, which rhea cannot take. */
  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const frame of held) if (!this.#socket.destroyed) this.emit('data', frame);
  }

  /** Bytes that the peer has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
