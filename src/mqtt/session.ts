import type { IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet';
import { deviceErrors } from '../contract/device-errors.ts';
import type { DeviceRef, DeviceServices, Push } from '../domain/device-services.ts';
import type { Clock } from '../lib/clock.ts';
import type { HeardKind, Meters } from '../lib/meters.ts';
import type { TopologyChange } from '../store/engine.ts';
import { type DeviceMessage, decodeDeviceMessage } from '../wire/device-messages.ts';
import {
  type DeviceNames,
  fileReplyTopic,
  kindOfOwnTopic,
  mayPublish,
  maySubscribe,
  parseDeviceTopic,
} from '../wire/device-topics.ts';
import { type BlockOutcome, type BlockQuestion, encodeBlockReply } from '../wire/file-download.ts';
import {
  decodeGatewayRequest,
  encodeGatewayAnswer,
  encodeGatewayNotice,
  type GatewayNotice,
  type GatewayRequest,
  gatewayOpOf,
} from '../wire/gateway-messages.ts';
import { Blocks, type BlocksLink } from './blocks.ts';
import { faultOf, NOT_AUTHORIZED, PAYLOAD_FORMAT_INVALID, REFUSED_FILTER } from './faults.ts';
import { type Heard, Inbound, type InboundLink } from './inbound.ts';
import type { GatewayLimits } from './limits.ts';
import { type Listener, Outgoing, type OutgoingLink, type OutgoingOptions } from './outgoing.ts';
import type { ClaimScope } from './pushes.ts';
import type { Room } from './room.ts';
import { type SubDevice, SubDevices, type SubDevicesDeps, type SubDevicesLink } from './sub-devices.ts';

const SUCCESS = 0;

/** The connection that carries a session. */
export interface SessionLink extends OutgoingLink {
  readonly connectionId: string;
  readonly ip: string;
  readonly ended: boolean;
  pauseReading(): void;
  resumeReading(): void;
  /** The device said goodbye. */
  farewell(): void;
}

export interface SessionOptions extends OutgoingOptions {
  readonly device: DeviceRef;
}

export interface SessionDeps extends SubDevicesDeps {
  readonly services: Pick<DeviceServices, 'report' | 'answerBlock' | 'answerGateway' | 'checkSubDevices'>;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly limits: GatewayLimits;
  /** For the messages of all connections that wait to be stored. */
  readonly room: Room;
}

/** A message that waits for its turn. */
type Said =
  | {
      /** Absent for a message of the device that is connected itself. */
      readonly from: DeviceNames | undefined;
      readonly message: DeviceMessage;
    }
  | { readonly topic: string; readonly request: GatewayRequest; readonly subDevices: SubDevices };

/** Of a block of a file: it is answered at once. */
interface Question {
  readonly from: DeviceNames | undefined;
  readonly question: BlockQuestion;
}

/** What a device, and those behind it, and this server say to each other after CONNACK. */
export class Session implements InboundLink<Said>, BlocksLink, SubDevicesLink, Listener {
  readonly device: DeviceRef;
  told: Map<string, number> | undefined;
  readonly #deps: SessionDeps;
  readonly #link: SessionLink;
  readonly #outgoing: Outgoing;
  readonly #refusedFilter: number;
  #inbound: Inbound<Said> | undefined;
  #blocks: Blocks | undefined;
  /** From the first request of a gateway on. */
  #subDevices: SubDevices | undefined;

  constructor(deps: SessionDeps, link: SessionLink, options: SessionOptions) {
    this.device = options.device;
    this.#deps = deps;
    this.#link = link;
    this.#outgoing = new Outgoing(deps, link, options);
    this.#refusedFilter = options.version === 5 ? NOT_AUTHORIZED : REFUSED_FILTER;
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
        this.#outgoing.acknowledged(packet.messageId ?? 0);
        break;
      case 'pingreq':
        this.#outgoing.write({ cmd: 'pingresp' });
        break;
      case 'subscribe':
        this.#subscribed(packet);
        break;
      case 'unsubscribe':
        this.#outgoing.write({
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
    this.#outgoing.tell(this, notice, taskId, 1, scope === 'all' && !fresh);
  }

  /** As {@link push}, for one of the devices behind this one. */
  tellSubDevice(subDevice: SubDevice, { taskId, notice, fresh = false }: Push, scope: ClaimScope): void {
    this.#outgoing.tell(subDevice, notice, taskId, 1, scope === 'all' && !fresh);
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
    this.#openSubDevices().topologyChanged(change, devices);
  }

  /** The connection is over. Resolves when that is recorded for the devices behind it, after all that they said. */
  async close(): Promise<void> {
    await this.idle();
    await this.#subDevices?.close();
  }

  /** Sends again what is due. */
  sweep(now: number): void {
    this.#outgoing.sweep(now);
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
      return this.#refusedFilter;
    });
    this.#outgoing.write({ cmd: 'suback', messageId, granted });
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
    this.#deps.meters.heard('mqtt', kindOf(said));
    this.#inbound ??= this.#openInbound();
    if (typeof said === 'number') {
      this.#inbound.acknowledge(messageId, said);
    } else if ('question' in said) {
      // a question changes nothing, so there is no commit to wait for
      this.#inbound.acknowledge(messageId, SUCCESS);
      this.#askForBlock(said.from ?? this.device, said.question);
    } else {
      this.#inbound.report(said, messageId, payload.length, runOf(said));
    }
  }

  #openInbound(): Inbound<Said> {
    const { limits, room } = this.#deps;
    return new Inbound(this, { messages: limits.waitingReports, bytes: limits.waitingBytes, room });
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
  #read(topic: string, payload: Buffer): Said | Question | number {
    const own = kindOfOwnTopic(this.device, topic);
    const names = own ? undefined : this.#behind(topic);
    const kind = own ?? (names && kindOfOwnTopic(names, topic));
    if (!kind) {
      this.#link.complain({ topic }, 'dropped a message to a topic that is not of this device');
      return NOT_AUTHORIZED;
    }
    const message = decodeDeviceMessage(kind, payload);
    if (message.kind === 'malformed') {
      this.#link.complain({ topic, reason: message.reason }, 'dropped a malformed message');
      return PAYLOAD_FORMAT_INVALID;
    }
    if (message.kind === 'block') return { from: names, question: message };
    if (message.kind !== 'other' || names) return { from: names, message };
    const op = gatewayOpOf(topic);
    if (!op) return SUCCESS;
    return { topic, request: decodeGatewayRequest(op, payload), subDevices: this.#openSubDevices() };
  }

  #openSubDevices(): SubDevices {
    this.#subDevices ??= new SubDevices(this.#deps, this);
    return this.#subDevices;
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
        this.#outgoing.send(message, qos, 'gatewayAnswer');
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
        this.#outgoing.tell(speaker, notice, taskId, asked ? qos : 1, !asked && !fresh);
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
    this.#outgoing.acknowledge(messageId, reasonCode);
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
  sendBlock(topic: string, question: BlockQuestion, outcome: BlockOutcome): Promise<void> {
    return this.#outgoing.sendAndWait({ topic, payload: encodeBlockReply(question, outcome) }, 'block');
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

  /** What tells how things are goes without acknowledgement; what changed them is repeated until it is heard. */
  notify(notice: GatewayNotice): void {
    const qos = notice.kind === 'topology' || notice.kind === 'device' ? 1 : 0;
    this.#outgoing.send(encodeGatewayNotice(this.device, notice, this.#deps.clock.now()), qos, 'gatewayNotice');
  }

  /** The more devices are behind this one, the more may wait to be sent. */
  counted(subDevices: number): void {
    this.#outgoing.subDevices = subDevices;
  }
}

function kindOf(said: Said | Question | number): HeardKind {
  if (typeof said !== 'number') return 'question' in said ? 'block' : 'request' in said ? 'gateway' : said.message.kind;
  return said === NOT_AUTHORIZED ? 'foreign' : said === PAYLOAD_FORMAT_INVALID ? 'malformed' : 'other';
}

/** Progress of a module overtakes earlier progress of the same module that still waits. */
function runOf(said: Said): string | undefined {
  if ('request' in said || said.message.kind !== 'progress' || said.message.step < 0) return undefined;
  const { module } = said.message;
  return said.from ? `${module} ${said.from.productKey}/${said.from.deviceName}` : module;
}
