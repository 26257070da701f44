import type { Packet } from 'mqtt-packet';
import type { DeviceRef } from '../domain/device-services.ts';
import type { Clock } from '../lib/clock.ts';
import type { Meters, SaidKind } from '../lib/meters.ts';
import { encodeNotice, type Notice } from '../wire/device-messages.ts';
import { encode, encodePuback, type MqttVersion } from './codec.ts';
import type { Ending } from './endings.ts';
import type { GatewayLimits } from './limits.ts';
import { Outbound, packetSize } from './outbound.ts';

/** A push of the same task within this time is the same push (device-protocol 3.10). */
const SAME_PUSH_MS = 10_000;

/** What may wait to be sent for each sub-device, beside what may wait for any device. */
const WAITING_PER_SUB_DEVICE = 2;

/** A device that is told things on this connection: its own, or one behind it. */
export interface Listener {
  readonly device: DeviceRef;
  /** When each task was last told about; nothing while there was none. */
  told: Map<string, number> | undefined;
}

export interface OutgoingLink {
  /** @param taken called when the system has taken the bytes, or never will */
  write(bytes: Buffer, taken?: () => void): void;
  complain(fields: object, message: string): void;
  end(ending: Ending, fields?: object): void;
}

export interface OutgoingOptions {
  readonly version: MqttVersion;
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
}

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
}

interface OutgoingDeps {
  readonly clock: Clock;
  readonly limits: GatewayLimits;
  readonly meters: Pick<Meters, 'said'>;
}

/** Everything that this server says on one connection. */
export class Outgoing {
  /** Devices logged in behind this one: the more, the more may wait to be sent. */
  subDevices = 0;
  readonly #deps: OutgoingDeps;
  readonly #link: OutgoingLink;
  readonly #options: OutgoingOptions;
  #outbound: Outbound | undefined;

  constructor(deps: OutgoingDeps, link: OutgoingLink, options: OutgoingOptions) {
    this.#deps = deps;
    this.#link = link;
    this.#options = options;
  }

  write(packet: Packet): void {
    this.#link.write(encode(this.#options.version, packet));
  }

  /** Sends PUBACK; the reason code is for MQTT 5. */
  acknowledge(messageId: number, reasonCode: number): void {
    this.#link.write(encodePuback(this.#options.version, messageId, reasonCode));
  }

  /**
   * @param taskId that the notice is about, if it is about one
   * @param repeats whether the notice may be one that the device has just been given: then it is not sent again. What
   * the device asked for and what was queued anew is always sent
   */
  tell(listener: Listener, notice: Notice, taskId: string | undefined, qos: 0 | 1, repeats: boolean): void {
    const now = this.#deps.clock.now();
    if (taskId !== undefined) {
      const last = listener.told?.get(taskId);
      if (repeats && last !== undefined && now - last < SAME_PUSH_MS) return;
      remember(listener, taskId, now);
    }
    this.send(encodeNotice(listener.device, notice), qos, notice.kind === 'upgrade' ? 'push' : notice.kind);
  }

  send(message: Message, qos: 0 | 1, kind: SaidKind): void {
    if (!this.#fits(message, qos)) return;
    this.#deps.meters.said(kind, message.payload.length);
    if (qos === 0) {
      this.write({ cmd: 'publish', ...message, qos: 0, dup: false, retain: false });
      return;
    }
    this.#outbound ??= this.#openOutbound();
    if (!this.#outbound.send(message, this.#deps.clock.now())) this.#link.end('tooSlow');
  }

  /** At QoS 0; resolves when the system has taken the bytes, or never will. */
  async sendAndWait(message: Message, kind: SaidKind): Promise<void> {
    if (!this.#fits(message, 0)) return;
    this.#deps.meters.said(kind, message.payload.length);
    const bytes = encode(this.#options.version, { cmd: 'publish', ...message, qos: 0, dup: false, retain: false });
    await new Promise<void>((resolve) => this.#link.write(bytes, resolve));
  }

  acknowledged(messageId: number): void {
    this.#outbound?.acknowledged(messageId, this.#deps.clock.now());
  }

  /** Sends again what is due. */
  sweep(now: number): void {
    if (this.#outbound?.sweep(now) === false) this.#link.end('unacknowledged');
  }

  #fits(message: Message, qos: 0 | 1): boolean {
    const { version, maximumPacketSize } = this.#options;
    if (packetSize(message, qos, version) <= maximumPacketSize) return true;
    this.#link.complain({ topic: message.topic }, 'dropped a message that is larger than the device takes');
    return false;
  }

  #openOutbound(): Outbound {
    const { limits } = this.#deps;
    const { version, receiveMaximum } = this.#options;
    const waiting = () => limits.waitingPushes + WAITING_PER_SUB_DEVICE * this.subDevices;
    return new Outbound({
      version,
      inFlight: Math.min(limits.inFlight, receiveMaximum),
      get waiting() {
        return waiting();
      },
      write: (bytes) => this.#link.write(bytes),
    });
  }
}

function remember(listener: Listener, taskId: string, now: number): void {
  listener.told ??= new Map();
  for (const [other, at] of listener.told) if (now - at >= SAME_PUSH_MS) listener.told.delete(other);
  listener.told.set(taskId, now);
}
