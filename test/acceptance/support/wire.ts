import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Key } from './clients.ts';

/** RFC 3986, independent of the project's own encoder. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** A GET under V1 signed by hand; parameters given here win over the common ones. */
export function signedV1Url(origin: string, key: Key, parameters: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = {
    AccessKeyId: key.accessKeyId,
    Format: 'JSON',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: randomUUID(),
    SignatureVersion: '1.0',
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    Version: '2018-01-20',
    ...parameters,
  };
  const query = Object.keys(all)
    .sort()
    .map((name) => `${encode(name)}=${encode(all[name] ?? '')}`)
    .join('&');
  const signature = createHmac('sha1', `${key.accessKeySecret}&`)
    .update(`GET&%2F&${encode(query)}`)
    .digest('base64');
  return `${origin}/?${query}&Signature=${encode(signature)}`;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** `Tag.1.Key` and so on, as the protocol writes lists. */
function flat(value: unknown, name: string): [name: string, value: string][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => flat(item, `${name}.${index + 1}`));
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([member, inner]) => flat(inner, name === '' ? member : `${name}.${member}`));
}

/** A POST under V3 signed by hand, its parameters in the query. @returns the answer, whatever its status */
export async function callSignedV3(
  origin: string,
  key: Key,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const query = flat(parameters, '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const headers: Record<string, string> = {
    host: new URL(origin).host,
    'x-acs-action': action,
    'x-acs-content-sha256': sha256(''),
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': '2018-01-20',
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = ['POST', '/', query, lines, names.join(';'), sha256('')].join('\n');
  const signature = createHmac('sha256', key.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  const authorization = `ACS3-HMAC-SHA256 Credential=${key.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  const sent = { ...headers, accept: 'application/json', authorization };
  const response = await fetch(`${origin}/?${query}`, { method: 'POST', headers: sent });
  return (await response.json()) as Record<string, unknown>;
}
