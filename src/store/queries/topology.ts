import type { Db } from '../engine.ts';

/** Takes a device out of the topology that it is in, and everything out of its own. */
export async function removeTopology(db: Db, deviceId: string): Promise<void> {
  await db.deleteFrom('topology').where('device_id', '=', deviceId).execute();
  await db.deleteFrom('topology').where('gateway_id', '=', deviceId).execute();
}
