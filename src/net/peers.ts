import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type ProxiedPeer, readProxyHeader } from '../wire/proxy-protocol.ts';
import { createNetworkCheck, type Network } from './networks.ts';

/** What a proxy gets to say for whom it connects; the specification's section 2 wants at least 3 s. */
const HEADER_MS = 5_000;

export interface PeersOptions {
  /** Networks of the proxies whose connections begin with a header of the PROXY protocol. */
  readonly proxies: readonly Network[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Who is at the other end of the sockets of one listener. A connection from one of the proxies must begin with a
 * PROXY header; one from elsewhere has none, so that nobody can claim another's address.
 */
export class Peers implements Disposable {
  readonly #isProxy: (address: string) => boolean;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting = new Set<Socket>();
  /** By address and port of the proxy's socket, which a TLS socket on top of it shows, too. */
  readonly #told = new Map<string, ProxiedPeer>();

  constructor({ proxies, clock, log }: PeersOptions) {
    this.#isProxy = createNetworkCheck(proxies);
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Calls `ready` when it is known whose socket this is, at once if it is no proxy's. What the client has sent by
   * then waits in the socket, which may be paused: who reads it resumes it. Without a proper header in time the
   * socket is destroyed.
   */
  admit(socket: Socket, ready: () => void): void {
    const { remoteAddress } = socket;
    // a peer that has gone already is nobody's
    if (remoteAddress === undefined || !this.#isProxy(remoteAddress)) return ready();
    const refuse = (why: string) => {
      this.#log.warn({ ip: plain(remoteAddress), why }, 'closed a connection of a proxy');
      socket.destroy();
    };
    const key = keyOf(socket);
    const timeout = this.#clock.after(HEADER_MS, () => refuse('no PROXY header in time'));
    const settle = () => {
      timeout[Symbol.dispose]();
      this.#waiting.delete(socket);
      socket.off('data', listen);
      head = nothing; // the socket lives longer
    };
    let head = nothing;
    const listen = (bytes: Buffer) => {
      head = Buffer.concat([head, bytes]);
      const header = readProxyHeader(head);
      if (header === 'incomplete') return;
      if (header === 'malformed') return refuse('no PROXY header');
      const rest = head.subarray(header.length);
      settle();
      if (header.peer) this.#told.set(key, header.peer);
      socket.pause();
      if (rest.length > 0) socket.unshift(rest);
      ready();
    };
    this.#waiting.add(socket);
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => {
      settle();
      this.#told.delete(key);
    });
    socket.on('data', listen);
  }

  /** Whose socket it is, TLS or not; the address is empty when the peer has gone before anyone asked. */
  of(socket: Socket): ProxiedPeer {
    const told = this.#told.get(keyOf(socket));
    return told ?? { address: plain(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
  }

  /** Destroys the sockets that are not admitted yet. */
  [Symbol.dispose](): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}

const nothing = Buffer.alloc(0);

const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

/** IPv4 addresses in their own form, also where the socket takes both kinds. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '');
