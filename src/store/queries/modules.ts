import type { Insertable, Selectable } from 'kysely';
import type { Db } from '../engine.ts';
import type { ModuleVersionTable } from '../schema.ts';

export type ModuleVersionRow = Selectable<ModuleVersionTable>;

/**
 * Records which version of a module a device runs; the last report counts.
 * @returns whether that is another version than the one reported before, or the first one
 */
export async function setModuleVersion(db: Db, row: Insertable<ModuleVersionTable>): Promise<boolean> {
  const { version, reported_at } = row;
  const changed = await db
    .insertInto('module_version')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['device_id', 'module'])
        .doUpdateSet({ version, reported_at })
        // the row is locked all the same: whoever holds the device still is waited for
        .where('module_version.version', '<>', version),
    )
    .returning('version')
    .executeTakeFirst();
  return changed !== undefined;
}

/** The version of a module that a device last reported. */
export async function findModuleVersion(db: Db, deviceId: string, module: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('module_version')
    .select('version')
    .where('device_id', '=', deviceId)
    .where('module', '=', module)
    .executeTakeFirst();
  return row?.version;
}

/** A page of the modules that a device reported a version of, by name. */
export async function pageOfModuleVersions(
  db: Db,
  deviceId: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<ModuleVersionRow[]> {
  return db
    .selectFrom('module_version')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('module')
    .limit(limit)
    .offset(offset)
    .execute();
}

export async function countModuleVersions(db: Db, deviceId: string): Promise<number> {
  const row = await db
    .selectFrom('module_version')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
