import type { IConnectPacket, Packet } from 'mqtt-packet';
import type { StatusReason } from '../contract/status-reasons.ts';
import type { DeviceRef, DeviceServices, Push } from '../domain/device-services.ts';
import type { Clock } from '../lib/clock.ts';
import type { Meters } from '../lib/meters.ts';
import type { TopologyChange } from '../store/engine.ts';
import type { DeviceNames } from '../wire/device-topics.ts';
import type { Credentials } from '../wire/registration.ts';
import { type AdmissionDeps, admit, type Entrant } from './admission.ts';
import { type Decoder, encode, type MqttVersion, readProtocol } from './codec.ts';
import { type Accepted, type Refusal, refusalCode, welcome } from './connect.ts';
import { type Ending, endings, reasonOf } from './endings.ts';
import { FrameReader } from './frame-reader.ts';
import type { GatewayLimits } from './limits.ts';
import type { ClaimScope } from './pushes.ts';
import { Registrant } from './registrant.ts';
import type { Room } from './room.ts';
import { Session, type SessionLink } from './session.ts';
import type { Receiver, Transport } from './transport.ts';

/** Lines that one connection may put into the log with its mistakes. */
const MAX_COMPLAINTS = 20;

export interface ConnectionDeps extends AdmissionDeps {
  readonly services: DeviceServices;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly limits: GatewayLimits;
  /** For the messages of all connections that wait to be stored. */
  readonly room: Room;
  readonly decoder: Decoder;
  /** The device is in and has its CONNACK. */
  readonly arrived: (deviceId: string) => void;
  /** Nothing of the connection is left: its socket is closed and its end recorded. */
  readonly gone: (connection: Connection) => void;
}

/** waiting for CONNECT, for the rules' answer to it, in, and over (the socket may still linger). */
type Phase = 'opening' | 'entering' | 'open' | 'ended';

/** One socket's life from the first byte to the last: CONNECT, a session, the end. */
export class Connection implements Receiver, Entrant, SessionLink {
  readonly connectionId: string;
  readonly #deps: ConnectionDeps;
  readonly #transport: Transport;
  readonly #frames: FrameReader;
  #phase: Phase = 'opening';
  /** When the phase began; for 'opening', when the socket was accepted. */
  #since: number;
  #version: MqttVersion = 4;
  /** When the last whole packet came. */
  #heard = 0;
  #silenceMs = 0;
  #paused = false;
  /** Packets that came in the same breath as CONNECT. */
  #early: Buffer[] | undefined;
  #session: Session | undefined;
  /** In place of a session, of a device that registers. */
  #registrant: Registrant | undefined;
  #endReason: StatusReason | undefined;
  #complaints = 0;
  /** What must be over before the connection is gone: the socket, a login, the recording of its end. */
  #holds = 1;

  constructor(deps: ConnectionDeps, transport: Transport, connectionId: string, acceptedAt: number) {
    this.#deps = deps;
    this.#transport = transport;
    this.connectionId = connectionId;
    this.#frames = new FrameReader(deps.limits.packetBytes);
    this.#since = acceptedAt;
  }

  get ip(): string {
    return this.#transport.ip;
  }

  get secure(): boolean {
    return this.#transport.secure;
  }

  /** Whether it is not read for now. */
  get paused(): boolean {
    return this.#phase === 'open' && this.#paused;
  }

  get ended(): boolean {
    return this.#phase === 'ended';
  }

  get endReason(): StatusReason | undefined {
    return this.#endReason;
  }

  /** Set while the device is in. */
  get device(): DeviceRef | undefined {
    return this.#phase === 'open' ? this.#session?.device : undefined;
  }

