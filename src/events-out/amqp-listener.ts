import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Limits } from '../contract/limits.ts';
import type { ConsumerServices } from '../domain/consumer-services.ts';
import { ACKNOWLEDGE_MS } from '../domain/consumers.ts';
import type { SharedCounter } from '../domain/shared-counter.ts';
import { type Clock, every } from '../lib/clock.ts';
import type { Ids } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Network } from '../net/networks.ts';
import { Peers } from '../net/peers.ts';
import type { Nudge } from '../store/engine.ts';
import { AmqpConnection } from './amqp-connection.ts';
import { AmqpGroup } from './amqp-groups.ts';
import { MinuteCount } from './amqp-rate.ts';
import { GuardedSocket } from './amqp-socket.ts';

/** How often messages are looked for when no nudge comes, such as those that are to be sent again. */
const POLL_MS = 2_000;
const SWEEP_MS = 1_000;
/** What consumers get at shutdown to acknowledge what they have, and then to go. */
const DRAIN_MS = 1_500;
const TLS_HANDSHAKE_MS = 15_000;

export interface AmqpOptions {
  readonly services: ConsumerServices;
  /** Where nudges come from: the engine's `onNudge`. */
  readonly onNudge: (listener: (nudge: Nudge) => void) => Disposable;
  readonly clock: Clock;
  readonly log: Log;
  readonly ids: Pick<Ids, 'id'>;
  /** Counts the consumers that connect, by the minute. */
  readonly connects: SharedCounter;
  readonly limits: Pick<Limits, 'consumerConnectsPerMinute'>;
  readonly listen: {
    readonly host: string;
    /** 0: any free one. */
    readonly port: number;
    /** PEM. With it TLS only is spoken, without it none. */
    readonly tls?: { readonly key: string; readonly cert: string } | undefined;
    /** Networks of proxies that speak the PROXY protocol. */
    readonly proxies?: readonly Network[];
  };
}

export interface AmqpListener extends AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly address: { readonly host: string; readonly port: number };
  /** Open connections, those of consumers that are not logged in yet included. */
  readonly connectionCount: number;
}

/**
 * Opens the AMQP 1.0 listener of the server-side subscription (storage-and-events 3). Disposing drains: nothing more
 * is claimed, consumers get a moment to acknowledge what they have, and are told to connect elsewhere. Rejects with
 * the error of the system when it cannot listen.
 */
export async function openAmqp(options: AmqpOptions): Promise<AmqpListener> {
  const { services, clock, log, ids, listen } = options;
  const groups = new Map<string, AmqpGroup>();
  const connections = new Set<AmqpConnection>();
  const groupOf = (consumer: string): AmqpGroup => {
    const known = groups.get(consumer) ?? new AmqpGroup({ services, clock, log }, consumer);
    groups.set(consumer, known);
    return known;
  };
  const settling = createWatch(clock);
  const work = new Set<Promise<void>>();
  const deps = {
    services,
    clock,
    log,
    // within a calendar minute (storage-and-events 3.2)
    mayConnect: async (consumer: string) =>
      (await options.connects.take(consumer, 'connect', options.limits.consumerConnectsPerMinute)) === 0,
    async ready(connection: AmqpConnection) {
      const group = groupOf(connection.consumer);
      group.add(connection);
      await group.pump();
    },
    settled(connection: AmqpConnection, ...outcome: Parameters<AmqpGroup['settled']>) {
      groupOf(connection.consumer).settled(...outcome);
      settling.look();
    },
    gone: (connection: AmqpConnection) => groups.get(connection.consumer)?.remove(connection),
    closed(connection: AmqpConnection) {
      connections.delete(connection);
      settling.look();
    },
    track(one: Promise<void>) {
      work.add(one);
      void one.finally(() => work.delete(one));
    },
  };

  const peers = new Peers({ proxies: listen.proxies ?? [], clock, log });
  const accept = (socket: Socket) => {
    const { address: ip, port } = peers.of(socket);
    const address = `${ip}:${port}`;
    const guarded = new GuardedSocket(socket, (why) => log.info({ address, why }, 'a consumer was dropped'));
    connections.add(new AmqpConnection(deps, guarded, ids.id(), address));
    socket.resume();
  };
  const tls = listen.tls && createTlsServer({ ...listen.tls, handshakeTimeout: TLS_HANDSHAKE_MS }, accept);
  tls?.on('tlsClientError', (error, socket) => {
    log.info({ ip: peers.of(socket).address, error: error.message }, 'TLS handshake of a consumer failed');
    socket.destroy();
  });
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    peers.admit(socket, () => void (tls ? tls.emit('connection', socket) : accept(socket)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => log.error({ error }, 'the AMQP listener failed to accept'));
  const { port } = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));

  const logged = (what: string, work: () => Promise<void>) => () => work().catch((err) => log.error({ err }, what));
  const stack = new AsyncDisposableStack();
  stack.use(
    every(clock, SWEEP_MS, async () => {
      const before = clock.now() - ACKNOWLEDGE_MS;
      for (const connection of connections) connection.expire(before);
      for (const [consumer, group] of groups) if (group.idle) groups.delete(consumer);
    }),
  );
  const poller = every(clock, POLL_MS, async () => {
    for (const group of groups.values()) void group.pump();
  });
  stack.use(
    every(
      clock,
      MinuteCount.SLOT_MS,
      logged('connections of consumers could not be refreshed', async () => {
        const joined = [...groups.values()].flatMap((group) => [...group.connections]);
        for (const connection of joined) connection.roll();
        const lost = new Set(await services.refresh(joined.map((connection) => connection.describe())));
        for (const connection of joined) {
          if (lost.has(connection.id)) connection.close('amqp:unauthorized-access', 'the key or the group is gone');
        }
      }),
    ),
  );
  const nudges = options.onNudge((nudge) => {
    if (nudge.kind === 'event') for (const consumer of nudge.consumers) void groups.get(consumer)?.pump();
  });

  const drain = async () => {
    nudges[Symbol.dispose]();
    server.close();
    await poller[Symbol.asyncDispose]();
    await Promise.all([...groups.values()].map((group) => group.stop()));
    await settling.until(DRAIN_MS, () => [...connections].every((connection) => connection.inFlight === 0));
    for (const connection of connections) connection.close('amqp:connection:forced', 'the server is shutting down');
    await settling.until(DRAIN_MS, () => connections.size === 0);
    for (const socket of sockets) socket.destroy();
    await closed;
    await Promise.all([...groups.values()].map((group) => group.flush()));
    await Promise.all(work);
    await stack.disposeAsync();
  };
  let drained: Promise<void> | undefined;
  return {
    address: { host: listen.host, port },
    get connectionCount() {
      return connections.size;
    },
    [Symbol.asyncDispose]() {
      drained ??= drain();
      return drained;
    },
  };
}

/** Waits for something that is looked at whenever it may have come true. */
function createWatch(clock: Clock) {
  const looks = new Set<() => void>();
  return {
    look() {
      for (const look of looks) look();
    },
    /** Resolves when `done` says so, or after `timeoutMs`. */
    async until(timeoutMs: number, done: () => boolean): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      // what a settled message leaves to be done in the same turn is done first
      const look = () => setImmediate(() => done() && resolve());
      using _timeout = clock.after(timeoutMs, resolve);
      looks.add(look);
      look();
      await promise;
      looks.delete(look);
    },
  };
}
