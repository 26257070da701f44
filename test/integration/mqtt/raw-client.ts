import { connect, type Socket } from 'node:net';
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { makeConnect } from '../../../src/wire/mqtt-connect.ts';
import { PK, SECRET } from './fake-services.ts';

export type Version = 3 | 4 | 5;

type OfKind<K extends Packet['cmd']> = Extract<Packet, { cmd: K }>;

/** A client that says exactly what a test wants and hands out what comes, packet by packet. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  readonly version: Version;
  /** Resolves when the connection is closed, by whom ever. */
  readonly closed: Promise<void>;
  readonly #received: Packet[] = [];
  #wake = Promise.withResolvers<void>();
  #over = false;

  constructor(port: number, version: Version = 4) {
    this.version = version;
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#over = true;
        this.#wake.resolve();
        resolve();
      });
    });
    this.socket.on('error', () => undefined);
    const reader = parser({ protocolVersion: version });
    reader.on('packet', (packet) => {
      this.#received.push(packet);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
    this.socket.on('data', (chunk) => reader.parse(chunk));
  }

  send(...packets: Packet[]): void {
    this.socket.write(Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion: this.version }))));
  }

  bytes(...bytes: readonly number[]): void {
    this.socket.write(Buffer.from(bytes));
  }

  publish(topic: string, payload: string | Buffer, messageId = 0, rest: Partial<IPublishPacket> = {}): void {
    const qos = messageId === 0 ? 0 : 1;
    this.send({ cmd: 'publish', topic, payload, qos, messageId, dup: false, retain: false, ...rest });
  }

  /** The next packet, which must be of this kind. Rejects when the connection ends before. */
  async next<K extends Packet['cmd']>(kind: K): Promise<OfKind<K>> {
    while (this.#received.length === 0) {
      if (this.#over) throw new Error(`the connection was closed instead of ${kind}`);
      await this.#wake.promise;
    }
    const packet = this.#received.shift() as Packet;
    if (packet.cmd !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(packet)}`);
    return packet as OfKind<K>;
  }

  /** Resolves once the server has read everything sent so far; rejects when it has sent anything else meanwhile. */
  async quiet(): Promise<void> {
    this.send({ cmd: 'pingreq' });
    await this.next('pingresp');
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

export interface ConnectChanges {
  readonly clientId?: string;
  readonly username?: string;
  readonly password?: string;
  readonly keepalive?: number;
  readonly clean?: boolean;
  readonly properties?: object;
  readonly extra?: Readonly<Record<string, string>>;
}

export function connectPacket(deviceName: string, version: Version, changes: ConnectChanges = {}): OfKind<'connect'> {
  const device = { productKey: PK, deviceName, deviceSecret: SECRET };
  const { extra, ...rest } = changes;
  const made = makeConnect(device, extra ? { extra } : {});
  const { password, ...fields } = { ...made, ...rest };
  return {
    cmd: 'connect',
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clean: true,
    keepalive: 60,
    ...fields,
    password: Buffer.from(password),
  };
}

/** Connects and reads the CONNACK, whatever it says. */
export async function openRaw(port: number, deviceName: string, version: Version = 4, changes: ConnectChanges = {}) {
  const client = new RawClient(port, version);
  client.send(connectPacket(deviceName, version, changes));
  const connack = await client.next('connack');
  return { client, connack, code: (version === 5 ? connack.reasonCode : connack.returnCode) ?? -1 };
}

/** Connects a device that must be let in. */
export async function enter(port: number, deviceName: string, version: Version = 4, changes: ConnectChanges = {}) {
  const { client, code } = await openRaw(port, deviceName, version, changes);
  if (code !== 0) throw new Error(`CONNACK ${code}`);
  return client;
}
