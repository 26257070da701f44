import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

export interface PeerConnection {
  readonly socket: Socket;
  send(packet: Packet): void;
}

export interface Peer extends AsyncDisposable {
  readonly port: number;
  readonly received: Packet[];
}

/** A server that does with a client what no proper gateway would: the test says what is answered to each packet. */
export async function openPeer(answer: (packet: Packet, connection: PeerConnection) => void): Promise<Peer> {
  const received: Packet[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const connection = { socket, send: (packet: Packet) => socket.write(generate(packet)) };
    const reader = parser();
    reader.on('packet', (packet) => {
      received.push(packet);
      answer(packet, connection);
    });
    socket.on('data', (chunk) => reader.parse(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    received,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const accept: Packet = { cmd: 'connack', returnCode: 0, sessionPresent: false };
