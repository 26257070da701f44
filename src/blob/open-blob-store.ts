import { resolve } from 'node:path';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { BlobStore } from './blob-store.ts';
import { openDiskStore } from './disk-store.ts';
import type { S3Credentials, S3Place } from './s3-store.ts';

/**
 * Opens the store that a setting names.
 * @param url `file:/folder`, the rest being a path as it is, or `s3://bucket?endpoint=…&region=…&forcePathStyle=true`
 * @throws Error with a sentence for the operator
 */
export async function openBlobStore(
  url: string,
  credentials?: S3Credentials | undefined,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<BlobStore> {
  if (url.startsWith('file:')) {
    const folder = resolve(url.slice('file:'.length).replace(/^\/\/(?=\/)/, ''));
    return openDiskStore(folder, clock).catch((error: Error) => {
      throw new Error(`The folder for packages cannot be used: ${error.message}.`, { cause: error });
    });
  }
  const place = readS3Url(url);
  if (!credentials) throw new Error(`The store ${url} needs an access key id and a secret.`);
  // an installation that keeps its packages on disk never loads the client
  const { openS3Store } = await import('./s3-store.ts');
  return openS3Store(place, credentials, clock);
}

const PARAMETERS = ['endpoint', 'region', 'forcePathStyle'];

/** @throws Error with a sentence for the operator */
export function readS3Url(text: string): S3Place {
  const refuse = (what: string) => new Error(`${text} is not a store for packages: ${what}.`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bucket = url?.hostname ?? '';
  if (url?.protocol !== 's3:' || bucket === '') throw refuse('it must begin with file: or s3://bucket');
  if (url.pathname !== '' && url.pathname !== '/') throw refuse('only a bucket can be named, no folder in it');
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.includes(name)) throw refuse(`${name} is not one of ${PARAMETERS.join(', ')}`);
  }
  const style = url.searchParams.get('forcePathStyle') ?? 'false';
  if (style !== 'true' && style !== 'false') throw refuse('forcePathStyle must be true or false');
  const region = url.searchParams.get('region') || 'us-east-1';
  const endpoint = url.searchParams.get('endpoint') || `https://s3.${region}.amazonaws.com`;
  if (!/^https?:\/\/./.test(endpoint) || !URL.canParse(endpoint)) throw refuse('endpoint must be an http or https URL');
  const { protocol, host, pathname } = new URL(endpoint);
  const base = pathname.replace(/\/+$/, '');
  const bucketUrl =
    style === 'true' ? `${protocol}//${host}${base}/${bucket}` : `${protocol}//${bucket}.${host}${base}`;
  return { bucketUrl, region };
}
