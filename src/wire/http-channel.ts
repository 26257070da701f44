/** Messages of the HTTP channel, on which devices speak and are not spoken to (device-protocol 7). All pure. */

import type { DeviceError } from '../contract/device-errors.ts';
import { isObject, parseLenientJson, textOf } from './lenient-json.ts';
import type { ConnectClaim } from './mqtt-connect.ts';

/** Bytes of a body. */
export const MAX_CHANNEL_BODY = 131_072;

const MAX_ID_CHARACTERS = 64;

/**
 * Reads the body of `POST /auth`: what takes part in the signature is what takes part in CONNECT.
 * @returns undefined when it is too large or no JSON object, or lacks one of the members that every device sends
 */
export function readChannelClaim(body: Uint8Array): ConnectClaim | undefined {
  const members = body.length <= MAX_CHANNEL_BODY ? parseLenientJson(body) : undefined;
  if (!isObject(members)) return undefined;
  const text = (name: string) => textOf(members[name]);
  const [id, productKey, deviceName, password] = ['clientId', 'productKey', 'deviceName', 'sign'].map(text);
  if (id === undefined || id.length > MAX_ID_CHARACTERS || !productKey || !deviceName || !password) return undefined;
  const extension = new Map<string, string>();
  for (const name of ['signmethod', 'timestamp']) {
    const value = text(name);
    if (value !== undefined) extension.set(name, value);
  }
  return { id, extension, productKey, deviceName, password };
}

export const channelTokenBody = (token: string): string => success(`"token":${JSON.stringify(token)}`);

/** @param messageId up to 63 bits, which a JavaScript number does not hold */
export const channelMessageBody = (messageId: bigint): string => success(`"messageId":${messageId}`);

export const channelErrorBody = ({ code, message }: DeviceError): string => JSON.stringify({ code, message });

const success = (info: string): string => `{"code":0,"message":"success","info":{${info}}}`;
