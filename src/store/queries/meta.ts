import { sql } from 'kysely';
import type { Db } from '../engine.ts';

export async function readMeta(db: Db, key: string): Promise<string | undefined> {
  return (await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst())?.value;
}

/** Writes a fact unless it is known already, and returns the one that holds. */
export async function settleMeta(db: Db, key: string, value: string): Promise<string> {
  await db
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return (await readMeta(db, key)) ?? value;
}

/** The next number of a series, from 1 on: never the same twice, as long as the transaction is committed. */
export async function nextNumber(db: Db, series: string): Promise<number> {
  const { value } = await db
    .insertInto('meta')
    .values({ key: series, value: '1' })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({ value: sql<string>`cast(cast(meta.value as bigint) + 1 as text)` }),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return Number(value);
}
