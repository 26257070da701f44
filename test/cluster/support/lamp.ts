import mqtt, { type MqttClient } from 'mqtt';
import { type Credentials, connectAsCSdk } from '../../acceptance/support/c-device.ts';
import type { Otaru } from '../../acceptance/support/otaru.ts';

/** A device of the kind of C SDK 4.1 on one connection, which it does not renew. */
export interface Lamp {
  readonly credentials: Credentials;
  readonly client: MqttClient;
  /** Resolves with the first package that it is told of. */
  readonly told: Promise<unknown>;
  /** Packages that it was told of so far. */
  readonly pushes: readonly string[];
  /** Reports a version; resolves when that is acknowledged. */
  inform(version: string): Promise<void>;
  /** Resolves when the connection is closed, by whom ever. */
  readonly closed: Promise<void>;
}

/** Connects to one node, past the balancer, and says that the device is at 1.0.0. */
export async function connectLamp(node: Otaru, credentials: Credentials, version = '1.0.0'): Promise<Lamp> {
  const names = `${credentials.productKey}/${credentials.deviceName}`;
  const client = await connectAsCSdk(mqtt, node.mqtt, credentials);
  client.on('error', () => undefined);
  const pushes: string[] = [];
  const told = Promise.withResolvers<void>();
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.on('message', (topic, payload) => {
    if (topic !== `/ota/device/upgrade/${names}`) return;
    pushes.push(payload.toString());
    told.resolve();
  });
  const lamp: Lamp = {
    credentials,
    client,
    told: told.promise,
    pushes,
    closed,
    async inform(reported) {
      const body = JSON.stringify({ id: '1', params: { version: reported } });
      await client.publishAsync(`/ota/device/inform/${names}`, body, { qos: 1 });
    },
  };
  await lamp.inform(version);
  return lamp;
}
