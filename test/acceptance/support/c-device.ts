import { createHash, createHmac } from 'node:crypto';
import mqttModule, { type MqttClient } from 'mqtt';

export interface Credentials {
  readonly productKey: string;
  readonly deviceName: string;
  readonly deviceSecret: string;
}

type Sdk = '4.1' | '3.2';

/** Connects as the C SDKs do: constant timestamp, upper-case hex, `_ss=1`, no SUBSCRIBE (device-protocol 1.2). */
export async function connectAsCSdk(
  mqtt: { connect: typeof mqttModule.connect },
  url: string,
  { productKey, deviceName, deviceSecret }: Credentials,
  sdk: Sdk = '4.1',
): Promise<MqttClient> {
  const timestamp = '2524608000000';
  const id = `${productKey}.${deviceName}`;
  const content = `clientId${id}deviceName${deviceName}productKey${productKey}timestamp${timestamp}`;
  const extension =
    sdk === '4.1'
      ? `timestamp=${timestamp},_ss=1,_v=sdk-c-4.1.0,securemode=3,signmethod=hmacsha256,ext=3,_conn=tls_0`
      : `timestamp=${timestamp},_v=sdk-c-3.2.0,securemode=3,signmethod=hmacsha256,lan=C,_ss=1,gw=0,ext=0`;
  const client = mqtt.connect(url, {
    clientId: `${id}|${extension}|`,
    username: `${deviceName}&${productKey}`,
    password: createHmac('sha256', deviceSecret).update(content).digest('hex').toUpperCase(),
    keepalive: sdk === '4.1' ? 1200 : 120,
    clean: sdk === '4.1',
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed before CONNACK')));
  });
  return client;
}

/** One value of the message as C 4.x finds it: by the first textual `"key":` (device-protocol 4.2). */
export function textual(message: string, key: string): string {
  const match = new RegExp(`"${key}":(?:"([^"]*)"|(\\d+))`).exec(message);
  if (!match) throw new Error(`no "${key}": in ${message}`);
  return match[1] ?? match[2] ?? '';
}

/** A whole update in the order of messages of device-protocol 4.1, with a reboot at the end. */
export async function updateAsCSdk(
  url: string,
  device: Credentials,
  options: {
    readonly sdk: Sdk;
    readonly from: string;
    readonly md5: string;
    readonly failWith?: { step: string; desc: string };
  },
): Promise<void> {
  const { productKey, deviceName } = device;
  const names = `${productKey}/${deviceName}`;
  let client = await connectAsCSdk(mqttModule, url, device, options.sdk);
  const pushed = nextUpgrade(client, `/ota/device/upgrade/${names}`);
  const publish = (topic: string, body: string, qos: 0 | 1) => client.publishAsync(topic, body, { qos });
  if (options.sdk === '4.1') {
    await publish(`/ota/device/inform/${names}`, `{"id":1, "params":{"version":"${options.from}"}}`, 0);
  } else {
    // C 3.2 informs twice within a moment, first with its own firmware version, then subscribes
    await publish(`/ota/device/inform/${names}`, '{"id":0,"params":{"version":"app-1.0.0-20180101.1000"}}', 1);
    await client.subscribeAsync([`/ota/device/request/${names}`, `/ota/device/upgrade/${names}`], { qos: 1 });
    await publish(`/ota/device/inform/${names}`, `{"id":"0","params":{"version":"${options.from}"}}`, 1);
  }
  const message = await pushed;
  const progress = (step: string, desc: string) =>
    options.sdk === '4.1'
      ? publish(`/ota/device/progress/${names}`, `{"id":2, "params":{"step":"${step}","desc":"${desc}"}}`, 0)
      : publish(`/ota/device/progress/${names}`, `{"id":0,"params":{"step":"${step}","desc":"${desc}"}}`, 0);
  await progress('0', options.sdk === '3.2' ? 'Enter in downloading state' : '');
  const response = await fetch(textual(message, 'url'), { headers: { range: 'bytes=0-' } });
  if (response.status !== 206) throw new Error(`download answered ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length !== Number(textual(message, 'size'))) throw new Error('the size is wrong');
  const digest = createHash('md5').update(bytes).digest('hex');
  if (digest !== textual(message, 'md5') || digest !== options.md5) throw new Error('the digest is wrong');
  for (let step = 5; step <= 100; step += 5) await progress(String(step), '');
  if (options.failWith) {
    await progress(options.failWith.step, options.failWith.desc);
    await client.endAsync();
    return;
  }
  await client.endAsync();
  client = await connectAsCSdk(mqttModule, url, device, options.sdk);
  await publish(`/ota/device/inform/${names}`, `{"id":1, "params":{"version":"${textual(message, 'version')}"}}`, 1);
  await client.endAsync();
}

export function nextUpgrade(client: MqttClient, topic: string): Promise<string> {
  return new Promise((resolve) => {
    client.on('message', (on, payload) => {
      if (on === topic) resolve(payload.toString());
    });
  });
}
