import type { Clock } from '../lib/clock.ts';
import { DEFAULT_MODULE } from '../wire/device-messages.ts';
import {
  createSimulatedDevice,
  type DeviceState,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from './device.ts';
import type { DeviceEvent } from './events.ts';
import { createGate } from './gate.ts';
import type { DeviceIdentity } from './link.ts';
import {
  attemptsOf,
  checkRates,
  FAILURE_KINDS,
  type FailureKind,
  type FailureRates,
  type Misbehaviour,
  misbehaviourOf,
} from './misbehaviour.ts';
import { pause } from './pause.ts';
import { between, seededRandom, shuffled } from './random.ts';
import type { UpdatePace } from './update.ts';

/** Milliseconds, both ends included. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

export interface FleetChoices {
  /** The same seed makes the same choices; any 32-bit number. */
  readonly seed: number;
  readonly failures?: FailureRates;
  /** Between a push and the download. */
  readonly delay?: Span;
  /** How long a boot takes. */
  readonly reboot?: Span;
}

/** What is settled about a device before it connects. */
export interface DevicePlan {
  /** By the name of its kind; absent for a device that does everything right. */
  readonly failure: FailureKind | undefined;
  readonly misbehaviour: Misbehaviour | undefined;
  readonly delayMs: number;
  readonly rebootMs: number;
}

export interface FleetOptions extends FleetChoices {
  readonly identities: readonly DeviceIdentity[];
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly versions?: SimulatedDeviceOptions['versions'];
  readonly pace?: Partial<Omit<UpdatePace, 'delayMs'>>;
  /** First connects a second, 100 when absent. */
  readonly connectsPerSecond?: number;
  /** Devices that download at once; no limit when absent. */
  readonly maxDownloads?: number;
  readonly afterInstall?: SimulatedDeviceOptions['reboot'];
  readonly backoff?: SimulatedDeviceOptions['backoff'];
  readonly pullOnConnect?: boolean;
  readonly keepaliveS?: number;
  readonly onEvent?: (event: DeviceEvent) => void;
}

export interface FleetSummary {
  readonly devices: number;
  readonly online: number;
  /** Every device is in one of these; `absent` ones never connect on purpose. */
  readonly states: Readonly<Record<DeviceState | 'absent', number>>;
  /** Devices by installed version, `MODULE VERSION` for other modules than the default one. */
  readonly versions: Readonly<Record<string, number>>;
  /** Updates that ended badly, by reported step (`-1` to `-4`) or as `misreported`, `hung`, `powerLost`. */
  readonly failures: Readonly<Record<string, number>>;
  /** Connections that the server accepted, and CONNACKs with another code than 0. */
  readonly connects: number;
  readonly refusals: number;
  /** See `PushRecord`. */
  readonly pushes: number;
  readonly duplicates: number;
  readonly pushesAfterEnd: number;
  readonly downloads: number;
  readonly bytes: number;
  readonly resumes: number;
}

export interface Fleet extends AsyncDisposable {
  /** In the order of the identities. */
  readonly devices: ReadonlyArray<{ readonly plan: DevicePlan; readonly device: SimulatedDevice }>;
  /** Begins to connect the devices one after the other. */
  start(): void;
  summary(): FleetSummary;
  /**
   * Resolves when every device either has reported `version` of `module` (acknowledged) or has failed as it is bound to fail for ever.
   * Rejects with the signal's reason when aborted.
   */
  whenSettled(version: string, module: string, signal: AbortSignal): Promise<void>;
}

/**
 * Decides for `count` devices who fails how and who takes how long.
 * A share of 0.1 is one device in ten exactly (rounded), not by chance; throws a `RangeError` for impossible shares.
 */
export function planFleet(count: number, choices: FleetChoices): DevicePlan[] {
  const { failures = {}, delay = { min: 0, max: 0 }, reboot = { min: 0, max: 0 } } = choices;
  checkRates(failures);
  const random = seededRandom(choices.seed);
  const kinds = new Map<number, FailureKind>();
  const drawn = shuffled(
    random,
    Array.from({ length: count }, (_, index) => index),
  );
  for (const kind of FAILURE_KINDS) {
    for (const index of drawn.splice(0, Math.round(count * (failures[kind] ?? 0)))) kinds.set(index, kind);
  }
  return Array.from({ length: count }, (_, index) => {
    const failure = kinds.get(index);
    return {
      failure,
      misbehaviour: failure && misbehaviourOf(failure, random),
      delayMs: between(random, delay.min, delay.max),
      rebootMs: between(random, reboot.min, reboot.max),
    };
  });
}

