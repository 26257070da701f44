import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who a CONNECT says it is (device-protocol 1.2). Nothing in it is verified yet. */
export interface ConnectClaim {
  /** The free text before the first bar; takes part in the signature. May be empty. */
  readonly id: string;
  /** The `key=value` pairs between the bars, unknown ones included. Keys are case-sensitive. */
  readonly extension: ReadonlyMap<string, string>;
  readonly productKey: string;
  readonly deviceName: string;
  readonly password: string;
}

export type SignMethod = 'hmacmd5' | 'hmacsha1' | 'hmacsha256';

const hashes = { hmacmd5: 'md5', hmacsha1: 'sha1', hmacsha256: 'sha256' } as const;

const MAX_ID_CHARACTERS = 64;

/**
 * Reads the three texts of a CONNECT.
 * @returns undefined when the client id or the user name is malformed (device-protocol 1.5, code 2 or 4: the caller's choice)
 */
export function parseConnect(clientId: string, username: string, password: string): ConnectClaim | undefined {
  const names = username.split('&');
  const [deviceName, productKey] = names;
  if (names.length !== 2 || !deviceName || !productKey) return undefined;
  const bar = clientId.indexOf('|');
  const id = bar < 0 ? clientId : clientId.slice(0, bar);
  if (id.length > MAX_ID_CHARACTERS) return undefined;
  const extension = bar < 0 ? new Map<string, string>() : parseExtension(clientId.slice(bar + 1));
  return extension && { id, extension, productKey, deviceName, password };
}

/** Devices end the block with a comma, white space or a line feed, and some forget the closing bar (device-protocol 1.2). */
function parseExtension(text: string): Map<string, string> | undefined {
  const block = text.trimEnd();
  const end = block.indexOf('|');
  if (end >= 0 && end !== block.length - 1) return undefined;
  const extension = new Map<string, string>();
  for (const piece of (end < 0 ? block : block.slice(0, end)).split(',')) {
    const pair = piece.trim();
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 1) return undefined;
    const key = pair.slice(0, equals);
    if (!extension.has(key)) extension.set(key, pair.slice(equals + 1));
  }
  return extension;
}

/** Lower-case hex of an HMAC, by which devices prove that they hold a secret. `secret` is text. */
export function hmacHex(method: SignMethod, secret: string, content: string): string {
  return createHmac(hashes[method], secret).update(content).digest('hex');
}

/** Takes either case of hex, since C SDKs write upper case, and the same time wherever the two differ. */
export function sameHex(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given.toLowerCase()), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The password of a device: lower-case hex of the HMAC over names and values in a row (device-protocol 1.4).
 * @param secret the device secret as text
 * @param c what takes part; a sub-device may leave its client id out (device-protocol 8)
 */
export function connectSignature(
  method: SignMethod,
  secret: string,
  c: {
    readonly id: string | undefined;
    readonly deviceName: string;
    readonly productKey: string;
    readonly timestamp?: string | undefined;
  },
): string {
  const id = c.id === undefined ? '' : `clientId${c.id}`;
  const timestamp = c.timestamp === undefined ? '' : `timestamp${c.timestamp}`;
  return hmacHex(method, secret, `${id}deviceName${c.deviceName}productKey${c.productKey}${timestamp}`);
}

/** `hmacmd5` when nothing is said; the bare name of a hash stands for its HMAC (device-protocol 1.2). */
export function signMethodOf(text: string | undefined): SignMethod | undefined {
  switch (text?.toLowerCase()) {
    case undefined:
    case 'hmacmd5':
    case 'md5':
      return 'hmacmd5';
    case 'hmacsha1':
    case 'sha1':
      return 'hmacsha1';
    case 'hmacsha256':
    case 'sha256':
      return 'hmacsha256';
    default:
      return undefined;
  }
}

/**
 * Whether the password was made with `secret`. The timestamp is signed but its age is not looked at: C SDKs send one of
 * 2050.
 */
export function verifyConnect(claim: ConnectClaim, secret: string): boolean {
  const method = signMethodOf(claim.extension.get('signmethod'));
  if (!method) return false;
  const expected = connectSignature(method, secret, { ...claim, timestamp: claim.extension.get('timestamp') });
  return sameHex(claim.password, expected);
}

/**
 * What a device sends to connect. Without options: as the C SDKs do, over plain TCP, and without a timestamp.
 * @param options.extra further pairs of the extension block; they replace the usual ones of the same name
 */
export function makeConnect(
  device: { readonly productKey: string; readonly deviceName: string; readonly deviceSecret: string },
  options: {
    readonly id?: string;
    readonly method?: SignMethod;
    readonly timestamp?: string;
    readonly extra?: Readonly<Record<string, string>>;
  } = {},
): { clientId: string; username: string; password: string } {
  const { productKey, deviceName, deviceSecret } = device;
  const { id = `${productKey}.${deviceName}`, method = 'hmacsha256', timestamp, extra = {} } = options;
  const extension = new Map([
    ['securemode', '3'],
    ['signmethod', method],
    ...(timestamp === undefined ? [] : ([['timestamp', timestamp]] as const)),
    ...Object.entries(extra),
  ]);
  const block = [...extension].map(([key, value]) => `${key}=${value}`).join(',');
  return {
    clientId: `${id}|${block}|`,
    username: `${deviceName}&${productKey}`,
    password: connectSignature(method, deviceSecret, { id, deviceName, productKey, timestamp }),
  };
}
