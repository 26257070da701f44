import { createHmac } from 'node:crypto';
import { parsePairs, percentEncode } from './percent.ts';

/**
 * Longest URL that every device survives: early C SDKs keep its length in a byte, and a longer one corrupts their
 * heap. It keeps path and query below the 256 bytes of the other buffer, too (storage-and-events 2.2).
 */
export const MAX_URL_CHARACTERS = 254;

/** The signature of a presigned GET: base64 of HMAC-SHA1 over the bare key (storage-and-events 2.3). */
export function signDownload(object: {
  readonly secret: string;
  readonly bucket: string;
  readonly key: string;
  /** Unix seconds. */
  readonly expiresAtSeconds: number;
}): string {
  const { secret, bucket, key, expiresAtSeconds } = object;
  return createHmac('sha1', secret).update(`GET\n\n\n${expiresAtSeconds}\n/${bucket}/${key}`).digest('base64');
}

/**
 * The URL that a device downloads from.
 * @param object.origin scheme and host, for instance `https://ota.example.net`; a path before the key is allowed
 * @throws RangeError when it is longer than {@link MAX_URL_CHARACTERS}
 */
export function makeDownloadUrl(object: {
  readonly origin: string;
  readonly key: string;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly bucket: string;
  readonly expiresAtSeconds: number;
}): string {
  const { origin, key, accessKeyId, expiresAtSeconds } = object;
  const path = key.split('/').map(percentEncode).join('/');
  const signature = percentEncode(signDownload(object));
  const query = `Expires=${expiresAtSeconds}&OSSAccessKeyId=${percentEncode(accessKeyId)}&Signature=${signature}`;
  const url = `${origin.endsWith('/') ? origin.slice(0, -1) : origin}/${path}?${query}`;
  if (url.length > MAX_URL_CHARACTERS) {
    throw new RangeError(
      `download URL has ${url.length} characters, devices take ${MAX_URL_CHARACTERS}: shorten the public URL ${origin}`,
    );
  }
  return url;
}

export interface DownloadQuery {
  /** Unix seconds; undefined when it is not a whole number. */
  readonly expires: number | undefined;
  readonly accessKeyId: string;
  readonly signature: string;
}

/**
 * Reads the query of a presigned GET. Of a repeated parameter the first counts (storage-and-events 2.3).
 * @param query without `?`
 * @returns undefined when one of the three parameters is missing or empty
 */
export function readDownloadQuery(query: string): DownloadQuery | undefined {
  const pairs = parsePairs(query);
  const first = (name: string) => pairs.find((pair) => pair[0] === name)?.[1];
  const expires = first('Expires');
  const accessKeyId = first('OSSAccessKeyId');
  const signature = first('Signature');
  if (!expires || !accessKeyId || !signature) return undefined;
  return { expires: /^\d{1,15}$/.test(expires) ? Number(expires) : undefined, accessKeyId, signature };
}
