import { createHash } from 'node:crypto';
import { BlobTooLarge, BlobTooSmall, type StoredBlob } from '../blob/blob-store.ts';
import { randomText } from '../lib/ids.ts';
import type { Tx } from '../store/engine.ts';
import {
  deleteGrantedUpload,
  findStaleUploads,
  findUpload,
  insertUpload,
  lockUpload,
  markUploadStored,
  markUploadsUsed,
  releaseUnreferencedUploads,
  type UploadRow,
  unstoreUpload,
} from '../store/queries/uploads.ts';
import { checkPolicy, makePolicy, readPolicy, signPolicy } from '../wire/post-object.ts';
import type { Deps, Scope } from './deps.ts';
import { downloadUrl } from './downloads.ts';
import { fail } from './failure.ts';
import { withLease } from './leases.ts';
import { isObjectKey } from './object-key.ts';
import { ObjectRefusal } from './object-refusal.ts';
import { sameSignature, signingKey } from './signing-keys.ts';

/** The form may be sent for one minute, an uploaded file waits 60 for its package (storage-and-events 1.2). */
const GRANT_MS = 60_000;
export const UNUSED_MS = 60 * 60_000;
/** An upload that began within its minute may take this long. */
const SLOWEST_UPLOAD_MS = 24 * 60 * 60_000;
/** Longer than a store takes to put 5 GB together; only a process that died holds it that long. */
const PUBLISH_LEASE_MS = 10 * 60_000;
const SWEEP_BATCH = 100;

const PACKAGE_SUFFIXES: readonly string[] = ['bin', 'dav', 'apk', 'tar', 'gz', 'tar.gz', 'zip', 'gzip'];

/** What a client needs to send the form (storage-and-events 1.2). */
export interface UploadGrant {
  readonly key: string;
  /** Origin to post to, without a trailing slash. */
  readonly host: string;
  /** Base64. */
  readonly policy: string;
  readonly accessKeyId: string;
  readonly signature: string;
  /** The object's address; not signed. */
  readonly url: string;
  readonly createdAt: number;
}

/**
 * Permits one upload of one object, begun within a minute.
 * @param file.suffix of a package in lower case; a device list has the suffix csv
 * @throws firmware.invalidUploadParameter, firmware.uploadUrlFailed
 */
export async function grantUpload(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits' | 'publicUrl'>,
  scope: Scope,
  file: { readonly kind: UploadRow['kind']; readonly suffix: string },
): Promise<UploadGrant> {
  const { engine, clock, ids, vault, limits, publicUrl } = deps;
  const isPackage = file.kind === 'firmware';
  if (isPackage && !PACKAGE_SUFFIXES.includes(file.suffix)) fail('firmware.invalidUploadParameter');
  const createdAt = clock.now();
  const folder = createHash('sha256').update(scope.accountId).digest('hex').slice(0, 32);
  const key = `ota/${folder}/ck${ids.text(23).toLowerCase()}.${isPackage ? file.suffix : 'csv'}`;
  if (isPackage) checkFetchable(deps, key);
  const maxBytes = isPackage ? limits.packageBytes : limits.deviceListBytes;
  const policy = makePolicy({ expiresAt: createdAt + GRANT_MS, key, maxBytes });
  const { accessKeyId, secret } = signingKey(vault, 'upload');
  await engine.transaction(async (tx) => {
    await insertUpload(tx.db, {
      key,
      instance_id: scope.instanceId,
      kind: file.kind,
      state: 'granted',
      size: null,
      md5: null,
      sha256: null,
      created_at: createdAt,
      stored_at: null,
    });
    tx.made(key);
  });
  const url = `${publicUrl}/${key}`;
  return { key, host: publicUrl, policy, accessKeyId, signature: signPolicy(secret, policy), url, createdAt };
}

/** Says now what devices would find out: that the URL of this file is too long for them. */
function checkFetchable(deps: Parameters<typeof downloadUrl>[0], key: string): void {
  try {
    downloadUrl(deps, key);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    fail('firmware.uploadUrlFailed', { Detail: error.message });
  }
}