/** Many devices that share a clock, a seed and a limit of downloads. Disposing stops them all. */
export function createFleet(options: FleetOptions): Fleet {
  const { clock, connectsPerSecond = 100, maxDownloads = Number.POSITIVE_INFINITY } = options;
  const stop = new AbortController();
  const gate = createGate(maxDownloads);
  const random = seededRandom(options.seed);
  const counts = { connects: 0, refusals: 0, downloads: 0, bytes: 0, resumes: 0 };
  const failures: Record<string, number> = {};
  const listeners = new Set<(index: number) => void>();
  let ramp: Promise<void> | undefined;

  const note = (index: number, event: DeviceEvent) => {
    count(event, counts, failures);
    for (const listener of listeners) listener(index);
    options.onEvent?.(event);
  };

  const devices = planFleet(options.identities.length, options).map((plan, index) => ({
    plan,
    device: createSimulatedDevice({
      identity: options.identities[index] as DeviceIdentity,
      host: options.host,
      port: options.port,
      clock,
      random,
      gate,
      versions: options.versions,
      misbehaviour: plan.misbehaviour,
      pace: { ...options.pace, delayMs: plan.delayMs },
      reboot: options.afterInstall,
      rebootMs: plan.rebootMs,
      backoff: options.backoff,
      pullOnConnect: options.pullOnConnect,
      keepaliveS: options.keepaliveS,
      onEvent: (event) => note(index, event),
    }),
  }));

  const connectAll = async () => {
    const begin = clock.now();
    for (const [index, { device }] of devices.entries()) {
      await pause(clock, begin + (index * 1_000) / connectsPerSecond - clock.now(), stop.signal);
      device.start();
    }
  };

  const isSettled = (index: number, version: string, module: string) => {
    const { plan, device } = devices[index] as (typeof devices)[number];
    if (plan.misbehaviour?.kind === 'absent' || device.acknowledged(module) === version) return true;
    const forEver = plan.misbehaviour !== undefined && attemptsOf(plan.misbehaviour) === Number.POSITIVE_INFINITY;
    return forEver && (device.state === 'failed' || device.state === 'hung' || device.state === 'gone');
  };

  return {
    devices,
    start() {
      ramp ??= connectAll().catch(() => undefined); // ends early only when stopped
    },
    summary() {
      const states = { idle: 0, updating: 0, updated: 0, failed: 0, hung: 0, gone: 0, absent: 0 };
      const versions: Record<string, number> = {};
      const pushed = { pushes: 0, duplicates: 0, pushesAfterEnd: 0 };
      let online = 0;
      for (const { plan, device } of devices) {
        states[plan.misbehaviour?.kind === 'absent' ? 'absent' : device.state]++;
        if (device.online) online++;
        for (const [module, version] of device.versions)
          add(versions, module === DEFAULT_MODULE ? version : `${module} ${version}`);
        for (const record of device.pushes) {
          pushed.pushes += record.received;
          pushed.duplicates += record.duplicates;
          pushed.pushesAfterEnd += record.afterEnd;
        }
      }
      return { devices: devices.length, online, states, versions, failures: { ...failures }, ...counts, ...pushed };
    },
    async whenSettled(version, module, signal) {
      signal.throwIfAborted();
      const pending = new Set(devices.keys().filter((index) => !isSettled(index, version, module)));
      if (pending.size === 0) return;
      const settled = Promise.withResolvers<void>();
      const listener = (index: number) => {
        if (isSettled(index, version, module)) pending.delete(index);
        else pending.add(index);
        if (pending.size === 0) settled.resolve();
      };
      const abort = () => settled.reject(signal.reason);
      listeners.add(listener);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await settled.promise;
      } finally {
        listeners.delete(listener);
        signal.removeEventListener('abort', abort);
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ramp;
      await Promise.all(devices.map(({ device }) => device[Symbol.asyncDispose]()));
    },
  };
}

function count(
  event: DeviceEvent,
  counts: { connects: number; refusals: number; downloads: number; bytes: number; resumes: number },
  failures: Record<string, number>,
): void {
  switch (event.kind) {
    case 'connected':
      counts.connects++;
      return;
    case 'refused':
      counts.refusals++;
      return;
    case 'resumed':
      counts.resumes++;
      return;
    case 'downloaded':
      counts.downloads++;
      counts.bytes += event.bytes;
      return;
    case 'failed':
      return add(failures, String(event.step));
    case 'misreported':
    case 'hung':
    case 'powerLost':
      return add(failures, event.kind);
  }
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
