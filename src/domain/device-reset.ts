import { reopenRegistration } from '../store/queries/enrolments.ts';
import { removeTopology } from '../store/queries/topology.ts';
import type { Deps, Scope } from './deps.ts';
import { type DeviceSelector, requireDevice } from './devices.ts';

/**
 * Lets a device register dynamically again, until it connects the next time, and takes it out of its topology: a
 * sub-device has no gateway any more, a gateway has no sub-devices. It stays active, and what it logs in with stays good
 * until it registers (openapi-devices 3, ResetThing).
 * @throws product.*, device.nullName, device.malformedName, device.notFound, device.invalidIotId
 */
export async function resetDevice(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  selector: DeviceSelector,
): Promise<void> {
  await engine.transaction(async (tx) => {
    const device = await requireDevice(tx.db, scope, selector);
    await reopenRegistration(tx.db, device.id, clock.now());
    await removeTopology(tx.db, device.id);
  });
}
