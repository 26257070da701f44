import { createHash, createHmac } from 'node:crypto';
import { canonicalQuery, type Pair } from './percent.ts';

const ALGORITHM = 'ACS3-HMAC-SHA256';

export interface AuthorizationV3 {
  readonly accessKeyId: string;
  /** Lower case, in the order given. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Header values by lower-case name; values of a repeated header joined. */
export type HeaderValues = Readonly<Record<string, string>>;

/**
 * Reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…`. Clients differ in order and in blanks after
 * commas (openapi-gateway 4.2).
 * @returns undefined when the algorithm is another one or one of the three fields is missing
 */
export function parseAuthorizationV3(header: string): AuthorizationV3 | undefined {
  const blank = header.indexOf(' ');
  if (blank < 0 || header.slice(0, blank) !== ALGORITHM) return undefined;
  const fields = new Map<string, string>();
  for (const piece of header.slice(blank + 1).split(',')) {
    const equals = piece.indexOf('=');
    const name = piece.slice(0, Math.max(equals, 0)).trim();
    if (!fields.has(name)) fields.set(name, piece.slice(equals + 1).trim());
  }
  const accessKeyId = fields.get('Credential');
  const names = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (!accessKeyId || !names || !signature) return undefined;
  const signedHeaders = names
    .split(';')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  return { accessKeyId, signedHeaders, signature };
}

/**
 * The request as the client signed it. The path is always `/`: a client whose endpoint ends in a slash asks for
 * `//` and still signs `/` (openapi-gateway 1 and 4.2).
 * @param request.pairs of the query alone; the form is covered by the hash
 * @param request.bodySha256 lower-case hex
 */
export function canonicalRequestV3(request: {
  readonly method: string;
  readonly pairs: readonly Pair[];
  readonly headers: HeaderValues;
  readonly signedHeaders: readonly string[];
  readonly bodySha256: string;
}): string {
  const { method, pairs, headers, signedHeaders, bodySha256 } = request;
  let lines = '';
  for (const name of signedHeaders.toSorted()) {
    lines += `${name}:${(Object.hasOwn(headers, name) ? headers[name] : '')?.trim()}\n`;
  }
  return `${method}\n/\n${canonicalQuery(pairs)}\n${lines}\n${signedHeaders.join(';')}\n${bodySha256}`;
}

export function stringToSignV3(canonicalRequest: string): string {
  return `${ALGORITHM}\n${createHash('sha256').update(canonicalRequest).digest('hex')}`;
}

/** Lower-case hex of HMAC-SHA256; the key is the bare secret (openapi-gateway 4.2). */
export function signV3(secret: string, stringToSign: string): string {
  return createHmac('sha256', secret).update(stringToSign).digest('hex');
}

/**
 * Headers that must be signed and are not: `host`, `content-type` when sent, each `x-acs-*` sent
 * (openapi-gateway 4.2). Empty means that the list is complete.
 */
export function unsignedHeaders(headers: HeaderValues, signedHeaders: readonly string[]): string[] {
  const sent = Object.keys(headers).filter((name) => name === 'content-type' || name.startsWith('x-acs-'));
  return ['host', ...sent].filter((name) => !signedHeaders.includes(name));
}
