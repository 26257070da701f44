import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who a consumer of events says it is (storage-and-events 3.1). Nothing in it is verified yet. */
export interface ConsumerClaim {
  /** Free text for display. */
  readonly clientId: string;
  /** Empty for the public instance. */
  readonly iotInstanceId: string;
  readonly consumerGroupId: string;
  readonly accessKeyId: string;
  /** As sent; it is signed, its age is not looked at: clients hard-code it and reuse it for years. */
  readonly timestamp: string;
  readonly signMethod: ConsumerSignMethod;
  /** Set with `authMode=ststoken`; may be empty then. */
  readonly securityToken: string | undefined;
}

const hashes = { hmacmd5: 'md5', hmacsha1: 'sha1', hmacsha256: 'sha256' } as const;
export type ConsumerSignMethod = keyof typeof hashes;

const MAX_CLIENT_ID_CHARACTERS = 64;
/** Longer than any that is meant; a security token alone may take a thousand. */
const MAX_USER_NAME_CHARACTERS = 4_096;

const isSignMethod = (text: string): text is ConsumerSignMethod => Object.hasOwn(hashes, text);

/**
 * Reads the SASL user name `clientId|key=value,…|`. The pairs come in any order, the closing bar may be missing.
 * @returns a word on what is wrong with one that is malformed
 */
export function parseConsumer(userName: string): ConsumerClaim | string {
  if (userName.length > MAX_USER_NAME_CHARACTERS) return 'the user name is too long';
  const [clientId = '', block, rest = '', ...more] = userName.split('|');
  if (block === undefined || more.length > 0 || rest.trim() !== '') return 'the user name is not clientId|…|';
  if (clientId === '' || clientId.length > MAX_CLIENT_ID_CHARACTERS) return 'the client id needs 1 to 64 characters';
  const pairs = new Map<string, string>();
  for (const piece of block.split(',')) {
    const pair = piece.trim();
    const equals = pair.indexOf('=');
    if (pair !== '' && equals < 1) return 'the user name holds something that is no key=value';
    // a token may hold further equals signs
    if (equals > 0 && !pairs.has(pair.slice(0, equals))) pairs.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  const { authMode, authId, timestamp, consumerGroupId, iotInstanceId = '' } = Object.fromEntries(pairs);
  const signMethod = pairs.get('signMethod')?.toLowerCase() ?? '';
  if (!authId) return 'authId is missing';
  if (!timestamp) return 'timestamp is missing';
  if (!consumerGroupId) return 'consumerGroupId is missing';
  if (!isSignMethod(signMethod)) return 'signMethod must be hmacmd5, hmacsha1 or hmacsha256';
  if (authMode !== 'aksign' && authMode !== 'ststoken') return 'authMode must be aksign or ststoken';
  const securityToken = authMode === 'ststoken' ? (pairs.get('securityToken') ?? '') : undefined;
  return { clientId, iotInstanceId, consumerGroupId, accessKeyId: authId, timestamp, signMethod, securityToken };
}

/** The SASL password: base64 of the HMAC over the names that are sorted already (storage-and-events 3.1). */
export function consumerPassword(
  { accessKeyId, timestamp, signMethod, securityToken }: Omit<ConsumerClaim, 'clientId'>,
  secret: string,
): string {
  const token = securityToken === undefined ? '' : `&securityToken=${securityToken}`;
  return createHmac(hashes[signMethod], secret)
    .update(`authId=${accessKeyId}${token}&timestamp=${timestamp}`)
    .digest('base64');
}

/** Whether the password was made with `secret`. Takes the same time wherever they differ. */
export function verifyConsumer(claim: ConsumerClaim, password: string, secret: string): boolean {
  const expected = Buffer.from(consumerPassword(claim, secret));
  const given = Buffer.from(password);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
