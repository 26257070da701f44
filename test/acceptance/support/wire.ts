import { createHmac, randomUUID } from 'node:crypto';
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
