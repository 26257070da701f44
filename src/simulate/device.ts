import type { Clock } from '../lib/clock.ts';
import { DEFAULT_MODULE } from '../wire/device-messages.ts';
import {
  fileDownloadTopic,
  fileReplyTopic,
  firmwareGetTopic,
  getReplyTopic,
  informTopic,
  progressTopic,
  upgradeTopic,
} from '../wire/device-topics.ts';
import type { DeviceEvent, DeviceHappening } from './events.ts';
import { createGate, type Gate } from './gate.ts';
import { ConnectRefused } from './light-client.ts';
import { type DeviceIdentity, keepConnected, type Link } from './link.ts';
import { attemptsOf, type Misbehaviour } from './misbehaviour.ts';
import { createPushLog, type PushRecord } from './push-log.ts';
import { type PushedPackage, readPushed } from './pushed-package.ts';
import type { Random } from './random.ts';
import { createBlockClient } from './stream-download.ts';
import { DEFAULT_PACE, fetchPackage, type UpdateOutcome, type UpdatePace } from './update.ts';

export interface SimulatedDeviceOptions {
  readonly identity: DeviceIdentity;
  /** The device gateway. */
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** Spreads reconnects; `Math.random` when absent. */
  readonly random?: Random;
  /** Version by module at the first boot; `{ default: '1.0.0' }` when absent. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly misbehaviour?: Misbehaviour | undefined;
  readonly pace?: Partial<UpdatePace>;
  /** Shared by devices that are to download a few at a time. */
  readonly gate?: Gate;
  /** After an installation: `reconnect` (default) disconnects for `rebootMs` as a boot does, `stay` reports at once. */
  readonly reboot?: 'reconnect' | 'stay';
  /** How long a boot takes, 0 when absent. */
  readonly rebootMs?: number;
  /** 1 s doubling to 30 s when absent, as C 3.x (device-protocol 4.4). */
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
  /** Also ask for a package by `firmware/get` after each connect, for jobs that are not pushed. */
  readonly pullOnConnect?: boolean;
  readonly keepaliveS?: number;
  readonly onEvent?: (event: DeviceEvent) => void;
}

/** `gone`: lost power and does not return. */
export type DeviceState = 'idle' | 'updating' | 'updated' | 'failed' | 'hung' | 'gone';

/** A device that lives until disposed. */
export interface SimulatedDevice extends AsyncDisposable {
  readonly identity: DeviceIdentity;
  readonly online: boolean;
  readonly state: DeviceState;
  /** Installed version by module. */
  readonly versions: ReadonlyMap<string, string>;
  /** The version of `module` if the server has acknowledged it since the last boot. */
  acknowledged(module: string): string | undefined;
  /** What the server has handed out, by module and version. */
  readonly pushes: readonly PushRecord[];
  /** Connects, and comes back after every loss of the connection. Nothing happens twice, or when told to be absent. */
  start(): void;
  /** Asks for the package of `module`, or of the default one. Rejects when not connected. */
  pull(module?: string): Promise<void>;
}

