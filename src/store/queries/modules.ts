import type { Insertable, Selectable } from 'kysely';
import type { Db } from '../engine.ts';
import type { ModuleVersionTable } from '../schema.ts';

export type ModuleVersionRow = Selectable<ModuleVersionTable>;

/**
 * Records which versions of a module devices run, in the order of the devices; the last report counts.
 * @param rows one of each device
 * @returns the devices for which that is another version than the one reported before, or the first one
 */
export async function setModuleVersions(
  db: Db,
  rows: readonly Insertable<ModuleVersionTable>[],
): Promise<ReadonlySet<string>> {
  const changed = await db
    .insertInto('module_version')
    .values(rows.toSorted((a, b) => (a.device_id < b.device_id ? -1 : 1)))
    .onConflict((conflict) =>
      conflict
        .columns(['device_id', 'module'])
        .doUpdateSet((eb) => ({ version: eb.ref('excluded.version'), reported_at: eb.ref('excluded.reported_at') }))
        // the row is locked all the same: whoever holds the device still is waited for
        .whereRef('module_version.version', '<>', 'excluded.version'),
    )
    .returning('device_id')
    .execute();
  return new Set(changed.map((row) => row.device_id));
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

/** The devices of a product whose ids follow `after`, `limit` at most: how many, and the last of them. */
export async function sliceOfProduct(
  db: Db,
  productKey: string,
  after: string,
  limit: number,
): Promise<{ readonly count: number; readonly last: string | null }> {
  const row = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('device')
        .select('device.id')
        .where('device.product_key', '=', productKey)
        .where('device.id', '>', after)
        .orderBy('device.id')
        .limit(limit)
        .as('slice'),
    )
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max<string | null>('slice.id').as('last')])
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), last: row.last };
}

/** How many of the devices of a product in a range of ids last reported which version of which module. */
export async function countVersions(
  db: Db,
  productKey: string,
  { after, upTo }: { readonly after: string; readonly upTo: string },
): Promise<{ module: string; version: string; count: number }[]> {
  const rows = await db
    .selectFrom('device')
    .innerJoin('module_version', 'module_version.device_id', 'device.id')
    .select((eb) => ['module_version.module', 'module_version.version', eb.fn.countAll<number>().as('count')])
    .where('device.product_key', '=', productKey)
    .where('device.id', '>', after)
    .where('device.id', '<=', upTo)
    .groupBy(['module_version.module', 'module_version.version'])
    .execute();
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}
