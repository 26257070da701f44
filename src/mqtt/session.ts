import type { IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet';
import type { DeviceRef, DeviceServices, Push, Reply } from '../domain/device-services.ts';
import type { Clock } from '../lib/clock.ts';
import { type DeviceMessage, decodeDeviceMessage, encodeNotice, type Notice } from '../wire/device-messages.ts';
import { fileReplyTopic, mayPublish, maySubscribe, parseDeviceTopic } from '../wire/device-topics.ts';
import { type BlockOutcome, type BlockQuestion, encodeBlockReply } from '../wire/file-download.ts';
import { Blocks, type BlocksLink } from './blocks.ts';
import { encode, type MqttVersion } from './codec.ts';
import type { Ending } from './endings.ts';
import { Inbound, type InboundLink } from './inbound.ts';
import type { GatewayLimits } from './limits.ts';
import { Outbound, packetSize } from './outbound.ts';
import type { ClaimScope } from './pushes.ts';

/** A push of the same task within this time is the same push (device-protocol 3.10). */
const SAME_PUSH_MS = 10_000;

const SUCCESS = 0;
export const NOT_AUTHORIZED = 0x87;
const PAYLOAD_FORMAT_INVALID = 0x99;
export const REFUSED_FILTER = 0x80;

/** The connection that carries a session. */
export interface SessionLink {
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

export interface SessionDeps {
  readonly services: Pick<DeviceServices, 'report' | 'answerBlock'>;
  readonly clock: Clock;
  readonly limits: GatewayLimits;
}

/** What a device and the gateway say to each other after CONNACK. */
export class Session implements InboundLink, BlocksLink {
  readonly device: DeviceRef;
  readonly #deps: SessionDeps;
  readonly #link: SessionLink;
  readonly #options: SessionOptions;
  #inbound: Inbound | undefined;
  #outbound: Outbound | undefined;
  #blocks: Blocks | undefined;
  /** When each task was last told about on this connection. */
  #told: Map<string, number> | undefined;

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
    this.#tell(notice, taskId, 1, scope === 'all' && !fresh);
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
      if (maySubscribe(this.device, topic)) return Math.min(qos, 1);
      this.#link.complain({ filter: topic }, 'refused a subscription');
      return this.#options.version === 5 ? NOT_AUTHORIZED : REFUSED_FILTER;
    });
    this.#write({ cmd: 'suback', messageId, granted });
  }

  #published({ topic, qos, messageId: id = 0, payload }: IPublishPacket): void {
    const messageId = qos === 0 ? 0 : id;
    const message = this.#read(topic, payload);
    this.#inbound ??= new Inbound(this, this.#deps.limits.waitingReports);
    if (typeof message === 'number') {
      this.#inbound.acknowledge(messageId, message);
    } else if (message.kind === 'block') {
      // a question changes nothing, so there is no commit to wait for
      this.#inbound.acknowledge(messageId, SUCCESS);
      this.#askForBlock(topic, message);
    } else {
      this.#inbound.report(message, messageId);
    }
  }

  #askForBlock(topic: string, question: BlockQuestion): void {
    const { clock, limits } = this.#deps;
    const { productKey, deviceName } = parseDeviceTopic(topic) ?? this.device;
    this.#blocks ??= new Blocks(this, clock, limits);
    this.#blocks.ask(fileReplyTopic(productKey, deviceName), question);
  }

  /**
   * @returns the message, or the reason code of PUBACK for one that the rules need not hear of. What is wrong is
   * acknowledged all the same, or the device would send it for ever
   */
  #read(topic: string, payload: Buffer | string): DeviceMessage | BlockQuestion | number {
    if (!mayPublish(this.device, topic)) {
      this.#link.complain({ topic }, 'dropped a message to a topic that is not of this device');
      return NOT_AUTHORIZED;
    }
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const message = decodeDeviceMessage(parseDeviceTopic(topic)?.kind ?? 'other', bytes);
    if (message.kind === 'other') return SUCCESS;
    if (message.kind !== 'malformed') return message;
    this.#link.complain({ topic, reason: message.reason }, 'dropped a malformed message');
    return PAYLOAD_FORMAT_INVALID;
  }

  /** Not to be called from outside, as all of {@link InboundLink}. */
  async report(message: DeviceMessage): Promise<Reply[]> {
    const replies = await this.#deps.services.report(this.device, message);
    // a failed task may be retried at once, and that is a new push
    if (message.kind === 'progress' && message.step < 0) this.#told = undefined;
    return replies;
  }

  acknowledge(messageId: number, reasonCode: number): void {
    this.#write({ cmd: 'puback', messageId, reasonCode });
  }

  answer(message: DeviceMessage, replies: readonly Reply[], qos: number): void {
    const asked = message.kind === 'get' || message.kind === 'request';
    for (const { notice, taskId, fresh = false } of replies) {
      // a message has the QoS of its publisher (device-protocol 1.6): here that of the question
      this.#tell(notice, taskId, asked ? qos : 1, !asked && !fresh);
    }
  }

  get ended(): boolean {
    return this.#link.ended;
  }

  answerBlock(question: BlockQuestion): Promise<BlockOutcome> {
    return this.#deps.services.answerBlock([this.device], question);
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
  #tell(notice: Notice, taskId: string | undefined, qos: number, repeats: boolean): void {
    const now = this.#deps.clock.now();
    if (taskId !== undefined) {
      const last = this.#told?.get(taskId);
      if (repeats && last !== undefined && now - last < SAME_PUSH_MS) return;
      this.#remember(taskId, now);
    }
    const message = encodeNotice(this.device, notice);
    const { version, maximumPacketSize } = this.#options;
    if (packetSize(message, qos, version) > maximumPacketSize) {
      this.#link.complain({ topic: message.topic }, 'dropped a message that is larger than the device takes');
    } else if (qos === 0) {
      this.#write({ cmd: 'publish', ...message, qos: 0, dup: false, retain: false });
    } else {
      this.#outbound ??= this.#openOutbound();
      if (!this.#outbound.send(message, now)) this.#link.end('tooSlow');
    }
  }

  #remember(taskId: string, now: number): void {
    this.#told ??= new Map();
    for (const [other, at] of this.#told) if (now - at >= SAME_PUSH_MS) this.#told.delete(other);
    this.#told.set(taskId, now);
  }

  #openOutbound(): Outbound {
    const { limits } = this.#deps;
    const { version, receiveMaximum } = this.#options;
    return new Outbound({
      version,
      inFlight: Math.min(limits.inFlight, receiveMaximum),
      waiting: limits.waitingPushes,
      write: (bytes) => this.#link.write(bytes),
    });
  }

  #write(packet: Packet): void {
    this.#link.write(encode(this.#options.version, packet));
  }
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