  receive(chunk: Buffer): void {
    if (this.#phase === 'ended') return;
    for (const frame of this.#frames.push(chunk)) this.#take(frame);
    const { fault } = this.#frames;
    if (fault) this.end(fault === 'tooLarge' ? 'packetTooLarge' : 'malformed', { reason: fault });
  }

  closed(): void {
    this.#finish('LOST');
    this.#release();
  }

  /** Tells the device about a package. */
  push(push: Push, scope: ClaimScope): void {
    if (this.#phase !== 'open') return;
    try {
      this.#session?.push(push, scope);
    } catch (error) {
      // one package that cannot be written must not hold up those of other devices
      this.#deps.log.error(this.#fields({ error, taskId: push.taskId }), 'could not write a push');
    }
  }

  topologyChanged(change: TopologyChange['change'], devices: readonly DeviceNames[]): void {
    if (this.#phase === 'open') this.#session?.topologyChanged(change, devices);
  }

  oust(): void {
    this.end('takenOver');
  }

  kick(): void {
    this.#session?.clear();
    this.end('kicked');
  }

  async idle(): Promise<void> {
    await this.#session?.idle();
  }

  /** Ends what has lasted too long. */
  sweep(now: number): void {
    const { limits } = this.#deps;
    const age = now - this.#since;
    switch (this.#phase) {
      case 'opening':
        if (age >= limits.openMs) this.#transport.destroy();
        break;
      case 'entering':
        if (age >= limits.loginMs) this.#refuse('unavailable', 'the login took too long');
        break;
      case 'open':
        if (this.#registrant) {
          if (age >= limits.registeredMs) this.end('registered');
          break;
        }
        // a device that is not read for the moment can neither be blamed for silence nor for lacking PUBACKs
        if (this.#paused) break;
        if (now - this.#heard > this.#silenceMs) this.end('silent');
        else this.#session?.sweep(now);
        break;
      case 'ended':
        if (age >= limits.lingerMs) this.#transport.destroy();
        break;
    }
  }

  destroy(): void {
    this.#transport.destroy();
  }

  write(bytes: Buffer, taken?: () => void): void {
    if (this.#phase === 'ended') return taken?.();
    this.#transport.write(bytes, taken);
    if (this.#transport.unsent > this.#deps.limits.unsentBytes) {
      this.#deps.log.warn(this.#fields({ unsent: this.#transport.unsent }), 'gave up a device that does not read');
      this.#finish('FAULT');
      this.#transport.destroy();
    }
  }

  pauseReading(): void {
    this.#paused = true;
    this.#transport.pause();
  }

  resumeReading(): void {
    if (this.#phase !== 'open') return;
    this.#paused = false;
    this.#heard = this.#deps.clock.now();
    this.#transport.resume();
  }

  complain(fields: object, message: string): void {
    if (this.#complaints++ < MAX_COMPLAINTS) this.#deps.log.warn(this.#fields(fields), message);
  }

  farewell(): void {
    this.#finish('CLOSED');
    this.#transport.end();
  }

  /** Closes the connection; an MQTT 5 device is told why. */
  end(ending: Ending, fields: object = {}): void {
    if (this.#phase === 'ended') return;
    const { log } = this.#deps;
    const expected =
      ending === 'shuttingDown' ||
      ending === 'takenOver' ||
      ending === 'silent' ||
      ending === 'kicked' ||
      ending === 'registered';
    log[expected ? 'info' : 'warn'](this.#fields({ ending, ...fields }), 'closed a device connection');
    // before CONNACK there is no DISCONNECT (MQTT 5 3.14)
    if (this.#phase === 'open' && this.#version === 5) {
      this.#transport.write(encode(5, { cmd: 'disconnect', reasonCode: endings[ending] }));
    }
    this.#finish(reasonOf(ending));
    this.#transport.end();
  }

  #take(frame: Buffer): void {
    if (this.#phase === 'opening') {
      this.#connect(frame);
    } else if (this.#phase === 'entering') {
      this.#early ??= [];
      this.#early.push(frame);
    } else if (this.#phase === 'open') {
      this.#heard = this.#deps.clock.now();
      const packet = this.#decode(frame);
      if (packet) this.#handle(packet);
    }
  }

  #handle(packet: Packet): void {
    try {
      (this.#session ?? this.#registrant)?.handle(packet);
    } catch (error) {
      this.end('reportFailed', { error, packet: packet.cmd });
    }
  }

  #decode(frame: Buffer): Packet | undefined {
    try {
      return this.#deps.decoder.decode(this.#version, frame);
    } catch (error) {
      this.end('malformed', { reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  #connect(frame: Buffer): void {
    const protocol = readProtocol(frame);
    if (!protocol) {
      this.end('malformed', { reason: 'the first packet is not an MQTT CONNECT' });
      return;
    }
    this.#begin('entering');
    this.#version = protocol.version;
    if (protocol.unsupported !== undefined) {
      this.#refuse('version', `protocol level ${protocol.unsupported}`);
      return;
    }
    const packet = this.#decode(frame);
    if (packet?.cmd !== 'connect') return;
    // what follows waits for the answer
    this.#transport.pause();
    this.#holds++;
    void this.#enter(packet).finally(() => this.#release());
  }

  /** Never rejects. */
  async #enter(packet: IConnectPacket): Promise<void> {
    const admission = await admit(this.#deps, this, packet);
    if (this.ended) {
      // it was given up while it waited, or taken over at once
      if (admission.kind === 'device') await this.#deps.registry.leave(admission.device, this);
      return;
    }
    switch (admission.kind) {
      case 'refused':
        return this.#refuse(admission.refusal, admission.detail);
      case 'device':
        return this.#accept(admission.device, admission.terms);
      case 'registrant':
        return this.#acceptRegistrant(admission.credentials, admission.terms);
    }
  }

  #accept(device: DeviceRef, terms: Accepted): void {
    const { clock } = this.#deps;
    const { receiveMaximum, maximumPacketSize } = terms;
    this.#session = new Session(this.#deps, this, {
      device,
      version: this.#version,
      receiveMaximum,
      maximumPacketSize,
    });
    this.#begin('open');
    this.#heard = clock.now();
    this.#silenceMs = terms.keepAlive * 1_500;
    this.#welcome(terms);
    this.#deps.meters.connect('accepted');
    this.#deps.log.debug(this.#fields({ version: this.#version }), 'a device connected');
    this.#transport.resume();
    this.#deps.arrived(device.deviceId);
    this.#takeEarly();
  }

  #acceptRegistrant(credentials: Credentials, terms: Accepted): void {
    const { kind, productKey, deviceName } = credentials;
    const { maximumPacketSize } = terms;
    this.#registrant = new Registrant(this, { version: this.#version, maximumPacketSize });
    this.#begin('open');
    this.#welcome(terms);
    this.#deps.meters.connect('registered');
    this.#registrant.tell(credentials);
    this.#deps.log.info(this.#fields({ kind, productKey, deviceName }), 'registered a device');
    this.#transport.resume();
    this.#takeEarly();
  }

  #welcome(terms: Accepted): void {
    this.write(encode(this.#version, welcome(terms, this.#version, this.#deps.limits)));
  }

  #takeEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const frame of early) this.#take(frame);
  }

  #refuse(refusal: Refusal, detail: string): void {
    if (this.#phase === 'ended') return;
    this.#deps.meters.connect(refusal);
    this.#deps.log.info(this.#fields({ refusal, detail }), 'refused a device');
    const code = refusalCode(refusal, this.#version);
    const answer = this.#version === 5 ? { reasonCode: code } : { returnCode: code };
    this.#transport.write(encode(this.#version, { cmd: 'connack', sessionPresent: false, ...answer }));
    this.#finish(undefined);
    this.#transport.end();
  }

  #begin(phase: Phase): void {
    this.#phase = phase;
    this.#since = this.#deps.clock.now();
  }

  /** Ends the session, if there is one; the socket is the caller's business. */
  #finish(reason: StatusReason | undefined): void {
    if (this.#phase === 'ended') return;
    const entered = this.#phase === 'open';
    this.#endReason = reason;
    this.#begin('ended');
    this.#early = undefined;
    // a socket that is not read does not notice that its peer closes
    this.#transport.resume();
    if (!entered || !this.#session) return;
    this.#holds++;
    void this.#leave(this.#session).finally(() => this.#release());
  }

  /** Never rejects. */
  async #leave(session: Session): Promise<void> {
    await Promise.all([this.#deps.registry.leave(session.device, this), session.close()]);
  }

  #release(): void {
    if (--this.#holds === 0) this.#deps.gone(this);
  }

  #fields(fields: object): object {
    const device = this.#session?.device;
    return { ip: this.ip, connectionId: this.connectionId, deviceId: device?.deviceId, ...fields };
  }
}
