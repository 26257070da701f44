import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { UploadTable } from '../schema.ts';

export type UploadRow = Selectable<UploadTable>;

export async function insertUpload(db: Db, row: Insertable<UploadTable>): Promise<void> {
  await db.insertInto('upload').values(row).execute();
}

/** An upload by object name, of whatever instance: a signature stands for the right to it. */
export async function findUpload(db: Db, key: string): Promise<UploadRow | undefined> {
  return db.selectFrom('upload').selectAll().where('key', '=', key).executeTakeFirst();
}

export async function lockUpload(tx: Tx, key: string): Promise<UploadRow | undefined> {
  return tx.lock(tx.db.selectFrom('upload').selectAll().where('key', '=', key)).executeTakeFirst();
}

/** Takes what an upload says of its bytes back; its object may be replaced or deleted then. */
export async function unstoreUpload(tx: Tx, key: string): Promise<void> {
  await tx.db
    .updateTable('upload')
    .set({ state: 'granted', size: null, md5: null, sha256: null, stored_at: null })
    .where('key', '=', key)
    .where('state', '=', 'stored')
    .execute();
}

export async function markUploadStored(
  tx: Tx,
  key: string,
  blob: { readonly size: number; readonly md5: string; readonly sha256: string; readonly storedAt: number },
): Promise<void> {
  const { size, md5, sha256, storedAt } = blob;
  await tx.db
    .updateTable('upload')
    .set({ state: 'stored', size, md5, sha256, stored_at: storedAt })
    .where('key', '=', key)
    .execute();
}

export async function markUploadsUsed(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.db.updateTable('upload').set({ state: 'used' }).where('key', 'in', keys).execute();
}

/** Lets uploads go that no package refers to any more; they become due for sweeping as if stored at `storedAt`. */
export async function releaseUnreferencedUploads(tx: Tx, keys: readonly string[], storedAt: number): Promise<void> {
  if (keys.length === 0) return;
  await tx.db
    .updateTable('upload')
    .set({ state: 'stored', stored_at: storedAt })
    .where('key', 'in', keys)
    .where('state', '=', 'used')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('firmware_file')
            .select('firmware_file.firmware_id')
            .whereRef('firmware_file.upload_key', '=', 'upload.key'),
        ),
      ),
    )
    .execute();
}

/** Lets a device list go that no job reads any more; it was stored when it was. */
export async function releaseUnreadList(tx: Tx, key: string): Promise<void> {
  await tx.db
    .updateTable('upload')
    .set({ state: 'stored' })
    .where('key', '=', key)
    .where('state', '=', 'used')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('job').select('job.id').whereRef('job.list_key', '=', 'upload.key'))),
    )
    .execute();
}

/** Names of up to `limit` objects that nobody came for. Times are milliseconds since 1970. */
export async function findStaleUploads(
  db: Db,
  { storedBefore, grantedBefore }: { readonly storedBefore: number; readonly grantedBefore: number },
  limit: number,
): Promise<string[]> {
  // created_at is no later than stored_at and in the index
  const stored = db
    .selectFrom('upload')
    .select('key')
    .where('state', '=', 'stored')
    .where('created_at', '<', storedBefore)
    .where('stored_at', '<', storedBefore)
    .limit(limit);
  const granted = db
    .selectFrom('upload')
    .select('key')
    .where('state', '=', 'granted')
    .where('created_at', '<', grantedBefore)
    .limit(limit);
  const rows = [...(await stored.execute()), ...(await granted.execute())];
  return rows.map((row) => row.key);
}

/** Forgets an upload whose bytes are gone. */
export async function deleteGrantedUpload(tx: Tx, key: string): Promise<void> {
  await tx.db.deleteFrom('upload').where('key', '=', key).where('state', '=', 'granted').execute();
}
