import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** A byte stream to a peer, over TCP, TLS or WebSocket. */
export interface Transport {
  readonly ip: string;
  /** Nobody on the way can read what is said: TLS ends here. */
  readonly secure: boolean;
  /** Bytes written and not yet taken by the system. */
  readonly unsent: number;
  /** @param taken called when the system has taken the bytes, or never will */
  write(bytes: Buffer, taken?: () => void): void;
  pause(): void;
  resume(): void;
  /** Closes this side after what was written; the peer is expected to close its own. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** Who reads a transport. */
export interface Receiver {
  receive(chunk: Buffer): void;
  /** Called once, at the end. */
  closed(): void;
}

const isSecure = (socket: Socket) => 'encrypted' in socket && socket.encrypted === true;

/** For errors whose 'close' event says all that is needed. */
export const ignoreError = () => undefined;

class TcpTransport implements Transport {
  readonly ip: string;
  readonly secure: boolean;
  readonly #socket: Socket;

  constructor(socket: Socket, ip: string) {
    this.#socket = socket;
    this.ip = ip;
    this.secure = isSecure(socket);
  }

  get unsent(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer, taken?: () => void): void {
    this.#socket.write(bytes, taken);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

class WebSocketTransport implements Transport {
  readonly ip: string;
  readonly secure: boolean;
  readonly #webSocket: WebSocket;

  constructor(webSocket: WebSocket, socket: Socket, ip: string) {
    this.#webSocket = webSocket;
    this.ip = ip;
    this.secure = isSecure(socket);
  }

  get unsent(): number {
    return this.#webSocket.bufferedAmount;
  }

  write(bytes: Buffer, taken?: () => void): void {
    this.#webSocket.send(bytes, taken);
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  end(): void {
    this.#webSocket.close(1000);
  }

  destroy(): void {
    this.#webSocket.terminate();
  }
}

/**
 * @param ip address of the peer
 * @param head bytes that were read from the socket already
 */
export function readTcp(socket: Socket, ip: string, open: (transport: Transport) => Receiver, head: Buffer): void {
  const receiver = open(new TcpTransport(socket, ip));
  socket.on('close', () => receiver.closed());
  socket.on('data', (chunk) => receiver.receive(chunk));
  receiver.receive(head);
}

/** MQTT in binary messages, whose borders mean nothing (MQTT 6). */
export function readWebSocket(
  webSocket: WebSocket,
  socket: Socket,
  ip: string,
  open: (transport: Transport) => Receiver,
): void {
  const transport = new WebSocketTransport(webSocket, socket, ip);
  const receiver = open(transport);
  webSocket.on('error', ignoreError);
  webSocket.on('close', () => receiver.closed());
  webSocket.on('message', (data, isBinary) => {
    if (isBinary) receiver.receive(data as Buffer);
    else transport.destroy();
  });
}
