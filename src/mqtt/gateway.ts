import type { DeviceServices } from '../domain/device-services.ts';
import { type Clock, every } from '../lib/clock.ts';
import type { Ids } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import { openTurnstile, type Turnstile } from '../lib/turnstile.ts';
import type { Nudge, TopologyChange } from '../store/engine.ts';
import { Decoder } from './codec.ts';
import { Connection } from './connection.ts';
import { defaultLimits, type GatewayLimits } from './limits.ts';
import { type ListenOptions, openListener } from './listener.ts';
import { Pushes } from './pushes.ts';
import { type Occupant, Registry } from './registry.ts';
import { Room } from './room.ts';
import { inTurns } from './turns.ts';

/** One timer for the deadlines of all connections, coarse on purpose. */
const SWEEP_MS = 1_000;

/** What a claim that is under way at shutdown gets to end. */
const STOP_MS = 1_000;

export interface GatewayOptions {
  readonly services: DeviceServices;
  /** Where nudges come from: the engine's `onNudge`. */
  readonly onNudge: (listener: (nudge: Nudge) => void) => Disposable;
  readonly clock: Clock;
  readonly log: Log;
  readonly meters?: Meters;
  readonly ids: Pick<Ids, 'id'>;
  readonly listen: ListenOptions;
  readonly limits?: Partial<GatewayLimits>;
  /** Bounds the logins that are under way and wait; none without it. */
  readonly devices?: Turnstile;
  /** Bounds what connected devices have stored at a time; none without it. */
  readonly reports?: Turnstile;
}

export interface GatewayLoad {
  /** Sockets that have said something, whether or not a device is in. */
  readonly connections: number;
  /** Devices with a connection of their own. */
  readonly devices: number;
  /** Devices behind those. */
  readonly subDevices: number;
  /** Messages of theirs that are not stored yet. */
  readonly waitingReports: number;
  /** Connections that are not read until some of them are. */
  readonly paused: number;
}

export interface Gateway extends AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly address: { readonly host: string; readonly port: number };
  /** Devices connected now. */
  readonly connectionCount: number;
  /** What it carries now. */
  load(): GatewayLoad;
  /**
   * Accepts nobody any more, tells MQTT 5 devices that the server shuts down, closes all connections and waits until
   * their ends are recorded, for some seconds at most. Disposing is the same.
   */
  drain(): Promise<void>;
}

/**
 * Opens the device gateway: MQTT 3.1, 3.1.1 and 5.0 over TCP, TLS and WebSocket on one port. Rejects with the error of
 * the system when it cannot listen.
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, log, ids, meters = noMeters, devices = openTurnstile, reports = openTurnstile } = options;
  const services = inTurns(options.services, reports);
  const limits: GatewayLimits = { ...defaultLimits, ...options.limits };
  const room = new Room({ messages: limits.allWaitingReports, bytes: limits.allWaitingBytes });
  const connections = new Set<Connection>();
  const empty = Promise.withResolvers<void>();
  let drained: Promise<void> | undefined;

  const registry = new Registry<Occupant>(services, log);
  const pushes = new Pushes({
    services,
    clock,
    log,
    batch: limits.claimBatch,
    arrivalMs: limits.arrivalMs,
    connected: (deviceId) => registry.get(deviceId)?.device,
    deliver: (push, scope) => registry.get(push.device.deviceId)?.push(push, scope),
  });
  const deps = {
    services,
    registry,
    devices,
    room,
    clock,
    log,
    meters,
    limits,
    decoder: new Decoder(),
    // where TLS is spoken, secrets are told over nothing else
    registrationNeedsTls: options.listen.tls !== undefined,
    arrived: (deviceId: string) => pushes.arrived(deviceId),
    gone(connection: Connection) {
      connections.delete(connection);
      if (drained !== undefined && connections.size === 0) empty.resolve();
    },
  };
  const listener = await openListener(options.listen, {
    clock,
    log,
    openMs: limits.openMs,
    packetBytes: limits.packetBytes,
    open(transport, acceptedAt) {
      const connection = new Connection(deps, transport, ids.id(), acceptedAt);
      connections.add(connection);
      return connection;
    },
  });

  const sweeper = every(clock, SWEEP_MS, async () => {
    const now = clock.now();
    listener.sweep(now);
    registry.sweep(now);
    for (const connection of connections) connection.sweep(now);
  });
  let confirming = Promise.resolve();
  const confirm = () => {
    // one look after the other: the one under way may have passed what has changed since
    confirming = confirming.then(async () => {
      try {
        pushes.nudged(await registry.confirm(clock.now()));
      } catch (error) {
        log.error({ error }, 'could not look how the connections here are recorded');
      }
    });
    return confirming;
  };
  const poller = every(clock, limits.pollMs, async () => {
    pushes.poll(registry.deviceIds());
    await registry.retryDepartures();
    await confirm();
  });
  const nudges = options.onNudge((nudge) => {
    if (nudge.kind === 'push') pushes.nudged(nudge.deviceIds);
    if (nudge.kind === 'topology') tellGateways(registry, nudge.changes);
    if (nudge.kind === 'replaced') for (const connection of nudge.connections) registry.replaced(connection);
    if (nudge.kind === 'lapsed') void confirm();
    // a device that is connected to another node is that node's business
    if (nudge.kind === 'kick') for (const deviceId of nudge.deviceIds) registry.kick(deviceId, clock.now());
  });

  const drain = async () => {
    nudges[Symbol.dispose]();
    listener.stop();
    const polled = poller[Symbol.asyncDispose]();
    const quiet = (async () => {
      // what has been claimed is delivered first
      await inTime(clock, STOP_MS, pushes.stop());
      for (const connection of connections) connection.end('shuttingDown');
      if (connections.size === 0) empty.resolve();
      await empty.promise;
      await polled;
      await confirming;
    })();
    await inTime(clock, limits.drainMs, quiet);
    for (const connection of connections) connection.destroy();
    await sweeper[Symbol.asyncDispose]();
    await listener[Symbol.asyncDispose]();
  };

  const gateway: Gateway = {
    address: listener.address,
    get connectionCount() {
      return registry.size;
    },
    load() {
      let devices = 0;
      let paused = 0;
      for (const connection of connections) {
        if (connection.device) devices += 1;
        if (connection.paused) paused += 1;
      }
      const subDevices = Math.max(0, registry.size - devices);
      return { connections: connections.size, devices, subDevices, waitingReports: room.messages, paused };
    },
    drain() {
      drained ??= drain();
      return drained;
    },
    [Symbol.asyncDispose]: () => gateway.drain(),
  };
  return gateway;
}

/** One message for all that happened in the same way behind the same gateway. */
function tellGateways(registry: Registry<Occupant>, changes: readonly TopologyChange[]): void {
  for (const [, same] of Map.groupBy(changes, ({ gatewayId, change }) => `${gatewayId} ${change}`)) {
    const [first] = same;
    if (first) registry.get(first.gatewayId)?.topologyChanged(first.change, same);
  }
}

/** Waits for `work`, but not longer than `timeoutMs`. */
async function inTime(clock: Clock, timeoutMs: number, work: Promise<void>): Promise<void> {
  const timeout = Promise.withResolvers<void>();
  using _timer = clock.after(timeoutMs, timeout.resolve);
  await Promise.race([work, timeout.promise]);
}
