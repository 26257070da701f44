import { BUCKET } from '../contract/object-storage.ts';
import { findUpload } from '../store/queries/uploads.ts';
import { type DownloadQuery, makeDownloadUrl, signDownload } from '../wire/download-url.ts';
import type { Deps } from './deps.ts';
import { isObjectKey } from './object-key.ts';
import { ObjectRefusal } from './object-refusal.ts';
import { type SigningKey, sameSignature, signingKey } from './signing-keys.ts';

/**
 * A URL with which a device, or anyone who holds it, may fetch an object. It is valid for `limits.downloadSeconds`.
 * @throws RangeError when the public URL is so long that devices could not take it
 */
export function downloadUrl(
  { vault, publicUrl, clock, limits }: Pick<Deps, 'vault' | 'publicUrl' | 'clock' | 'limits'>,
  key: string,
): string {
  const expiresAtSeconds = Math.floor(clock.now() / 1000) + limits.downloadSeconds;
  return makeDownloadUrl({
    origin: publicUrl,
    key,
    ...signingKey(vault, 'download'),
    bucket: BUCKET,
    expiresAtSeconds,
  });
}

export interface DownloadObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
}

/**
 * Finds the object that a presigned request names. Well-formed, in time, signed, there: judged in this order
 * (storage-and-events 2.3), so that the database hears of signed requests only.
 * @param query undefined when the request lacks one of its three parameters
 * @param pair the pair that the URL must be signed by
 * @throws ObjectRefusal queryIncomplete, badExpiry, urlExpired, unknownAccessKey, badSignature, notFound
 */
export async function checkDownload(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  pair: SigningKey,
  key: string,
  query: DownloadQuery | undefined,
): Promise<DownloadObject> {
  if (!query) throw new ObjectRefusal('queryIncomplete');
  const { expires, accessKeyId, signature } = query;
  if (expires === undefined) throw new ObjectRefusal('badExpiry');
  if (clock.now() > expires * 1000) throw new ObjectRefusal('urlExpired');
  if (accessKeyId !== pair.accessKeyId) throw new ObjectRefusal('unknownAccessKey');
  const expected = signDownload({ secret: pair.secret, bucket: BUCKET, key, expiresAtSeconds: expires });
  if (!sameSignature(signature, expected)) throw new ObjectRefusal('badSignature');
  const upload = isObjectKey(key) ? await findUpload(engine.read, key) : undefined;
  if (upload?.size == null || upload.md5 === null) throw new ObjectRefusal('notFound');
  return { key, size: upload.size, md5: upload.md5 };
}
