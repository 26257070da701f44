import type { Insertable } from 'kysely';
import type { Db } from '../engine.ts';
import type { ModuleVersionTable } from '../schema.ts';

/** Records which version of a module a device runs; the last report counts. */
export async function setModuleVersion(db: Db, row: Insertable<ModuleVersionTable>): Promise<void> {
  const { version, reported_at } = row;
  await db
    .insertInto('module_version')
    .values(row)
    .onConflict((conflict) => conflict.columns(['device_id', 'module']).doUpdateSet({ version, reported_at }))
    .execute();
}
