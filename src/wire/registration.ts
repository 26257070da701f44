import { type ConnectClaim, hmacHex, type SignMethod, sameHex, signMethodOf } from './mqtt-connect.ts';

/** What a device says that knows its product's secret and no secret of its own (device-protocol 2). Nothing is verified. */
export interface RegistrationClaim {
  readonly productKey: string;
  readonly deviceName: string;
  readonly random: string;
  readonly method: SignMethod;
  readonly sign: string;
}

/** `register`: the device exists and gets a secret. `regnwl`: it is made on the fly and gets a token. */
export type RegistrationKind = 'register' | 'regnwl';

/** What a device may log in with from now on. */
export type Credentials =
  | {
      readonly kind: 'register';
      readonly productKey: string;
      readonly deviceName: string;
      readonly deviceSecret: string;
    }
  | {
      readonly kind: 'regnwl';
      readonly productKey: string;
      readonly deviceName: string;
      /** The part of the client id before the first bar. */
      readonly clientId: string;
      readonly deviceToken: string;
    };

/** The proof that a device knows the product's secret: lower-case hex (device-protocol 2.1). */
export function registrationSignature(
  method: SignMethod,
  productSecret: string,
  c: Pick<RegistrationClaim, 'productKey' | 'deviceName' | 'random'>,
): string {
  return hmacHex(method, productSecret, `deviceName${c.deviceName}productKey${c.productKey}random${c.random}`);
}

export function verifyRegistration(claim: RegistrationClaim, productSecret: string): boolean {
  return sameHex(claim.sign, registrationSignature(claim.method, productSecret, claim));
}

const MAX_RANDOM = 256;

/** @returns undefined when a parameter is missing or malformed */
export function registrationClaim(from: {
  readonly productKey: string | undefined;
  readonly deviceName: string | undefined;
  readonly random: string | undefined;
  readonly method: string | undefined;
  readonly sign: string | undefined;
}): RegistrationClaim | undefined {
  const { productKey, deviceName, random, sign } = from;
  const method = signMethodOf(from.method);
  if (!productKey || !deviceName || !random || random.length > MAX_RANDOM || !sign || !method) return undefined;
  return { productKey, deviceName, random, method, sign };
}

/** The registration that a CONNECT asks for. @returns undefined when it lacks or misstates a parameter */
export function registrationOfConnect({ extension, password, ...names }: ConnectClaim): RegistrationClaim | undefined {
  const [random, method] = [extension.get('random'), extension.get('signmethod')];
  return registrationClaim({ ...names, random, method, sign: password });
}

/** SDKs send some 200; every character of a name may come as an escape of nine bytes. */
const MAX_FORM_BYTES = 16_384;

/**
 * Reads the form of an HTTP registration whatever its Content-Type says; letter case of the names does not matter, and
 * what stands around the form (a trailing NUL or line feed of C) is cut off.
 */
export function readRegistrationForm(body: Uint8Array): RegistrationClaim | undefined {
  if (body.length > MAX_FORM_BYTES) return undefined;
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(trimmed(Buffer.from(body).toString()))) {
    const key = name.trim().toLowerCase();
    if (!fields.has(key)) fields.set(key, value.trim());
  }
  return registrationClaim({
    productKey: fields.get('productkey'),
    deviceName: fields.get('devicename'),
    random: fields.get('random'),
    method: fields.get('signmethod'),
    sign: fields.get('sign'),
  });
}

/** Without blanks, line feeds and NULs at either end. */
function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return text.slice(0, end).trimStart();
}

/** The message that a registered device is sent without having asked for the topic; compact (device-protocol 2.1). */
export function encodeCredentials({ kind, ...members }: Credentials): { topic: string; payload: Buffer } {
  return { topic: `/ext/${kind}`, payload: Buffer.from(JSON.stringify(members)) };
}

/** The body of an HTTP answer: C 3.x finds `code` in the text, unquoted and first, and reads 256 bytes (device-protocol 2.2). */
export function registrationBody(
  answer: Extract<Credentials, { kind: 'register' }> | { readonly code: number; readonly message: string },
): string {
  if (!('kind' in answer)) return JSON.stringify({ code: answer.code, message: answer.message });
  const { deviceName, deviceSecret, productKey } = answer;
  return JSON.stringify({ code: 200, data: { deviceName, deviceSecret, productKey }, message: 'success' });
}
