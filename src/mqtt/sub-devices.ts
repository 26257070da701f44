import { type DeviceError, type DeviceErrorKey, deviceErrors } from '../contract/device-errors.ts';
import type { StatusReason } from '../contract/status-reasons.ts';
import type { DeviceRef, DeviceServices, Push } from '../domain/device-services.ts';
import type { TopologyChange } from '../store/engine.ts';
import type { DeviceNames } from '../wire/device-topics.ts';
import {
  deviceKey,
  failed,
  type GatewayAnswer,
  type GatewayNotice,
  type GatewayRequest,
  type SubDeviceClaim,
  succeeded,
} from '../wire/gateway-messages.ts';
import type { Listener } from './outgoing.ts';
import type { ClaimScope } from './pushes.ts';
import type { Occupant, Registry } from './registry.ts';

export interface SubDevicesDeps {
  readonly services: Pick<DeviceServices, 'answerGateway' | 'checkSubDevices'>;
  readonly registry: Pick<Registry<Occupant>, 'enter' | 'leave' | 'kickCount'>;
  /** The device is in. */
  readonly arrived: (deviceId: string) => void;
}

/** The session of the gateway. */
export interface SubDevicesLink {
  readonly device: DeviceRef;
  readonly connectionId: string;
  readonly ip: string;
  readonly ended: boolean;
  tellSubDevice(subDevice: SubDevice, push: Push, scope: ClaimScope): void;
  notify(notice: GatewayNotice): void;
  /** As many are logged in now. */
  counted(subDevices: number): void;
  complain(fields: object, message: string): void;
}

type Taken = (by: SubDevice, reason: StatusReason) => void;

/** A sub-device that is logged in through this connection: it holds the place of its device, as a connection does. */
export class SubDevice implements Occupant, Listener {
  readonly device: DeviceRef;
  /** Not that of the gateway: the next login of the same device on the same connection is another one. */
  readonly connectionId: string;
  told: Map<string, number> | undefined;
  readonly #link: SubDevicesLink;
  readonly #taken: Taken;
  #out = false;
  #endReason: StatusReason | undefined;
  #recording: Promise<unknown> | undefined;

  constructor(device: DeviceRef, link: SubDevicesLink, connectionId: string, taken: Taken) {
    this.device = device;
    this.connectionId = connectionId;
    this.#link = link;
    this.#taken = taken;
  }

  get ip(): string {
    return this.#link.ip;
  }

  get ended(): boolean {
    return this.#out || this.#link.ended;
  }

  get endReason(): StatusReason | undefined {
    return this.#out ? this.#endReason : 'GATEWAY_LOST';
  }

  /** It may say and be told nothing from here on. */
  shut(reason: StatusReason | undefined): void {
    if (this.#out) return;
    this.#out = true;
    this.#endReason = reason;
  }

  push(push: Push, scope: ClaimScope): void {
    if (!this.ended) this.#link.tellSubDevice(this, push, scope);
  }

  oust(): void {
    this.#taken(this, 'TAKEN_OVER');
    this.#link.notify({ kind: 'loggedOut', device: this.device, error: deviceErrors.connectedElsewhere });
  }

  kick(): void {
    this.#taken(this, 'KICKED');
  }

  /** A sub-device is no gateway. */
  topologyChanged(): void {}

  /** Notes that something is being recorded that it said. */
  recording<T>(work: Promise<T>): Promise<T> {
    this.#recording = work.catch(() => undefined);
    return work;
  }

  /**
   * Resolves when what the sub-device said is recorded. Waits for nothing else that its gateway said: that may be the
   * login of a device whose place someone else has who waits for this.
   */
  async idle(): Promise<void> {
    await this.#recording;
  }
}

/** The devices behind a gateway that are logged in through its connection (device-protocol 8). */
export class SubDevices {
  readonly #deps: SubDevicesDeps;
  readonly #link: SubDevicesLink;
  readonly #here = new Map<string, SubDevice>();
  #logins = 0;
  /** Taken away while a login is being checked, which may have seen them as they were before; nothing otherwise. */
  #lost: Set<string> | undefined;
  /** Logged in by a request that is not answered yet. */
  readonly #entered: DeviceRef[] = [];

  constructor(deps: SubDevicesDeps, link: SubDevicesLink) {
    this.#deps = deps;
    this.#link = link;
  }

  get(names: DeviceNames): SubDevice | undefined {
    return this.#here.get(deviceKey(names));
  }

  *devices(): Iterable<DeviceRef> {
    for (const { device } of this.#here.values()) yield device;
  }

  /** Never rejects: a gateway asks again. */
  async answer(request: GatewayRequest): Promise<GatewayAnswer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      this.#link.complain({ error, request: request.op }, 'a request of a gateway failed');
      return failed(deviceErrors.serverError);
    }
  }

  /** The answer is on its way: from here on those that logged in may be told of packages. */
  answered(): void {
    for (const { deviceId } of this.#entered.splice(0)) this.#deps.arrived(deviceId);
  }

  /** Tells the gateway what the platform did to devices behind it, and ends what they may not have any more. */
  topologyChanged(change: TopologyChange['change'], devices: readonly DeviceNames[]): void {
    const event = deviceEvents[change];
    if (event) for (const device of devices) this.#link.notify({ kind: 'device', event, device });
    this.#link.notify({ kind: 'topology', change: change === 'deleted' ? 'removed' : change, devices });
    const expulsion = expulsions[change];
    if (expulsion) this.#expel(devices, deviceErrors[expulsion.error], expulsion.reason);
  }

  #expel(devices: readonly DeviceNames[], error: DeviceError, reason: StatusReason): void {
    for (const names of devices) {
      this.#lost?.add(deviceKey(names));
      const subDevice = this.get(names);
      if (!subDevice) continue;
      void this.#leave(subDevice, reason);
      this.#link.notify({ kind: 'loggedOut', device: subDevice.device, error });
    }
  }