/** A form whose file may come in. */
export interface OpenUpload {
  readonly key: string;
  readonly minBytes: number;
  readonly maxBytes: number;
}

/**
 * Judges the fields of a form, in the order of storage-and-events 1.6.
 * @param fields value by lower-case name
 * @param startedAt when the request began: a slow upload does not outlive its own permission
 * @throws ObjectRefusal
 */
export async function openUpload(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  fields: ReadonlyMap<string, string>,
  startedAt: number,
): Promise<OpenUpload> {
  const key = fields.get('key');
  if (!key) throw new ObjectRefusal('keyMissing');
  // the sample for device lists sends AccessKeyId (storage-and-events 1.3)
  const accessKeyId = fields.get('ossaccesskeyid') || fields.get('accesskeyid');
  const policyText = fields.get('policy');
  const signature = fields.get('signature');
  if (!accessKeyId && !policyText && !signature) throw new ObjectRefusal('anonymous');
  if (!accessKeyId) throw new ObjectRefusal('accessKeyIdEmpty');
  if (!signature) throw new ObjectRefusal('signatureEmpty');
  if (!policyText) throw new ObjectRefusal('policyEmpty');
  const pair = signingKey(vault, 'upload');
  if (accessKeyId !== pair.accessKeyId) throw new ObjectRefusal('unknownAccessKey');
  if (!sameSignature(signature, signPolicy(pair.secret, policyText))) throw new ObjectRefusal('badSignature');
  const policy = readPolicy(policyText);
  if (!policy) throw new ObjectRefusal('badPolicy');
  if (startedAt > policy.expiresAt) throw new ObjectRefusal('policyExpired');
  const unmet = checkPolicy(policy, fields);
  if (unmet !== undefined) throw new ObjectRefusal('conditionFailed', unmet);
  const upload = isObjectKey(key) ? await findUpload(engine.read, key) : undefined;
  // swept between
  if (!upload) throw new ObjectRefusal('policyExpired');
  if (upload.state === 'used') throw new ObjectRefusal('fileExists');
  return { key, minBytes: policy.range?.min ?? 0, maxBytes: policy.range?.max ?? 0 };
}

/**
 * Takes a file in. It can be uploaded again, and replaced thereby, until a package uses it.
 * @param form.complete resolves when the form around the file has ended as it should; nothing is kept if it rejects
 * @throws ObjectRefusal tooLarge, tooSmall, fileExists, policyExpired; what `body` and `form.complete` throw
 */
export async function storeUpload(
  { engine, clock, blobs }: Pick<Deps, 'engine' | 'clock' | 'blobs'>,
  upload: OpenUpload,
  body: AsyncIterable<Uint8Array>,
  form: { readonly complete: Promise<void> },
): Promise<StoredBlob> {
  const { key, minBytes, maxBytes } = upload;
  try {
    return await blobs.put(key, body, {
      minBytes,
      maxBytes,
      async publish(blob, makeReadable) {
        await form.complete;
        const held = await withObject({ engine, clock }, key, async () => {
          // While the bytes change, the row does not speak of any: a package that is created meanwhile is refused
          // instead of getting the digest of one file and the bytes of another.
          await engine.transaction(async (tx) => {
            await lockReplaceable(tx, key);
            await unstoreUpload(tx, key);
          });
          await makeReadable();
          await recordUpload({ engine, clock }, key, blob);
        });
        if (!held) throw new ObjectRefusal('fileExists');
      },
    });
  } catch (error) {
    if (error instanceof BlobTooLarge) throw new ObjectRefusal('tooLarge');
    if (error instanceof BlobTooSmall) throw new ObjectRefusal('tooSmall');
    throw error;
  }
}

/**
 * Records that the bytes of an object are in the blob store.
 * @throws ObjectRefusal policyExpired when the permission was swept, fileExists when a package uses it
 */
