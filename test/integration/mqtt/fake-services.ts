import type { StatusReason } from '../../../src/contract/status-reasons.ts';
import type {
  DeviceRef,
  DeviceServices,
  GatewayOutcome,
  LoginOutcome,
  NewConnection,
  Push,
  Reply,
  Standing,
  TopologyRequest,
} from '../../../src/domain/device-services.ts';
import type { RegistrationOutcome } from '../../../src/domain/dynamic-registration.ts';
import type { DeviceConnection } from '../../../src/store/engine.ts';
import type { DeviceMessage, PackageNotice } from '../../../src/wire/device-messages.ts';
import type { BlockOutcome, BlockQuestion } from '../../../src/wire/file-download.ts';
import type { SubDeviceClaim } from '../../../src/wire/gateway-messages.ts';
import { type ConnectClaim, verifyConnect } from '../../../src/wire/mqtt-connect.ts';
import { type RegistrationClaim, type RegistrationKind, verifyRegistration } from '../../../src/wire/registration.ts';

export const SECRET = 'secret';
export const PK = 'pk';

export const deviceRef = (deviceName: string): DeviceRef => ({
  deviceId: `id-${deviceName}`,
  productKey: PK,
  deviceName,
});

/**
 * Rules of a few lines for tests of the protocol. Every device of product `pk` exists and has the same secret; what the
 * gateway calls is written down, and each answer can be replaced.
 */
export class FakeServices implements DeviceServices {
  readonly presence: string[] = [];
  /** Why connections ended, and which took the place of another. */
  readonly reasons: string[] = [];
  readonly reports: { readonly deviceName: string; readonly message: DeviceMessage }[] = [];
  readonly claims: { readonly deviceNames: readonly string[]; readonly scope: 'fresh' | 'all' }[] = [];
  readonly disabled = new Set<string>();
  /** What claims hand out, by device name, once. */
  readonly queued = new Map<string, Push[]>();
  /** What `all` claims hand out besides, by device name, every time. */
  readonly unfinished = new Map<string, Push[]>();
  onLogin: (claim: ConnectClaim) => Promise<void> = async () => undefined;
  onRegister: (claim: RegistrationClaim) => Promise<void> = async () => undefined;
  readonly requests: TopologyRequest[] = [];
  onGateway: (request: TopologyRequest) => Promise<GatewayOutcome> = async () => ({ ok: true, data: {} });
  onSubLogin: (claims: readonly SubDeviceClaim[]) => Promise<void> = async () => undefined;
  onConnected: (device: DeviceRef, connectionId: string) => Promise<void> = async () => undefined;
  onDisconnected: (device: DeviceRef, connectionId: string) => Promise<void> = async () => undefined;
  onConfirm: (connections: readonly DeviceConnection[]) => Promise<Partial<Standing>> = async () => ({});
  onReport: (device: DeviceRef, message: DeviceMessage) => Promise<Reply[]> = async () => [];
  onBlock: (devices: readonly DeviceRef[], question: BlockQuestion) => Promise<BlockOutcome> = async () => ({
    ok: false,
    code: 404,
    reason: 'no such file',
  });
  onClaim: () => Promise<void> = async () => undefined;

  async login(claim: ConnectClaim, _address: string): Promise<LoginOutcome> {
    await this.onLogin(claim);
    if (claim.productKey !== PK || !verifyConnect(claim, SECRET)) {
      return { ok: false, reason: 'refused', detail: 'wrong signature' };
    }
    if (this.disabled.has(claim.deviceName)) return { ok: false, reason: 'disabled', detail: 'disabled' };
    return { ok: true, device: deviceRef(claim.deviceName) };
  }

  async register(kind: RegistrationKind, claim: RegistrationClaim): Promise<RegistrationOutcome> {
    await this.onRegister(claim);
    const { productKey, deviceName } = claim;
    if (productKey !== PK || !verifyRegistration(claim, SECRET)) return { ok: false, error: 'invalidSign' };
    if (kind === 'register') return { ok: true, credentials: { kind, productKey, deviceName, deviceSecret: 'new' } };
    return { ok: true, credentials: { kind, productKey, deviceName, clientId: 'client', deviceToken: 'token' } };
  }

  async answerGateway(_gateway: DeviceRef, request: TopologyRequest): Promise<GatewayOutcome> {
    this.requests.push(request);
    return this.onGateway(request);
  }

  async checkSubDevices(_gateway: DeviceRef, claims: readonly SubDeviceClaim[]): Promise<GatewayOutcome<DeviceRef[]>> {
    await this.onSubLogin(claims);
    const refused = claims.filter(({ deviceName }) => this.disabled.has(deviceName));
    if (refused.length > 0) return { ok: false, error: 'deviceDisabled', devices: refused };
    return { ok: true, data: claims.map(({ deviceName }) => deviceRef(deviceName)) };
  }

  async connected(device: DeviceRef, { connectionId, takesOver }: NewConnection): Promise<void> {
    await this.onConnected(device, connectionId);
    if (takesOver) this.reasons.push(`${connectionId} takes over`);
    this.presence.push(`+${device.deviceName} ${connectionId}`);
  }

  async disconnected(device: DeviceRef, connectionId: string, reason?: StatusReason): Promise<void> {
    await this.onDisconnected(device, connectionId);
    this.reasons.push(`${connectionId} ${reason}`);
    this.presence.push(`-${device.deviceName} ${connectionId}`);
  }

  async confirm(connections: readonly DeviceConnection[]): Promise<Standing> {
    return { replaced: [], barred: [], recorded: [], ...(await this.onConfirm(connections)) };
  }

  async report(device: DeviceRef, message: DeviceMessage): Promise<Reply[]> {
    this.reports.push({ deviceName: device.deviceName, message });
    return this.onReport(device, message);
  }

  async claim(devices: readonly DeviceRef[], scope: 'fresh' | 'all'): Promise<Push[]> {
    this.claims.push({ deviceNames: devices.map((device) => device.deviceName), scope });
    await this.onClaim();
    return devices.flatMap(({ deviceName }) => {
      const queued = this.queued.get(deviceName) ?? [];
      this.queued.delete(deviceName);
      return [...queued, ...(scope === 'all' ? (this.unfinished.get(deviceName) ?? []) : [])];
    });
  }

  answerBlock(devices: readonly DeviceRef[], question: BlockQuestion): Promise<BlockOutcome> {
    return this.onBlock(devices, question);
  }

  /** Queues a push of a task for the next claim. */
  queue(deviceName: string, taskId: string, version = taskId): void {
    this.queued.set(deviceName, [...(this.queued.get(deviceName) ?? []), pushOf(deviceName, taskId, version)]);
  }
}

export function packageOf(version: string): PackageNotice {
  const file = { name: 'f.bin', source: 'http://h/o/1', size: 3, md5: 'a'.repeat(32), sign: 'a'.repeat(32) };
  return { version, module: 'default', isDiff: false, signMethod: 'MD5', files: [file], extData: {} };
}

export function pushOf(deviceName: string, taskId: string, version = taskId): Push {
  return {
    device: deviceRef(deviceName),
    taskId,
    notice: { kind: 'upgrade', messageId: 1, package: packageOf(version) },
  };
}
