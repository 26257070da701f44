import { reopenRegistration } from '../store/queries/enrolments.ts';
import { removeTopology, subDevicesOf } from '../store/queries/topology.ts';
import type { Deps, Scope } from './deps.ts';
import { type DeviceSelector, requireDevice } from './devices.ts';
import { tellGateway } from './gateway-nudges.ts';

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
    await tellGateway(tx, device, 'removed');
    const changes = (await subDevicesOf(tx.db, device.id)).map(({ product_key: productKey, name: deviceName }) => ({
      gatewayId: device.id,
      change: 'removed' as const,
      productKey,
      deviceName,
    }));
    if (changes.length > 0) tx.nudge({ kind: 'topology', changes });
    await removeTopology(tx.db, device.id);
  });
}
