import type { Db } from '../engine.ts';

/**
 * Remembers that a key has used a nonce.
 * @returns false when it had been used before and that memory has not expired
 */
export async function useNonce(
  db: Db,
  row: { readonly accessKeyId: string; readonly nonce: string; readonly expiresAt: number; readonly now: number },
): Promise<boolean> {
  const result = await db
    .insertInto('nonce')
    .values({ access_key_id: row.accessKeyId, nonce: row.nonce, expires_at: row.expiresAt })
    .onConflict((conflict) =>
      conflict
        .columns(['access_key_id', 'nonce'])
        .doUpdateSet({ expires_at: row.expiresAt })
        .where('nonce.expires_at', '<', row.now),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Forgets the nonces that expired before `now`. */
export async function deleteExpiredNonces(db: Db, now: number): Promise<void> {
  await db.deleteFrom('nonce').where('expires_at', '<', now).execute();
}