interface Update {
  readonly version: string;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * A device with one connection that does what the SDKs and their demo applications do (device-protocol 4.1):
 * reports its versions at every boot (not when it merely connects again), downloads what is pushed,
 * reports progress, verifies, boots and reports the new version.
 */
export function createSimulatedDevice(options: SimulatedDeviceOptions): SimulatedDevice {
  const { identity, clock, misbehaviour, rebootMs = 0 } = options;
  const { productKey, deviceName } = identity;
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const gate = options.gate ?? createGate(Number.POSITIVE_INFINITY);
  const versions = new Map(Object.entries(options.versions ?? { [DEFAULT_MODULE]: '1.0.0' }));
  const log = createPushLog();
  const updates = new Map<string, Update>();
  /** Modules whose version the server has not acknowledged since the last boot. */
  const unreported = new Set(versions.keys());
  /** By module: the pushed version whose installation is still to be proved by a report. */
  const unproved = new Map<string, string>();
  let state: DeviceState = 'idle';
  let misbehaved = 0;
  let messages = 0;
  let stopped = false;
  let link: Link | undefined;

  const emit = (happening: DeviceHappening) => options.onEvent?.({ device: deviceName, ...happening });

  const say = async (
    topic: string,
    params: Record<string, unknown>,
    qos: 0 | 1,
    rest: Record<string, unknown> = {},
  ) => {
    const client = link?.client;
    if (client === undefined) throw new Error('the device is not connected');
    await client.publish(topic, JSON.stringify({ id: String(++messages), ...rest, params }), qos);
  };
  const blocks = createBlockClient(clock, async (payload) => {
    await link?.client?.publish(fileDownloadTopic(productKey, deviceName), payload, 0);
  });
  const moduleParam = (module: string) => (module === DEFAULT_MODULE ? {} : { module });

  const inform = async (module: string) => {
    const version = versions.get(module) ?? '';
    await say(informTopic(productKey, deviceName), { version, ...moduleParam(module) }, 1);
    if (versions.get(module) !== version) return;
    unreported.delete(module);
    emit({ kind: 'informed', module, version });
    const pushed = unproved.get(module);
    if (pushed === undefined) return;
    unproved.delete(module);
    log.ended(module, pushed);
    state = pushed === version ? 'updated' : 'failed';
    emit({ kind: pushed === version ? 'updated' : 'misreported', module, version });
  };
  const progress = (module: string, step: number, desc: string, qos: 0 | 1) =>
    say(progressTopic(productKey, deviceName), { step: String(step), desc, ...moduleParam(module) }, qos);

  const pull = (module = DEFAULT_MODULE) => {
    const rest = { version: '1.0', method: 'thing.ota.firmware.get' };
    return say(firmwareGetTopic(productKey, deviceName), moduleParam(module), 1, rest);
  };

  const greet = async () => {
    emit({ kind: 'connected' });
    await Promise.all([...unreported].map(inform));
    if (options.pullOnConnect) await Promise.all([...versions.keys()].map((module) => pull(module)));
  };

  const boot = (how: 'close' | 'cut') => {
    for (const module of versions.keys()) unreported.add(module);
    link?.restart(rebootMs, how);
  };

  const install = async (pushed: PushedPackage, as: string) => {
    const { module, version } = pushed;
    versions.set(module, as);
    unreported.add(module);
    unproved.set(module, version);
    updates.delete(module);
    if (options.reboot === 'stay') await unlessCut(inform(module));
    else boot('close');
  };

  const conclude = async (
    pushed: PushedPackage,
    outcome: UpdateOutcome,
    misbehaves: Misbehaviour | undefined,
    signal: AbortSignal,
  ) => {
    const { module, version } = pushed;
    switch (outcome.kind) {
      case 'fetched': {
        emit({ kind: 'downloaded', module, version, bytes: pushed.files.reduce((sum, file) => sum + file.size, 0) });
        emit({ kind: 'progress', module, percent: 100 });
        await unlessCut(progress(module, 100, '', 1));
        if (signal.aborted) return;
        const wrong = misbehaves?.kind === 'wrongVersion';
        return install(pushed, wrong ? (misbehaves.version ?? wrongVersion(version)) : version);
      }
      case 'failed': {
        const { step, description } = outcome;
        const told = await unlessCut(progress(module, step, description, 1));
        if (told) log.ended(module, version);
        if (signal.aborted) return;
        updates.delete(module);
        state = 'failed';
        return emit({ kind: 'failed', module, step, description });
      }
      case 'hung':
        state = 'hung';
        return emit({ kind: 'hung' });
      case 'powerLost':
        for (const update of updates.values()) update.abort.abort();
        updates.clear();
        state = outcome.returns ? 'idle' : 'gone';
        emit({ kind: 'powerLost', returns: outcome.returns });
        return outcome.returns ? boot('cut') : link?.die();
    }
  };

  const update = async (pushed: PushedPackage, signal: AbortSignal) => {
    const { module } = pushed;
    const misbehaves = misbehaviour && misbehaved < attemptsOf(misbehaviour) ? misbehaviour : undefined;
    const outcome = await fetchPackage(pushed, {
      clock,
      signal,
      gate,
      pace,
      misbehaviour: misbehaves,
      blocks,
      onProgress(percent) {
        emit({ kind: 'progress', module, percent });
        void unlessCut(progress(module, percent, '', 0));
      },
      onResume: (offset, reason) => emit({ kind: 'resumed', offset, reason }),
    });
    if (misbehaves !== undefined) misbehaved++;
    await conclude(pushed, outcome, misbehaves, signal);
  };

  const take = (pushed: PushedPackage, via: 'push' | 'get') => {
    const { module, version } = pushed;
    const running = updates.get(module);
    const underWay = running?.version === version || unproved.get(module) === version;
    log.received(module, version, underWay);
    emit({ kind: 'pushed', module, version, via });
    if (versions.get(module) === version) {
      // the server does not know yet: say it again, unless that is about to happen anyway
      if (!unreported.has(module)) void unlessCut(inform(module));
      return emit({ kind: 'ignored', reason: `version ${version} is installed` });
    }
    if (underWay) return emit({ kind: 'ignored', reason: `the update to ${version} is under way` });
    running?.abort.abort();
    const abort = new AbortController();
    state = 'updating';
    updates.set(module, { version, abort, done: unlessAborted(update(pushed, abort.signal), abort.signal) });
  };

  const hear = (topic: string, payload: Buffer) => {
    if (topic === fileReplyTopic(productKey, deviceName)) return blocks.hear(payload);
    const isPush = topic === upgradeTopic(productKey, deviceName);
    if (!isPush && topic !== getReplyTopic(productKey, deviceName)) return;
    const pushed = readPushed(payload);
    if (pushed.kind === 'unusable') emit({ kind: 'ignored', reason: pushed.reason });
    if (pushed.kind === 'package') take(pushed.package, isPush ? 'push' : 'get');
  };

  return {
    identity,
    versions,
    acknowledged: (module) => (unreported.has(module) ? undefined : versions.get(module)),
    get online() {
      return link?.client !== undefined;
    },
    get state() {
      return state;
    },
    get pushes() {
      return log.records();
    },
    start() {
      if (stopped || link !== undefined || misbehaviour?.kind === 'absent') return;
      link = keepConnected({
        identity,
        host: options.host,
        port: options.port,
        clock,
        random: options.random ?? Math.random,
        backoff: options.backoff ?? { minMs: 1_000, maxMs: 30_000 },
        keepaliveS: options.keepaliveS,
        onUp: () => void unlessCut(greet()),
        onDown: (error) => emit({ kind: 'disconnected', reason: error?.message ?? 'closed by the device' }),
        onRefused: (error) =>
          emit(
            error instanceof ConnectRefused
              ? { kind: 'refused', code: error.code }
              : { kind: 'unreachable', reason: error.message },
          ),
        onMessage: hear,
      });
    },
    pull,
    async [Symbol.asyncDispose]() {
      stopped = true;
      const running = [...updates.values()];
      for (const { abort } of running) abort.abort();
      await link?.[Symbol.asyncDispose]();
      await Promise.all(running.map(({ done }) => done));
    },
  };
}

/** Whether a message got through. One that did not is not lost: the next connection begins with what is unreported. */
function unlessCut(sent: Promise<void>): Promise<boolean> {
  return sent.then(
    () => true,
    () => false,
  );
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A version has 64 characters at most (device-protocol 3.1). */
function wrongVersion(version: string): string {
  return `${version.slice(0, 58)}-wrong`;
}
