import { timingSafeEqual } from 'node:crypto';
import type { Vault } from '../lib/vault.ts';

/** A pair of the server's own, for links that it hands out and gets back. Not an account's AccessKey. */
export interface SigningKey {
  /** 16 upper-case letters and digits. */
  readonly accessKeyId: string;
  readonly secret: string;
}

/**
 * Uploads and downloads are signed by different pairs, so that a form's signature says nothing about a link's
 * (storage-and-events 2.8). Both follow from the master key: every process has them and none keeps them.
 */
export function signingKey(vault: Vault, purpose: 'upload' | 'download'): SigningKey {
  const id = vault.derive(`${purpose}-key-id`).toString('hex').slice(0, 14).toUpperCase();
  return { accessKeyId: `OT${id}`, secret: vault.derive(`${purpose}-key-secret`).toString('base64url') };
}

/** Compares without telling by its time how much of it fits. */
export function sameSignature(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
