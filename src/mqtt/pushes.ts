import type { DeviceRef, DeviceServices, Push } from '../domain/device-services.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { nextTurn } from '../lib/next-turn.ts';

const RETRY_MS = 2_000;
/** Devices told in one turn of the event loop: some three milliseconds. */
const TOLD_AT_ONCE = 100;

/** `fresh`: tasks queued since; `all`: also what the device was told before and may not have got. */
export type ClaimScope = 'fresh' | 'all';

export interface PushesDeps {
  readonly services: Pick<DeviceServices, 'claim'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Devices in one claim. */
  readonly batch: number;
  /** From the arrival of a device to the first claim for it. */
  readonly arrivalMs: number;
  /** The device, while it is connected here. */
  readonly connected: (deviceId: string) => DeviceRef | undefined;
  readonly deliver: (push: Push, scope: ClaimScope) => void;
}

interface Lane {
  readonly scope: ClaimScope;
  readonly ids: Set<string>;
}

/**
 * Asks the rules what connected devices are to be told: one question at a time for the whole gateway, about many devices;
 * while it is answered, those of the question before are told. Nudges for a device that is waiting to be asked about fall together.
 */
export class Pushes {
  readonly #deps: PushesDeps;
  /** Three lanes in turn, so that neither a poll over everybody nor a wave of arrivals holds up the others. */
  readonly #lanes: readonly [Lane, Lane, Lane] = [
    { scope: 'all', ids: new Set() },
    { scope: 'fresh', ids: new Set() },
    { scope: 'fresh', ids: new Set() },
  ];
  /** Devices that have just connected, the longest here first, with the time of their first claim. */
  readonly #arrivals = new Map<string, number>();
  #nextArrival: Disposable | undefined;
  #lane = 0;
  #working: Promise<void> | undefined;
  /** When those are told that the last answer named; nobody is told before them. */
  #told = Promise.resolve();
  #retry: Disposable | undefined;
  #stopped = false;

  constructor(deps: PushesDeps) {
    this.#deps = deps;
  }

  /** A device has just connected. */
  arrived(deviceId: string): void {
    if (this.#deps.arrivalMs === 0) return this.#add(0, [deviceId]);
    // at the end of the queue, also when it has been here before
    this.#arrivals.delete(deviceId);
    this.#arrivals.set(deviceId, this.#deps.clock.now() + this.#deps.arrivalMs);
    this.#awaitArrival();
  }

  /** Something may have been queued for these devices; those that are not here are passed over. */
  nudged(deviceIds: Iterable<string>): void {
    this.#add(1, deviceIds);
  }

  /** A look for what nudges have missed. */
  poll(deviceIds: Iterable<string>): void {
    this.#add(2, deviceIds);
  }

  /** Asks no more; resolves when the question under way is answered and delivered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.[Symbol.dispose]();
    this.#nextArrival?.[Symbol.dispose]();
    await this.#working;
    await this.#told;
  }

  /** One timer for all: arrivals fall due in the order in which they came. */
  #awaitArrival(): void {
    const [first] = this.#arrivals.values();
    if (first === undefined || this.#nextArrival || this.#stopped) return;
    this.#nextArrival = this.#deps.clock.after(Math.max(0, first - this.#deps.clock.now()), () => {
      this.#nextArrival = undefined;
      const now = this.#deps.clock.now();
      for (const [deviceId, at] of this.#arrivals) {
        if (at > now) break;
        this.#arrivals.delete(deviceId);
        this.#add(0, [deviceId]);
      }
      this.#awaitArrival();
    });
  }

  #add(lane: number, deviceIds: Iterable<string>): void {
    const ids = this.#lanes[lane]?.ids;
    for (const deviceId of deviceIds) if (this.#deps.connected(deviceId)) ids?.add(deviceId);
    if (!this.#retry) this.#start();
  }

  #start(): void {
    if (!this.#stopped) this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // nudges of the same moment fall together
    await Promise.resolve();
    for (let lane = this.#nextLane(); lane && !this.#stopped && !this.#retry; lane = this.#nextLane()) {
      const devices = this.#take(lane.ids);
      if (devices.length === 0) continue;
      const { scope } = lane;
      try {
        const [pushes] = await Promise.all([this.#deps.services.claim(devices, scope), this.#told]);
        this.#told = this.#tell(pushes, scope, devices);
      } catch (error) {
        this.#askAgain(devices, error);
      }
    }
    this.#working = undefined;
  }

  /** Begins at once; the question that follows has its turns in between. Never rejects. */
  async #tell(pushes: readonly Push[], scope: ClaimScope, devices: readonly DeviceRef[]): Promise<void> {
    try {
      for (const [index, push] of pushes.entries()) {
        if (index > 0 && index % TOLD_AT_ONCE === 0) await nextTurn();
        this.#deps.deliver(push, scope);
      }
    } catch (error) {
      this.#askAgain(devices, error);
    }
  }

  #askAgain(devices: readonly DeviceRef[], error: unknown): void {
    this.#deps.log.error({ error, devices: devices.length }, 'could not look for packages to push');
    // it may have taken effect all the same, and devices count as told that were not: they are asked about as arrivals
    for (const device of devices) this.#lanes[0].ids.add(device.deviceId);
    this.#retry ??= this.#deps.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#start();
    });
  }

  #nextLane() {
    for (let step = 1; step <= this.#lanes.length; step++) {
      const index = (this.#lane + step) % this.#lanes.length;
      const lane = this.#lanes[index];
      if (lane && lane.ids.size > 0) {
        this.#lane = index;
        return lane;
      }
    }
    return undefined;
  }

  #take(ids: Set<string>): DeviceRef[] {
    const devices: DeviceRef[] = [];
    for (const deviceId of ids) {
      if (devices.length === this.#deps.batch) break;
      ids.delete(deviceId);
      // it may have gone while it waited
      const device = this.#deps.connected(deviceId);
      if (device) devices.push(device);
    }
    return devices;
  }
}