export async function recordUpload(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  key: string,
  blob: StoredBlob,
): Promise<void> {
  await engine.transaction(async (tx) => {
    await lockReplaceable(tx, key);
    await markUploadStored(tx, key, { ...blob, storedAt: clock.now() });
  });
}

async function lockReplaceable(tx: Tx, key: string): Promise<void> {
  const row = await lockUpload(tx, key);
  if (!row) throw new ObjectRefusal('policyExpired');
  if (row.state === 'used') throw new ObjectRefusal('fileExists');
}

/** Runs `work` while nobody else changes the bytes of an object. @returns false when someone does */
function withObject(deps: Pick<Deps, 'engine' | 'clock'>, key: string, work: () => Promise<void>): Promise<boolean> {
  return withLease(deps, { name: `upload:${key}`, holder: randomText(22), forMs: PUBLISH_LEASE_MS }, work);
}

/**
 * The name of the object at an address that {@link grantUpload} may have handed out. A query in `url` does not count.
 * @returns undefined when it is not an address of this service
 */
export function objectKeyOfUrl(publicUrl: string, url: string): string | undefined {
  if (!URL.canParse(url) || !URL.canParse(publicUrl)) return undefined;
  const { origin, pathname } = new URL(url);
  const key = pathname.slice(1);
  return origin === new URL(publicUrl).origin && isObjectKey(key) ? key : undefined;
}

/**
 * The upload behind such an address, locked until the end of the transaction.
 * @returns undefined when it is not an address of this service, or of another instance
 */
export async function findUploadByUrl(
  tx: Tx,
  scope: Pick<Scope, 'instanceId'>,
  publicUrl: string,
  url: string,
): Promise<UploadRow | undefined> {
  const key = objectKeyOfUrl(publicUrl, url);
  const upload = key === undefined ? undefined : await lockUpload(tx, key);
  return upload?.instance_id === scope.instanceId ? upload : undefined;
}

/** Keeps objects, which {@link findUploadByUrl} has locked in this transaction, from being replaced or swept. */
export async function useUploads(tx: Tx, keys: readonly string[]): Promise<void> {
  await markUploadsUsed(tx, keys);
}

/** Lets go of the objects of a deleted package. They are swept when no download URL to them is valid any more. */
export async function releaseUploads(
  { clock, limits }: Pick<Deps, 'clock' | 'limits'>,
  tx: Tx,
  keys: readonly string[],
): Promise<void> {
  await releaseUnreferencedUploads(tx, keys, clock.now() + limits.downloadSeconds * 1000 - UNUSED_MS);
}

/**
 * Removes what nobody came for: files without a package 60 minutes after they were stored, permissions never used,
 * and what uploads have left behind whose process died. It may run anywhere, and be cut off anywhere.
 */
export async function sweepUploads({ engine, clock, blobs }: Pick<Deps, 'engine' | 'clock' | 'blobs'>): Promise<void> {
  const now = clock.now();
  const storedBefore = now - UNUSED_MS;
  for (;;) {
    const bounds = { storedBefore, grantedBefore: now - SLOWEST_UPLOAD_MS };
    const keys = await findStaleUploads(engine.read, bounds, SWEEP_BATCH);
    let removed = 0;
    for (const key of keys) {
      await withObject({ engine, clock }, key, async () => {
        // From here on no package can use it. If the process dies, the row is found again as one never uploaded.
        const stale = await engine.transaction(async (tx) => {
          const row = await lockUpload(tx, key);
          if (!row || row.state === 'used' || (row.stored_at ?? 0) >= storedBefore) return false;
          await unstoreUpload(tx, key);
          return true;
        });
        if (!stale) return;
        await blobs.delete(key);
        await engine.transaction((tx) => deleteGrantedUpload(tx, key));
        removed += 1;
      });
    }
    // what is held by someone else waits for the next round
    if (keys.length < SWEEP_BATCH || removed === 0) break;
  }
  await blobs.removeLeftovers(now - SLOWEST_UPLOAD_MS);
}
