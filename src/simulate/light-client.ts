import { connect as connectTcp, type Socket } from 'node:net';
import { generate, type Packet, parser as packetParser } from 'mqtt-packet';
import type { Clock } from '../lib/clock.ts';

export interface LightClientOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  readonly clock: Clock;
  /** Seconds of silence that are promised never to be exceeded. The platform takes 30 to 1200 (device-protocol 1.6). */
  readonly keepaliveS?: number | undefined;
  /** How long TCP and CONNACK may take together. */
  readonly connectTimeoutMs?: number;
  /** Gives up connecting; an accepted connection is closed by `close` or `cut`. */
  readonly signal?: AbortSignal;
  /** A QoS 1 message is acknowledged when this returns. It may come again. Must not throw. */
  readonly onMessage: (topic: string, payload: Buffer) => void;
  /** Called once when an accepted connection ends; without an error when this side closed it. */
  readonly onClose: (error: Error | undefined) => void;
}

/** An accepted MQTT 3.1.1 connection. Disposing is the same as `close`. */
export interface LightClient extends AsyncDisposable {
  /** QoS 0 resolves when the bytes are handed to the socket, QoS 1 at PUBACK. Rejects when the connection ends before. */
  publish(topic: string, payload: string, qos: 0 | 1): Promise<void>;
  /** Says DISCONNECT and closes. Safe to call again. */
  close(): Promise<void>;
  /** Drops the TCP connection without a word, as a loss of power does. */
  cut(): void;
}

/** The server answered CONNECT with a code other than 0 (device-protocol 1.5). */
export class ConnectRefused extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`the server refused the connection with code ${code}`);
    this.name = 'ConnectRefused';
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const PINGREQ = generate({ cmd: 'pingreq' });
const DISCONNECT = generate({ cmd: 'disconnect' });

/**
 * Connects over plain TCP and waits for CONNACK. Rejects with {@link ConnectRefused}, or with the error of the socket.
 *
 * It keeps one timer per connection and nothing per message but the promise of a QoS 1 publish, so that
 * one process can hold many thousands (a full client library is too heavy for 10,000; measured-limits 7).
 * There is no SUBSCRIBE: the server delivers system topics to their device unasked (device-protocol 1.6).
 */
export function connectLightClient(options: LightClientOptions): Promise<LightClient> {
  const { clock, keepaliveS = 120, connectTimeoutMs = 15_000 } = options;
  return new Promise<LightClient>((resolve, reject) => {
    options.signal?.throwIfAborted();
    const socket = connectTcp({ host: options.host, port: options.port, noDelay: true });
    const acks = new Map<number, Waiting>();
    const closed = Promise.withResolvers<void>();
    let accepted = false;
    let closing = false;
    let failure: Error | undefined;
    let lastId = 0;
    let sent = true;
    let pinged = false;
    let timer = clock.after(connectTimeoutMs, () => drop(new Error('no CONNACK in time')));

    const drop = (error: Error) => {
      failure ??= error;
      socket.destroy();
    };
    const abort = () => drop(new Error('connecting was given up'));
    options.signal?.addEventListener('abort', abort, { once: true });
    const write = (bytes: Buffer) => {
      sent = true;
      socket.write(bytes);
    };

    // silence that begins right after one beat is noticed by the second one: 0.8 of the keep-alive at most
    const beat = () => {
      timer = clock.after(keepaliveS * 400, () => {
        if (pinged) return drop(new Error('the server did not answer a ping'));
        if (!sent) {
          pinged = true;
          socket.write(PINGREQ);
        }
        sent = false;
        beat();
      });
    };

    const freeId = () => {
      do lastId = (lastId % 65_535) + 1;
      while (acks.has(lastId));
      return lastId;
    };

    const client: LightClient = {
      async publish(topic, payload, qos) {
        if (closing || socket.destroyed) throw failure ?? new Error('the connection is closed');
        const packet = { cmd: 'publish', topic, payload, retain: false, dup: false } as const;
        if (qos === 0) return write(generate({ ...packet, qos }));
        const messageId = freeId();
        const ack = Promise.withResolvers<void>();
        acks.set(messageId, ack);
        write(generate({ ...packet, qos, messageId }));
        await ack.promise;
      },
      async close() {
        if (!closing && !socket.destroyed) {
          closing = true;
          socket.end(DISCONNECT);
          // not waiting for the server's FIN: a server that hangs must not hold the device
          socket.destroySoon();
        }
        await closed.promise;
      },
      cut() {
        closing = true;
        socket.destroy();
      },
      [Symbol.asyncDispose]: () => client.close(),
    };

    const receive = (packet: Packet) => {
      if (socket.destroyed) return;
      if (!accepted) {
        if (packet.cmd !== 'connack') return drop(new Error(`expected CONNACK, got ${packet.cmd}`));
        const code = packet.returnCode ?? 0;
        if (code !== 0) return drop(new ConnectRefused(code));
        accepted = true;
        options.signal?.removeEventListener('abort', abort);
        timer[Symbol.dispose]();
        beat();
        return resolve(client);
      }
      switch (packet.cmd) {
        case 'publish':
          options.onMessage(packet.topic, asBuffer(packet.payload));
          if (packet.qos === 1 && !closing) write(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }));
          return;
        case 'puback': {
          const id = packet.messageId ?? 0;
          acks.get(id)?.resolve();
          acks.delete(id);
          return;
        }
        case 'pingresp':
          pinged = false;
          return;
        default:
          return drop(new Error(`unexpected packet ${packet.cmd}`));
      }
    };

    const parser = packetParser({ protocolVersion: 4 });
    parser.on('packet', receive);
    parser.on('error', drop);
    listen(socket, (chunk) => parser.parse(chunk));
    socket.on('connect', () => {
      const { clientId, username } = options;
      const password = Buffer.from(options.password);
      write(
        generate({
          cmd: 'connect',
          clientId,
          username,
          password,
          keepalive: keepaliveS,
          clean: true,
          protocolVersion: 4,
        }),
      );
    });
    socket.on('error', (error) => {
      failure ??= error;
    });
    socket.on('close', () => {
      timer[Symbol.dispose]();
      options.signal?.removeEventListener('abort', abort);
      const error = failure ?? new Error('the server closed the connection');
      for (const ack of acks.values()) ack.reject(error);
      acks.clear();
      closed.resolve();
      if (accepted) options.onClose(closing ? undefined : error);
      else reject(error);
    });
  });
}

/** Reads as long as the peer sends; its FIN ends this side too. */
function listen(socket: Socket, take: (chunk: Buffer) => void): void {
  socket.on('data', take);
  socket.on('end', () => socket.destroy());
}

function asBuffer(payload: string | Buffer): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}
