import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Network } from '../net/networks.ts';
import { Peers } from '../net/peers.ts';
import { ignoreError, type Receiver, readTcp, readWebSocket, type Transport } from './transport.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM. Without it TLS is not spoken. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Networks of proxies that speak the PROXY protocol. */
  readonly proxies?: readonly Network[];
}

export interface Listener extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  /** Closes sockets that have not said in time what they speak. */
  sweep(now: number): void;
  /** Accepts nobody any more and drops sockets that have not become connections. */
  stop(): void;
}

export interface ListenerDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** What a socket gets to say what it speaks, TLS and HTTP included. */
  readonly openMs: number;
  readonly packetBytes: number;
  /** @param acceptedAt when the socket was accepted, for the time that is left to CONNECT */
  readonly open: (transport: Transport, acceptedAt: number) => Receiver;
}

const TLS_HANDSHAKE = 0x16;
const MQTT_CONNECT = 0x10;
const isHttp = (byte: number) => byte >= 0x41 && byte <= 0x5a;

/** Fixed header with four bytes of length. */
const MAX_HEADER_BYTES = 5;

/** Opens the one port that takes MQTT over TCP, TLS and WebSocket, told apart by the first byte (device-protocol 1.1). */
export async function openListener(listen: ListenOptions, deps: ListenerDeps): Promise<Listener> {
  const { clock, log, openMs } = deps;
  const sockets = new Set<Socket>();
  const undecided = new Map<Socket, number>();
  const peers = new Peers({ proxies: listen.proxies ?? [], clock, log });
  const ipOf = (socket: Socket) => peers.of(socket).address;
  let stopped = false;

  const decide = (socket: Socket, secure: boolean) => {
    if (stopped) return void socket.destroy();
    const acceptedAt = clock.now();
    undecided.set(socket, acceptedAt);
    socket.on('error', ignoreError);
    socket.once('close', () => undecided.delete(socket));
    socket.once('data', (head) => {
      const first = head[0] ?? 0;
      if (first === MQTT_CONNECT) {
        undecided.delete(socket);
        return readTcp(socket, ipOf(socket), (transport) => deps.open(transport, acceptedAt), head);
      }
      if (isHttp(first)) {
        putBack(socket, head);
        http.emit('connection', socket);
        socket.resume();
        return;
      }
      if (first === TLS_HANDSHAKE && tls && !secure) {
        // the TLS server watches the time from here
        undecided.delete(socket);
        putBack(socket, head);
        tls.emit('connection', socket);
        return;
      }
      log.warn({ ip: ipOf(socket), first }, 'closed a socket that speaks no known protocol');
      socket.destroy();
    });
    socket.resume();
  };

  const tls =
    listen.tls && createTlsServer({ ...listen.tls, handshakeTimeout: openMs }, (socket) => decide(socket, true));
  tls?.on('tlsClientError', (error, socket) => {
    log.info({ ip: ipOf(socket), error: error.message }, 'TLS handshake failed');
    socket.destroy();
  });

  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: deps.packetBytes + MAX_HEADER_BYTES,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  const http = createHttpServer((_request, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Length': 0 }).end();
  });
  http.on('clientError', (_error, socket) => socket.destroy());
  http.on('upgrade', (request, socket: Socket, head) => {
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const acceptedAt = undecided.get(socket) ?? clock.now();
      undecided.delete(socket);
      readWebSocket(webSocket, socket, ipOf(socket), (transport) => deps.open(transport, acceptedAt));
    });
  });

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    peers.admit(socket, () => decide(socket, false));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  // out of descriptors, say: the connections that are there go on
  server.on('error', (error) => log.error({ error }, 'the MQTT listener failed to accept'));
  const { port } = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));

  return {
    address: { host: listen.host, port },
    sweep(now) {
      for (const [socket, acceptedAt] of undecided) if (now - acceptedAt >= openMs) socket.destroy();
    },
    stop() {
      stopped = true;
      server.close();
      peers[Symbol.dispose]();
      for (const socket of undecided.keys()) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** As if `head` had not been read. */
function putBack(socket: Socket, head: Buffer): void {
  socket.pause();
  socket.unshift(head);
}
