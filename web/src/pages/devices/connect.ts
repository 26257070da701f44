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

/** Where devices find the server: what the session tells, and for a host that nobody has set that of the page. */
export function serverAddress(told: Partial<ServerAddress> | null, pageHost: string): ServerAddress {
  return { host: pageHost, port: MQTT_PORT, ...told };
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

/** A message between a device and the server, with values as an example. */
export interface Message {
  readonly name: 'inform' | 'upgrade' | 'progress';
  readonly topic: string;
  readonly payload: string;
}

type NamedDevice = Omit<DeviceIdentity, 'deviceSecret'>;

/** With which a device reports the version that it runs. */
export const informOf = ({ productKey, deviceName }: NamedDevice): Message => ({
  name: 'inform',
  topic: `/ota/device/inform/${productKey}/${deviceName}`,
  payload: '{"id":"1","params":{"version":"1.0.0"}}',
});

/** The messages of an update, in their order. */
export const messagesOf = ({ productKey, deviceName }: NamedDevice): readonly Message[] => [
  informOf({ productKey, deviceName }),
  {
    name: 'upgrade',
    topic: `/ota/device/upgrade/${productKey}/${deviceName}`,
    payload:
      '{"code":"1000","data":{"version":"1.1.0","size":262144,"url":"http://…","signMethod":"SHA256","sign":"…","md5":"…"},"id":1,"message":"success"}',
  },
  {
    name: 'progress',
    topic: `/ota/device/progress/${productKey}/${deviceName}`,
    payload: '{"id":"2","params":{"step":"40","desc":"downloading"}}',
  },
];
