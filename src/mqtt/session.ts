import type { IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet';
import { type DeviceErrorKey, deviceErrors } from '../contract/device-errors.ts';
import type { DeviceRef, DeviceServices, Push } from '../domain/device-services.ts';
import type { Clock } from '../lib/clock.ts';
import type { TopologyChange } from '../store/engine.ts';
import { type DeviceMessage, decodeDeviceMessage, encodeNotice, type Notice } from '../wire/device-messages.ts';
import { type DeviceNames, fileReplyTopic, mayPublish, maySubscribe, parseDeviceTopic } from '../wire/device-topics.ts';
import { type BlockOutcome, type BlockQuestion, encodeBlockReply } from '../wire/file-download.ts';
import {
  decodeGatewayRequest,
  encodeGatewayAnswer,
  encodeGatewayNotice,
  type GatewayNotice,
  type GatewayRequest,
  gatewayOpOf,
  type Message,
} from '../wire/gateway-messages.ts';
import { Blocks, type BlocksLink } from './blocks.ts';
import { encode, type MqttVersion } from './codec.ts';
import type { Ending } from './endings.ts';
import { type Heard, Inbound, type InboundLink } from './inbound.ts';
import type { GatewayLimits } from './limits.ts';
import { Outbound, packetSize } from './outbound.ts';
import type { ClaimScope } from './pushes.ts';
import { type SubDevice, SubDevices, type SubDevicesDeps, type SubDevicesLink } from './sub-devices.ts';
import { hasJustHeard, remember, type ToldTasks } from './told.ts';

/** What may wait to be sent for each sub-device, beside what may wait for any device. */
const WAITING_PER_SUB_DEVICE = 2;

const SUCCESS = 0;
export const NOT_AUTHORIZED = 0x87;
const PAYLOAD_FORMAT_INVALID = 0x99;
export const REFUSED_FILTER = 0x80;

/** The connection that carries a session. */
export interface SessionLink {
  readonly connectionId: string;
  readonly ip: string;
  readonly ended: boolean;
  /** @param taken called when the system has taken the bytes, or never will */
  write(bytes: Buffer, taken?: () => void): void;
  pauseReading(): void;
  resumeReading(): void;
  /** For the log: what the device did wrong without losing its connection. */
  complain(fields: object, message: string): void;
  end(ending: Ending, fields?: object): void;
  /** The device said goodbye. */
  farewell(): void;
}

export interface SessionOptions {
  readonly device: DeviceRef;
  readonly version: MqttVersion;
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
}

export interface SessionDeps extends SubDevicesDeps {
  readonly services: Pick<DeviceServices, 'report' | 'answerBlock' | 'answerGateway' | 'checkSubDevices'>;
  readonly clock: Clock;
  readonly limits: GatewayLimits;
}

/** A message that waits for its turn. */
type Said =
  | {
      /** Absent for a message of the device that is connected itself. */
      readonly from: DeviceNames | undefined;
      readonly message: DeviceMessage;
    }
  | { readonly topic: string; readonly request: GatewayRequest; readonly subDevices: SubDevices };

/** What a device, and those behind it, and this server say to each other after CONNACK. */
export class Session implements InboundLink<Said>, BlocksLink, SubDevicesLink, ToldTasks {
  readonly device: DeviceRef;
  told: Map<string, number> | undefined;
  readonly #deps: SessionDeps;
  readonly #link: SessionLink;
  readonly #options: SessionOptions;
  #inbound: Inbound<Said> | undefined;
  #outbound: Outbound | undefined;
  #blocks: Blocks | undefined;
  /** From the first request of a gateway on. */
  #subDevices: SubDevices | undefined;

  constructor(deps: SessionDeps, link: SessionLink, options: SessionOptions) {
    this.device = options.device;
    this.#deps = deps;
    this.#link = link;
    this.#options = options;
  }

  handle(packet: Packet): void {
    const fault = faultOf(packet);
    if (fault) {
      this.#link.end(fault, { packet: packet.cmd });
      return;
    }
    switch (packet.cmd) {
      case 'publish':
        this.#published(packet);
        break;
      case 'puback':
        this.#outbound?.acknowledged(packet.messageId ?? 0, this.#deps.clock.now());
        break;
      case 'pingreq':
        this.#write({ cmd: 'pingresp' });
        break;
      case 'subscribe':
        this.#subscribed(packet);
        break;
      case 'unsubscribe':
        this.#write({
          cmd: 'unsuback',
          messageId: packet.messageId ?? 0,
          granted: packet.unsubscriptions.map(() => 0),
        });
        break;
      case 'disconnect':
        this.#link.farewell();
        break;
    }
  }

  /** Tells the device about a package that it did not ask for. */
  push({ taskId, notice, fresh = false }: Push, scope: ClaimScope): void {
    this.#tell(this, notice, taskId, 1, scope === 'all' && !fresh);
  }

  /** As {@link push}, for one of the devices behind this one. */
  tellSubDevice(subDevice: SubDevice, { taskId, notice, fresh = false }: Push, scope: ClaimScope): void {
    this.#tell(subDevice, notice, taskId, 1, scope === 'all' && !fresh);
  }

  get connectionId(): string {
    return this.#link.connectionId;
  }

  get ip(): string {
    return this.#link.ip;
  }

  get ended(): boolean {
    return this.#link.ended;
  }

  /** The devices for which this connection may speak: its own, then those that are logged in behind it. */
  devices(): DeviceRef[] {
    return [this.device, ...(this.#subDevices?.devices() ?? [])];
  }

  /** Tells a gateway what the platform did to devices behind it, and ends what they may not have any more. */
  topologyChanged(change: TopologyChange['change'], devices: readonly DeviceNames[]): void {
    const event = deviceEvents[change];
    if (event) for (const device of devices) this.notify({ kind: 'device', event, device });
    this.notify({ kind: 'topology', change: change === 'deleted' ? 'removed' : change, devices });
    const error = expulsions[change];
    if (error) this.#subDevices?.expel(devices, deviceErrors[error]);
  }

  /** The connection is over. Resolves when that is recorded for the devices behind it, after all that they said. */
  async close(): Promise<void> {
    await this.idle();
    await this.#subDevices?.close();
  }

  /** Sends again what is due. */
  sweep(now: number): void {
    if (this.#outbound?.sweep(now) === false) this.#link.end('unacknowledged');
  }

  /** Resolves when everything that the device said is recorded. */
  async idle(): Promise<void> {
    await this.#inbound?.idle();
  }

  /** Forgets what is not recorded yet. */
  clear(): void {
    this.#inbound?.clear();
  }

  /** System topics reach the device with or without it (device-protocol 1.6), so nothing needs to be remembered. */
  #subscribed({ messageId = 0, subscriptions }: ISubscribePacket): void {
    const granted = subscriptions.map(({ topic, qos }) => {
      if (this.#maySubscribe(topic)) return Math.min(qos, 1);
      this.#link.complain({ filter: topic }, 'refused a subscription');
      return this.#options.version === 5 ? NOT_AUTHORIZED : REFUSED_FILTER;
    });
    this.#write({ cmd: 'suback', messageId, granted });
  }

  #maySubscribe(filter: string): boolean {
    if (maySubscribe(this.device, filter)) return true;
    const names = this.#subDevices && parseDeviceTopic(filter);
    const subDevice = names && this.#subDevices?.get(names);
    return subDevice !== undefined && maySubscribe(subDevice.device, filter);
  }

  #published({ topic, qos, messageId: id = 0, payload }: IPublishPacket): void {
    const messageId = qos === 0 ? 0 : id;
    const said = this.#read(topic, typeof payload === 'string' ? Buffer.from(payload) : payload);
    this.#inbound ??= new Inbound(this, this.#deps.limits.waitingReports);
    if (typeof said === 'number') {
      this.#inbound.acknowledge(messageId, said);
    } else if ('question' in said) {
      // a question changes nothing, so there is no commit to wait for
      this.#inbound.acknowledge(messageId, SUCCESS);
      this.#askForBlock(said.from ?? this.device, said.question);
    } else {
      this.#inbound.report(said, messageId, runOf(said));
    }
  }

  #askForBlock({ productKey, deviceName }: DeviceNames, question: BlockQuestion): void {
    const { clock, limits } = this.#deps;
    this.#blocks ??= new Blocks(this, clock, limits);
    this.#blocks.ask(fileReplyTopic(productKey, deviceName), question);
  }

  /**
   * @returns the message, or the reason code of PUBACK for one that the rules need not hear of. What is wrong is
   * acknowledged all the same, or the device would send it for ever
   */
  #read(
    topic: string,
    payload: Buffer,
  ): Said | { readonly from: DeviceNames | undefined; readonly question: BlockQuestion } | number {
    const own = mayPublish(this.device, topic);
    const names = own ? undefined : this.#behind(topic);
    if (!own && !names) {
      this.#link.complain({ topic }, 'dropped a message to a topic that is not of this device');
      return NOT_AUTHORIZED;
    }
    const message = decodeDeviceMessage(parseDeviceTopic(topic)?.kind ?? 'other', payload);
    if (message.kind === 'malformed') {
      this.#link.complain({ topic, reason: message.reason }, 'dropped a malformed message');
      return PAYLOAD_FORMAT_INVALID;
    }
    if (message.kind === 'block') return { from: names, question: message };
    if (message.kind !== 'other' || names) return { from: names, message };
    const op = gatewayOpOf(topic);
    if (!op) return SUCCESS;
    this.#subDevices ??= new SubDevices(this.#deps, this);
    return { topic, request: decodeGatewayRequest(op, payload), subDevices: this.#subDevices };
  }

  /** Whose topic it is, if it may be that of a device behind this one: whether that is logged in shows when its turn comes. */
  #behind(topic: string): DeviceNames | undefined {
    const names = this.#subDevices && parseDeviceTopic(topic);
    return names && mayPublish(names, topic) ? names : undefined;
  }

  /** Not to be called from outside, as all of {@link InboundLink}. */
  async hear(said: Said): Promise<Heard> {
    if ('request' in said) {
      const { topic, request, subDevices } = said;
      const message = encodeGatewayAnswer(topic, request.id, await subDevices.answer(request));
      const answer = (qos: 0 | 1) => {
        this.#send(message, qos);
        subDevices.answered();
      };
      return { reasonCode: SUCCESS, answer };
    }
    const { from, message } = said;
    const speaker = from ? this.#subDevices?.get(from) : this;
    if (!speaker) return this.#stranger(from ?? this.device);
    if (message.kind === 'other') return { reasonCode: SUCCESS, answer: () => undefined };
    const work = this.#deps.services.report(speaker.device, message);
    const replies = await (speaker === this ? work : (speaker as SubDevice).recording(work));
    // a failed task may be retried at once, and that is a new push
    if (message.kind === 'progress' && message.step < 0) speaker.told = undefined;
    const asked = message.kind === 'get' || message.kind === 'request';
    const answer = (qos: 0 | 1) => {
      if (speaker.ended) return;
      for (const { notice, taskId, fresh = false } of replies) {
        // a message has the QoS of its publisher (device-protocol 1.6): here that of the question
        this.#tell(speaker, notice, taskId, asked ? qos : 1, !asked && !fresh);
      }
    };
    return { reasonCode: SUCCESS, answer };
  }

  /** A message in the name of a device that is not logged in here. */
  #stranger(device: DeviceNames): Heard {
    this.#link.complain({ ...device }, 'dropped a message of a device that is not logged in through this gateway');
    const notice = { kind: 'noSession', device, error: deviceErrors.sessionError } as const;
    return { reasonCode: NOT_AUTHORIZED, answer: () => this.notify(notice) };
  }

  acknowledge(messageId: number, reasonCode: number): void {
    this.#write({ cmd: 'puback', messageId, reasonCode });
  }

  /**
   * A gateway may fetch what one of the devices behind it has to install: C 4.2 asks on the gateway's topic for them
   * (device-protocol 8).
   */
  async answerBlock(question: BlockQuestion, topic: string): Promise<BlockOutcome> {
    const names = parseDeviceTopic(topic);
    const own = names && mayPublish(this.device, topic);
    const behind = own ? undefined : names && this.#subDevices?.get(names)?.device;
    const devices = own ? this.devices() : behind ? [behind] : [];
    if (devices.length === 0) return { ok: false, code: 404, reason: 'the device is not logged in' };
    return this.#deps.services.answerBlock(devices, question);
  }

  /** At QoS 0, whatever the question had: a block is asked for again, and nothing is kept until it is acknowledged. */
  async sendBlock(topic: string, question: BlockQuestion, outcome: BlockOutcome): Promise<void> {
    const { version, maximumPacketSize } = this.#options;
    const message = { topic, payload: encodeBlockReply(question, outcome) };
    if (packetSize(message, 0, version) > maximumPacketSize) {
      this.complain({ topic }, 'dropped a block that is larger than the device takes');
      return;
    }
    const bytes = encode(version, { cmd: 'publish', ...message, qos: 0, dup: false, retain: false });
    await new Promise<void>((resolve) => this.#link.write(bytes, resolve));
  }

  complain(fields: object, message: string): void {
    this.#link.complain(fields, message);
  }

  failed(error: unknown): void {
    this.#link.end('reportFailed', { error });
  }

  pauseReading(): void {
    this.#link.pauseReading();
  }

  resumeReading(): void {
    this.#link.resumeReading();
  }

  /**
   * @param repeats whether the notice may be one that the device has just been given: then it is not sent again. What
   * the device asked for and what was queued anew is always sent
   */
  #tell(
    speaker: ToldTasks & { readonly device: DeviceRef },
    notice: Notice,
    taskId: string | undefined,
    qos: 0 | 1,
    repeats: boolean,
  ): void {
    const now = this.#deps.clock.now();
    if (taskId !== undefined) {
      if (repeats && hasJustHeard(speaker, taskId, now)) return;
      remember(speaker, taskId, now);
    }
    this.#send(encodeNotice(speaker.device, notice), qos);
  }

  /** What tells how things are goes without acknowledgement; what changed them is repeated until it is heard. */
  notify(notice: GatewayNotice): void {
    const qos = notice.kind === 'topology' || notice.kind === 'device' ? 1 : 0;
    this.#send(encodeGatewayNotice(this.device, notice, this.#deps.clock.now()), qos);
  }

  broke(error: unknown, request: string): void {
    this.#link.complain({ error, request }, 'a request of a gateway failed');
  }

  #send(message: Message, qos: 0 | 1): void {
    const { version, maximumPacketSize } = this.#options;
    if (packetSize(message, qos, version) > maximumPacketSize) {
      this.#link.complain({ topic: message.topic }, 'dropped a message that is larger than the device takes');
    } else if (qos === 0) {
      this.#write({ cmd: 'publish', ...message, qos: 0, dup: false, retain: false });
    } else {
      this.#outbound ??= this.#openOutbound();
      if (!this.#outbound.send(message, this.#deps.clock.now())) this.#link.end('tooSlow');
    }
  }

  #openOutbound(): Outbound {
    const { limits } = this.#deps;
    const { version, receiveMaximum } = this.#options;
    const waiting = () => limits.waitingPushes + WAITING_PER_SUB_DEVICE * (this.#subDevices?.size ?? 0);
    return new Outbound({
      version,
      inFlight: Math.min(limits.inFlight, receiveMaximum),
      get waiting() {
        return waiting();
      },
      write: (bytes) => this.#link.write(bytes),
    });
  }

  #write(packet: Packet): void {
    this.#link.write(encode(this.#options.version, packet));
  }
}

