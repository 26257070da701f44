import { setNickname } from '../store/queries/devices.ts';
import type { Deps, Scope } from './deps.ts';
import { type DeviceSelector, requireDevice } from './devices.ts';
import { fail } from './failure.ts';
import { isNickname } from './names.ts';

const MOST_NICKNAMES = 50;

/**
 * Sets the nicknames of at most 50 devices, all or none; without a nickname a device loses the one it has. Of several
 * for one device the last counts.
 * @throws product.*, device.*
 */
export async function setNicknames(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  entries: readonly { readonly device: DeviceSelector; readonly nickname?: string | undefined }[],
): Promise<void> {
  if (entries.length === 0) fail('device.noNames');
  if (entries.length > MOST_NICKNAMES) fail('device.tooManyNames');
  for (const { nickname } of entries) if (nickname && !isNickname(nickname)) fail('device.malformedNickname');
  await engine.transaction(async (tx) => {
    const nicknames = new Map<string, string>();
    for (const { device, nickname } of entries) {
      nicknames.set((await requireDevice(tx.db, scope, device)).id, nickname ?? '');
    }
    const now = clock.now();
    // always in the same order, so that two callers do not wait for each other
    for (const id of [...nicknames.keys()].sort()) {
      await setNickname(tx.db, id, { nickname: nicknames.get(id) ?? '', now });
    }
  });
}