  /** The connection has ended. Resolves when that is recorded for all. */
  async close(): Promise<void> {
    await Promise.all([...this.#here.values()].map((subDevice) => this.#leave(subDevice, 'GATEWAY_LOST')));
  }

  async #answer(request: GatewayRequest): Promise<GatewayAnswer> {
    switch (request.op) {
      case 'malformed':
        return failed(deviceErrors.badRequest);
      case 'login':
        return this.#login(request.claims, ([device]) => device);
      case 'batchLogin':
        return this.#login(request.claims, (devices) => devices);
      case 'logout':
        return this.#logout(request.devices, ([device]) => device);
      case 'batchLogout':
        return this.#logout(request.devices, (devices) => devices);
    }
    const outcome = await this.#deps.services.answerGateway(this.#link.device, request);
    if (!outcome.ok) return failed(deviceErrors[outcome.error], outcome.devices ?? {});
    if (request.op === 'topoDelete')
      await Promise.all(this.#among(request.devices).map((one) => this.#leave(one, 'UNBOUND')));
    return succeeded(outcome.data);
  }

  /** All of them or none. */
  async #login(
    claims: readonly SubDeviceClaim[],
    shown: (devices: readonly DeviceNames[]) => unknown,
  ): Promise<GatewayAnswer> {
    const { services, registry } = this.#deps;
    const since = registry.kickCount;
    const taken = new Set<string>();
    this.#lost = taken;
    const outcome = await services.checkSubDevices(this.#link.device, claims).finally(() => (this.#lost = undefined));
    if (!outcome.ok) return failed(deviceErrors[outcome.error], shown(named(outcome.devices ?? claims)));
    const lost = outcome.data.filter((device) => taken.has(deviceKey(device)));
    if (lost.length > 0) return failed(deviceErrors.noTopology, shown(named(lost)));
    const strangers = outcome.data.filter((device) => !this.get(device));
    const entries = await Promise.allSettled(outcome.data.map((device) => this.#enter(device, since)));
    const broken = entries.find((entry) => entry.status === 'rejected');
    const kept = entries.every((entry) => entry.status === 'fulfilled' && entry.value === 'entered');
    if (!kept) {
      await Promise.all(this.#among(strangers).map((subDevice) => this.#leave(subDevice, undefined)));
      if (broken) throw broken.reason;
      return failed(deviceErrors.deviceDisabled, shown(named(outcome.data)));
    }
    this.#entered.push(...outcome.data);
    return succeeded(shown(named(outcome.data)));
  }

  async #enter(device: DeviceRef, since: number): Promise<'entered' | 'gone' | 'kicked'> {
    const known = this.get(device);
    if (known) {
      // as if it had connected anew
      known.told = undefined;
      return 'entered';
    }
    const { connectionId } = this.#link;
    const taken = (by: SubDevice, reason: StatusReason) => void this.#leave(by, reason);
    const subDevice = new SubDevice(device, this.#link, `${connectionId}.${++this.#logins}`, taken);
    this.#here.set(deviceKey(device), subDevice);
    this.#link.counted(this.#here.size);
    let entry: 'entered' | 'gone' | 'kicked' | undefined;
    try {
      entry = await this.#deps.registry.enter(device, subDevice, since);
      return entry;
    } finally {
      if (entry !== 'entered') this.#forget(subDevice, undefined);
    }
  }

  async #logout(
    devices: readonly DeviceNames[],
    shown: (devices: readonly DeviceNames[]) => unknown,
  ): Promise<GatewayAnswer> {
    const unknown = devices.filter((names) => !this.get(names));
    if (unknown.length > 0) return failed(deviceErrors.noSession, shown(named(unknown)));
    await Promise.all(this.#among(devices).map((subDevice) => this.#leave(subDevice, 'CLOSED')));
    return succeeded(shown(named(devices)));
  }

  #among(devices: readonly DeviceNames[]): SubDevice[] {
    return devices.flatMap((names) => this.get(names) ?? []);
  }

  #leave(subDevice: SubDevice, reason: StatusReason | undefined): Promise<void> {
    this.#forget(subDevice, reason);
    return this.#deps.registry.leave(subDevice.device, subDevice);
  }

  #forget(subDevice: SubDevice, reason: StatusReason | undefined): void {
    subDevice.shut(reason);
    const key = deviceKey(subDevice.device);
    if (this.#here.get(key) === subDevice) this.#here.delete(key);
    this.#link.counted(this.#here.size);
  }
}

/** What a device is told on a topic of its own when the platform did this to it. */
const deviceEvents: Readonly<Partial<Record<TopologyChange['change'], 'delete' | 'disable' | 'enable'>>> = {
  deleted: 'delete',
  disabled: 'disable',
  enabled: 'enable',
};

interface Expulsion {
  readonly error: DeviceErrorKey;
  readonly reason: StatusReason;
}

/** Why it is logged out then. */
const expulsions: Readonly<Partial<Record<TopologyChange['change'], Expulsion>>> = {
  removed: { error: 'noTopology', reason: 'UNBOUND' },
  deleted: { error: 'deviceDeleted', reason: 'KICKED' },
  disabled: { error: 'deviceDisabled', reason: 'KICKED' },
};

/** Without what the other side need not know. */
const named = (devices: readonly DeviceNames[]): DeviceNames[] =>
  devices.map(({ productKey, deviceName }) => ({ deviceName, productKey }));
