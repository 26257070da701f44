import type { StatusReason } from '../contract/status-reasons.ts';
import type { DeviceRef, DeviceServices, Push } from '../domain/device-services.ts';
import type { Log } from '../lib/log.ts';
import type { DeviceConnection, TopologyChange } from '../store/engine.ts';
import type { DeviceNames } from '../wire/device-topics.ts';
import type { ClaimScope } from './pushes.ts';

/** Whoever holds a device's place, as the registry sees it: its connection, or for a sub-device a part of its gateway's. */
export interface Tenant {
  readonly connectionId: string;
  readonly ip: string;
  readonly ended: boolean;
  /** Why, as far as it is known. */
  readonly endReason: StatusReason | undefined;
  /** Another connection of the same device takes over. */
  oust(): void;
  /** The device lost its right to be connected. */
  kick(): void;
  /** Resolves when what the device said on this connection is recorded. */
  idle(): Promise<void>;
}

/** Whoever holds a device's place, as the gateway sees it. */
export interface Occupant extends Tenant {
  /** Set while the device is in. */
  readonly device: DeviceRef | undefined;
  /** Tells the device about a package. */
  push(push: Push, scope: ClaimScope): void;
  /** Something happened to devices behind this one. */
  topologyChanged(change: TopologyChange['change'], devices: readonly DeviceNames[]): void;
}

interface Departure {
  readonly device: DeviceRef;
  readonly connectionId: string;
  readonly reason: StatusReason | undefined;
}

/** A device and who holds its place. */
interface Place<T extends Tenant> {
  readonly device: DeviceRef;
  readonly tenant: T;
}

/** Connections looked after in one go. */
const CONFIRMED_AT_ONCE = 500;

type RegistryServices = Pick<DeviceServices, 'connected' | 'disconnected' | 'confirm'>;

/** For how long a kick also hits a connection whose login had begun before it. */
const KICK_MEMORY_MS = 60_000;

interface Kick {
  readonly number: number;
  readonly at: number;
}

/**
 * The connections of this node by device, one of each (device-protocol 1.6), and the only caller of `connected` and
 * `disconnected`. What happens to one device happens in turn, so that the last connection here is the last one stored.
 */
export class Registry<T extends Tenant> {
  readonly #services: RegistryServices;
  readonly #log: Log;
  readonly #here = new Map<string, Place<T>>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #kicks = new Map<string, Kick>();
  #kickCount = 0;
  readonly #unrecorded = new Map<string, Departure>();

  constructor(services: RegistryServices, log: Log) {
    this.#services = services;
    this.#log = log;
  }

  /** Number of kicks so far; to be read when a login begins, for {@link enter}. */
  get kickCount(): number {
    return this.#kickCount;
  }

  get size(): number {
    return this.#here.size;
  }

  get(deviceId: string): T | undefined {
    return this.#here.get(deviceId)?.tenant;
  }

  deviceIds(): Iterable<string> {
    return this.#here.keys();
  }

  /**
   * Takes the device's place, closing the connection that has it, and records that. Rejects when it cannot be recorded.
   * @param since {@link kickCount} when the login began: a later kick may have come after the rules said yes
   * @returns 'gone' when the connection ended meanwhile, 'kicked' when the device lost its right meanwhile
   */
  enter(device: DeviceRef, entrant: T, since: number): Promise<'entered' | 'gone' | 'kicked'> {
    const { deviceId } = device;
    const { connectionId, ip } = entrant;
    return this.#inTurn(deviceId, async () => {
      if (entrant.ended) return 'gone';
      const former = this.get(deviceId);
      if (former) {
        former.oust();
        await former.idle();
      }
      try {
        await this.#services.connected(device, { connectionId, ip, takesOver: former !== undefined });
      } catch (error) {
        // it may have been stored all the same
        await this.#depart({ device, connectionId, reason: 'SERVER_ERROR' });
        throw error;
      }
      this.#unrecorded.delete(deviceId);
      const kicked = (this.#kicks.get(deviceId)?.number ?? 0) > since;
      if (entrant.ended || kicked) {
        await this.#depart({ device, connectionId, reason: kicked ? 'KICKED' : entrant.endReason });
        return kicked ? 'kicked' : 'gone';
      }
      this.#here.set(deviceId, { device, tenant: entrant });
      return 'entered';
    });
  }

  /** Gives the place up. Resolves when that is recorded, after everything that the device said. */
  leave(device: DeviceRef, tenant: T): Promise<void> {
    const { deviceId } = device;
    if (this.get(deviceId) === tenant) this.#here.delete(deviceId);
    return this.#inTurn(deviceId, async () => {
      await tenant.idle();
      await this.#depart({ device, connectionId: tenant.connectionId, reason: tenant.endReason });
    });
  }

  kick(deviceId: string, now: number): void {
    this.#kicks.set(deviceId, { number: ++this.#kickCount, at: now });
    this.get(deviceId)?.kick();
  }

  /** A connection on another node took the place of this one. */
  replaced({ deviceId, connectionId }: DeviceConnection): void {
    const tenant = this.get(deviceId);
    if (tenant?.connectionId === connectionId) tenant.oust();
  }

  /**
   * Looks whether the rows still say what is so here: ends connections that were replaced or barred without this node
   * hearing of it, and has those recorded again that were ended in its name.
   * @returns the devices that are recorded again; they may have been passed over meanwhile
   */
  async confirm(now: number): Promise<string[]> {
    const again: string[] = [];
    const places = [...this.#here.values()];
    for (let from = 0; from < places.length; from += CONFIRMED_AT_ONCE) {
      const some = places.slice(from, from + CONFIRMED_AT_ONCE);
      const standing = await this.#services.confirm(
        some.map(({ device, tenant }) => ({ deviceId: device.deviceId, connectionId: tenant.connectionId })),
      );
      for (const connection of standing.replaced) this.replaced(connection);
      for (const { deviceId } of standing.barred) this.kick(deviceId, now);
      const recorded = new Set(standing.recorded.map(({ deviceId }) => deviceId));
      for (const { device, tenant } of some) {
        if (!recorded.has(device.deviceId)) continue;
        again.push(device.deviceId);
        // it may have gone before it was recorded again
        if (this.get(device.deviceId) !== tenant) await this.leave(device, tenant);
      }
    }
    return again;
  }

  /** Records departures that could not be recorded when they happened. */
  async retryDepartures(): Promise<void> {
    for (const [deviceId, departure] of [...this.#unrecorded]) {
      await this.#inTurn(deviceId, async () => {
        if (this.#unrecorded.delete(deviceId)) await this.#depart(departure);
      });
    }
  }

  sweep(now: number): void {
    for (const [deviceId, { at }] of this.#kicks) if (now - at > KICK_MEMORY_MS) this.#kicks.delete(deviceId);
  }

  async #depart(departure: Departure): Promise<void> {
    const { device, connectionId, reason } = departure;
    try {
      await this.#services.disconnected(device, connectionId, reason);
    } catch (error) {
      // the device would count as online for as long as this node lives
      this.#unrecorded.set(device.deviceId, departure);
      this.#log.error({ error, deviceId: device.deviceId }, 'the end of a connection was not recorded');
    }
  }

  #inTurn<R>(deviceId: string, work: () => Promise<R>): Promise<R> {
    // never at once: the turn must be taken before `work` can ask for one
    const run = (this.#turns.get(deviceId) ?? Promise.resolve()).then(work);
    const settled: Promise<unknown> = run
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(deviceId) === settled) this.#turns.delete(deviceId);
      });
    this.#turns.set(deviceId, settled);
    return run;
  }
}
