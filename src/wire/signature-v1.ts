import { createHmac } from 'node:crypto';
import { canonicalQuery, type Pair, percentEncode } from './percent.ts';

/**
 * The text that a V1 signature covers: every parameter of query and form but `Signature`, known or not, empty or
 * not (openapi-gateway 2 and 3).
 * @param method as used on the request line
 */
export function stringToSignV1(method: string, pairs: readonly Pair[]): string {
  return `${method}&%2F&${percentEncode(canonicalQuery(pairs.filter((pair) => pair[0] !== 'Signature')))}`;
}

/** Base64 of HMAC-SHA1; the key is the secret followed by `&` (openapi-gateway 3). */
export function signV1(secret: string, stringToSign: string): string {
  return createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64');
}
