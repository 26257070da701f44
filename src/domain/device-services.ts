import type { DeviceErrorKey } from '../contract/device-errors.ts';
import type { StatusReason } from '../contract/status-reasons.ts';
import type { DeviceConnection } from '../store/engine.ts';
import type { DeviceMessage, Notice } from '../wire/device-messages.ts';
import type { DeviceNames } from '../wire/device-topics.ts';
import type { BlockOutcome, BlockQuestion } from '../wire/file-download.ts';
import type { GatewayRequest, SubDeviceClaim } from '../wire/gateway-messages.ts';
import type { ConnectClaim } from '../wire/mqtt-connect.ts';
import type { RegistrationClaim, RegistrationKind } from '../wire/registration.ts';
import type { RegistrationOutcome } from './dynamic-registration.ts';

/** A device as the gateway knows it after login. */
export interface DeviceRef {
  readonly deviceId: string;
  readonly productKey: string;
  readonly deviceName: string;
}

export type LoginOutcome =
  | { readonly ok: true; readonly device: DeviceRef }
  /** refused: unknown device or wrong signature, told apart in the log only; throttled: too many of the address failed. */
  | { readonly ok: false; readonly reason: 'refused' | 'disabled' | 'throttled'; readonly detail: string };

/** What became of a gateway's request. */
export type GatewayOutcome<T = unknown> =
  | { readonly ok: true; readonly data: T }
  /** `devices`: those of the request that it failed for, where that can be told. */
  | { readonly ok: false; readonly error: DeviceErrorKey; readonly devices?: readonly DeviceNames[] };

/** What a gateway asks of the rules, logins and logouts apart. */
export type TopologyRequest = Extract<
  GatewayRequest,
  { op: 'subRegister' | 'productRegister' | 'topoAdd' | 'topoDelete' | 'topoGet' }
>;

export interface NewConnection {
  readonly connectionId: string;
  readonly ip: string;
  /** Whether another connection of the device on this node had its place until now. */
  readonly takesOver?: boolean;
}

/** Something to tell a device, with the task it belongs to (for de-duplication). */
export interface Push {
  readonly device: DeviceRef;
  readonly taskId: string;
  readonly notice: Notice;
  /** The task was queued anew: this is never the repetition of an earlier push. */
  readonly fresh?: boolean;
}

/** What a device said. */
export interface Report<Message extends DeviceMessage = DeviceMessage> {
  readonly device: DeviceRef;
  readonly message: Message;
}

/** How connections stand that a node has; those that are as recorded are not named. */
export interface Standing {
  /** A newer connection of the device is recorded on another node. */
  readonly replaced: readonly DeviceConnection[];
  /** The device was deleted or disabled. */
  readonly barred: readonly DeviceConnection[];
  /** The connection was not recorded, and is now. */
  readonly recorded: readonly DeviceConnection[];
}

/** An answer to a report, with the task that it is about, if there is one. */
export interface Reply {
  readonly notice: Notice;
  readonly taskId?: string;
  /** As for a push. */
  readonly fresh?: boolean;
}

/**
 * What a device gateway needs from the rules: who is this, what did it say, what should it be told.
 * Every promise resolves after the commit, so a gateway may acknowledge when it does.
 */
export interface DeviceServices {
  /** @param address of the peer, which may not fail more often than it is allowed to; for `register`, too */
  login(claim: ConnectClaim, address: string): Promise<LoginOutcome>;
  /** Gives a device credentials because it knows its product's secret. */
  register(kind: RegistrationKind, claim: RegistrationClaim, address: string): Promise<RegistrationOutcome>;
  /** Does what a gateway asks for about the devices behind it. */
  answerGateway(gateway: DeviceRef, request: TopologyRequest): Promise<GatewayOutcome>;
  /** Who the devices are that a gateway logs in, if all of them may be. */
  checkSubDevices(gateway: DeviceRef, claims: readonly SubDeviceClaim[]): Promise<GatewayOutcome<DeviceRef[]>>;
  /** Records the connection, for a sub-device that of its gateway; it replaces an earlier one of the same device, on whatever node. */
  connected(device: DeviceRef, connection: NewConnection): Promise<void>;
  /** Records the end of a connection unless a newer one took its place. @param reason as far as it is known */
  disconnected(device: DeviceRef, connectionId: string, reason?: StatusReason): Promise<void>;
  /** Tells how these connections of the node stand, and records those again that were ended in its name. */
  confirm(connections: readonly DeviceConnection[]): Promise<Standing>;
  /** Records what a device said and returns what to answer on this connection. */
  report(device: DeviceRef, message: DeviceMessage): Promise<Reply[]>;
  /**
   * Takes the packages that these connected devices are to be told about now and marks the tasks NOTIFIED.
   * `fresh`: queued tasks only. `all`: also tasks already NOTIFIED or IN_PROGRESS, for a device that has just connected.
   */
  claim(devices: readonly DeviceRef[], scope: 'fresh' | 'all'): Promise<Push[]>;
  /**
   * Reads the block of a file that is asked for over MQTT, or says why the device may not have it. Rejects when the bytes
   * cannot be read; the device asks again. One call at a time for a connection.
   * @param devices the one that asks first, then those for which its connection may ask besides
   */
  answerBlock(devices: readonly DeviceRef[], question: BlockQuestion): Promise<BlockOutcome>;
}
