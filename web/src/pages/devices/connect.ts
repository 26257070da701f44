import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export interface DeviceIdentity {
  readonly productKey: string;
  readonly deviceName: string;
  readonly deviceSecret: string;
}

/** What a device sends in its CONNECT over plain TCP. */
export interface Login {
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
}

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

const MQTT_PORT = 1883;

/**
 * Where devices most likely find the server. The session tells under which host it is reached; which port its MQTT
 * listener has it does not, so that it is the usual one.
 */
export function serverAddress(told: string | undefined, pageHost: string): ServerAddress {
  const host = (told ?? '').replace(/:\d+$/, '') || pageHost;
  return { host, port: MQTT_PORT };
}

/** The password is an HMAC over names and values in a row, with the secret of the device as key. */
export function loginOf({ productKey, deviceName, deviceSecret }: DeviceIdentity): Login {
  const id = `${productKey}.${deviceName}`;
  const signed = `clientId${id}deviceName${deviceName}productKey${productKey}`;
  return {
    clientId: `${id}|securemode=3,signmethod=hmacsha256|`,
    username: `${deviceName}&${productKey}`,
    password: bytesToHex(hmac(sha256, utf8ToBytes(deviceSecret), utf8ToBytes(signed))),
  };
}

export const snippetKinds = ['mosquitto', 'mqttjs', 'sdk'] as const;
export type SnippetKind = (typeof snippetKinds)[number];

/** A program or command that connects as the device and reports a version, ready to paste. */
export function snippetOf(kind: SnippetKind, device: DeviceIdentity, { host, port }: ServerAddress): string {
  const { productKey, deviceName, deviceSecret } = device;
  const { clientId, username, password } = loginOf(device);
  const report = `/ota/device/inform/${productKey}/${deviceName}`;
  const push = `/ota/device/upgrade/${productKey}/${deviceName}`;
  switch (kind) {
    case 'mosquitto':
      return [
        `mosquitto_pub -h ${host} -p ${port} \\`,
        `  -i '${clientId}' \\`,
        `  -u '${username}' \\`,
        `  -P '${password}' \\`,
        `  -q 1 -t '${report}' \\`,
        `  -m '{"id":"1","params":{"version":"1.0.0"}}'`,
      ].join('\n');
    case 'mqttjs':
      return [
        `import mqtt from 'mqtt';`,
        '',
        `const device = mqtt.connect('mqtt://${host}:${port}', {`,
        `  clientId: '${clientId}',`,
        `  username: '${username}',`,
        `  password: '${password}',`,
        '});',
        `device.on('message', (topic, payload) => console.log(topic, payload.toString()));`,
        `device.on('connect', () => {`,
        `  device.subscribe('${push}', { qos: 1 });`,
        `  device.publish('${report}', '{"id":"1","params":{"version":"1.0.0"}}', { qos: 1 });`,
        '});',
      ].join('\n');
    case 'sdk':
      return [
        `const iot = require('alibabacloud-iot-device-sdk');`,
        '',
        'const device = iot.device({',
        `  productKey: '${productKey}',`,
        `  deviceName: '${deviceName}',`,
        `  deviceSecret: '${deviceSecret}',`,
        `  brokerUrl: 'mqtt://${host}:${port}',`,
        '});',
        `device.on('message', (topic, payload) => console.log(topic, payload.toString()));`,
        `device.on('connect', () => {`,
        `  device.subscribe('${push}');`,
        `  device.publish('${report}', '{"id":"1","params":{"version":"1.0.0"}}');`,
        '});',
      ].join('\n');
  }
}
