import type { Db } from '../engine.ts';

export interface Prop {
  readonly key: string;
  readonly value: string;
}

/** The tags of a device, by key. */
export async function findProps(db: Db, deviceId: string): Promise<Prop[]> {
  return db
    .selectFrom('device_prop')
    .select(['key', 'value'])
    .where('device_id', '=', deviceId)
    .orderBy('key')
    .execute();
}

/** Sets tags, each key once; others that the device has stay. */
export async function saveProps(db: Db, deviceId: string, props: readonly Prop[]): Promise<void> {
  await db
    .insertInto('device_prop')
    .values(props.map(({ key, value }) => ({ device_id: deviceId, key, value })))
    .onConflict((conflict) =>
      conflict.columns(['device_id', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
    )
    .execute();
}

export async function deleteProp(db: Db, deviceId: string, key: string): Promise<void> {
  await db.deleteFrom('device_prop').where('device_id', '=', deviceId).where('key', '=', key).execute();
}
