import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { DeviceApplyNameTable, DeviceApplyTable } from '../schema.ts';

export type ApplicationRow = Selectable<DeviceApplyTable>;
export type AppliedName = Pick<Selectable<DeviceApplyNameTable>, 'position' | 'name' | 'nickname' | 'error'>;

export async function insertApplication(
  tx: Tx,
  row: Insertable<DeviceApplyTable>,
  names: readonly AppliedName[],
): Promise<void> {
  await tx.db.insertInto('device_apply').values(row).execute();
  await insertAppliedNames(tx, row.id, names);
}

export async function insertAppliedNames(tx: Tx, id: number, names: readonly AppliedName[]): Promise<void> {
  await tx.bulkInsert(
    'device_apply_name',
    names.map((name) => ({ ...name, apply_id: id })),
  );
}

export async function findApplication(db: Db, instanceId: string, id: number): Promise<ApplicationRow | undefined> {
  return db
    .selectFrom('device_apply')
    .selectAll()
    .where('id', '=', id)
    .where('instance_id', '=', instanceId)
    .executeTakeFirst();
}

/** An application of whatever instance, held until the end of the transaction. */
export async function lockApplication(tx: Tx, id: number): Promise<ApplicationRow | undefined> {
  return tx.lock(tx.db.selectFrom('device_apply').selectAll().where('id', '=', id)).executeTakeFirst();
}

export async function updateApplication(db: Db, id: number, changes: Updateable<DeviceApplyTable>): Promise<void> {
  await db.updateTable('device_apply').set(changes).where('id', '=', id).execute();
}

/** Applications that have work, oldest first. */
export async function dueApplications(db: Db, now: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('device_apply')
    .select('id')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** The names at positions from `from` up to but not including `to`, in their order. */
export async function appliedNames(
  db: Db,
  id: number,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<AppliedName[]> {
  return db
    .selectFrom('device_apply_name')
    .select(['position', 'name', 'nickname', 'error'])
    .where('apply_id', '=', id)
    .where('position', '>=', from)
    .where('position', '<', to)
    .orderBy('position')
    .execute();
}

/** Says why the names at some positions cannot be registered, in place of what was said before. */
export async function setNameError(db: Db, id: number, positions: readonly number[], error: string): Promise<void> {
  if (positions.length === 0) return;
  await db
    .updateTable('device_apply_name')
    .set({ error })
    .where('apply_id', '=', id)
    .where('position', 'in', positions)
    .execute();
}

/** Says why none of the names from a position on can be registered. */
export async function setRemainingErrors(db: Db, id: number, from: number, error: string): Promise<void> {
  await db
    .updateTable('device_apply_name')
    .set({ error })
    .where('apply_id', '=', id)
    .where('position', '>=', from)
    .where('error', 'is', null)
    .execute();
}

/** Those of the names that devices of the product have. */
export async function takenNames(db: Db, productKey: string, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const rows = await db
    .selectFrom('device')
    .select('name')
    .where('product_key', '=', productKey)
    .where('name', 'in', names)
    .execute();
  return new Set(rows.map((row) => row.name));
}

/** Devices that an application made, in the order of its names; those deleted since are left out. */
export async function listAppliedDevices(
  db: Db,
  { id, product_key, cursor }: Pick<ApplicationRow, 'id' | 'product_key' | 'cursor'>,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ id: string; name: string; secret: string }[]> {
  return db
    .selectFrom('device_apply_name')
    .innerJoin('device', (join) =>
      join.onRef('device.name', '=', 'device_apply_name.name').on('device.product_key', '=', product_key),
    )
    .select(['device.id', 'device.name', 'device.secret'])
    .where('device_apply_name.apply_id', '=', id)
    .where('device_apply_name.position', '<', cursor)
    .where('device_apply_name.error', 'is', null)
    .orderBy('device_apply_name.position')
    .limit(limit)
    .offset(offset)
    .execute();
}
