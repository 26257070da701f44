import { createHash } from 'node:crypto';
import { deleteExpiredNonces, useNonce } from '../store/queries/nonces.ts';
import type { Deps } from './deps.ts';
import { isCarriable } from './names.ts';

/** A nonce is any text; a long one is kept as its hash, so that a row stays small, and so is what no column can hold. */
const KEPT_LENGTH = 64;

/**
 * Not by a transaction, which would let every call wait for the disk: what a call changes commits later and makes its
 * nonce durable, too, so that a crash can only have forgotten calls that changed nothing.
 * @returns false when the key has used this nonce within the last `windowMs`
 */
export async function rememberNonce(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  accessKeyId: string,
  nonce: string,
  windowMs: number,
): Promise<boolean> {
  const plain = nonce.length <= KEPT_LENGTH && isCarriable(nonce);
  const kept = plain ? nonce : createHash('sha256').update(nonce).digest('hex');
  const now = clock.now();
  return engine.jot((db) => useNonce(db, { accessKeyId, nonce: kept, expiresAt: now + windowMs, now }));
}

export async function forgetOldNonces({ engine, clock }: Pick<Deps, 'engine' | 'clock'>): Promise<void> {
  await engine.transaction((tx) => deleteExpiredNonces(tx.db, clock.now()));
}
