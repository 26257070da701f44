import type { Db } from '../engine.ts';

/**
 * Takes or prolongs a named lease.
 * @returns false when another holder has it until later than `now`
 */
export async function takeLease(
  db: Db,
  {
    name,
    holder,
    now,
    until,
  }: { readonly name: string; readonly holder: string; readonly now: number; readonly until: number },
): Promise<boolean> {
  const result = await db
    .insertInto('lease')
    .values({ name, holder, until })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, until })
        .where((eb) => eb.or([eb('lease.holder', '=', holder), eb('lease.until', '<=', now)])),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function releaseLease(db: Db, name: string, holder: string): Promise<void> {
  await db.deleteFrom('lease').where('name', '=', name).where('holder', '=', holder).execute();
}