/** What a device is told on a topic of its own when the platform did this to it. */
const deviceEvents: Readonly<Partial<Record<TopologyChange['change'], 'delete' | 'disable' | 'enable'>>> = {
  deleted: 'delete',
  disabled: 'disable',
  enabled: 'enable',
};

/** Why it is logged out then. */
const expulsions: Readonly<Partial<Record<TopologyChange['change'], DeviceErrorKey>>> = {
  removed: 'noTopology',
  deleted: 'deviceDeleted',
  disabled: 'deviceDisabled',
};

/** Progress of a module overtakes earlier progress of the same module that still waits. */
function runOf(said: Said): string | undefined {
  if ('request' in said || said.message.kind !== 'progress' || said.message.step < 0) return undefined;
  const { module } = said.message;
  return said.from ? `${module} ${said.from.productKey}/${said.from.deviceName}` : module;
}

/** What is wrong with a packet beyond what the codec sees; the codec lets a missing message id pass as -1. */
export function faultOf(packet: Packet): Ending | undefined {
  const lacksId = (packet.messageId ?? 0) < 1;
  switch (packet.cmd) {
    case 'publish':
      if (packet.qos === 2) return 'qosNotSupported';
      // none was granted, so any is invalid (MQTT 5 3.3.2.3.4)
      if (packet.properties?.topicAlias !== undefined) return 'topicAlias';
      return packet.topic === '' || (packet.qos === 1 && lacksId) ? 'malformed' : undefined;
    case 'subscribe':
      return lacksId || packet.subscriptions.length === 0 ? 'malformed' : undefined;
    case 'unsubscribe':
      return lacksId || packet.unsubscriptions.length === 0 ? 'malformed' : undefined;
    case 'puback':
    case 'pingreq':
    case 'disconnect':
      return undefined;
    default:
      return 'protocolError';
  }
}
