import type { Store } from '../../src/open-store.ts';
import { deviceName } from './devices.ts';

const CHUNK = 1_000;

export interface FilledDevices {
  readonly productKey: string;
  readonly count: number;
  /** The secret of all of them. */
  readonly secret: string;
  /** What all of them last reported. */
  readonly version: string;
}

/** Makes devices that have been connected before and have reported a version. @returns their ids by number */
export async function fillDevices(
  { engine, vault, clock, ids }: Store,
  { productKey, count, secret, version }: FilledDevices,
): Promise<string[]> {
  const now = clock.now();
  const sealed = vault.seal(secret);
  const { instance_id } = await engine.read
    .selectFrom('product')
    .select('instance_id')
    .where('key', '=', productKey)
    .executeTakeFirstOrThrow();
  const deviceIds: string[] = [];
  for (let start = 0; start < count; start += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, count - start) }, (_, offset) => ({
      id: ids.id(),
      instance_id,
      product_key: productKey,
      name: deviceName(start + offset),
      secret: sealed,
      nickname: '',
      status: 3,
      active_at: now,
      online_at: now,
      status_at: now,
      ip: null,
      created_at: now,
      modified_at: now,
    }));
    deviceIds.push(...rows.map((row) => row.id));
    await engine.transaction(async (tx) => {
      await tx.bulkInsert('device', rows);
      await tx.bulkInsert(
        'module_version',
        rows.map(({ id }) => ({ device_id: id, module: 'default', version, reported_at: now })),
      );
    });
  }
  await engine.transaction(({ db }) =>
    db.updateTable('product').set({ device_count: count }).where('key', '=', productKey).execute(),
  );
  return deviceIds;
}
