import { findDeviceForLogin } from '../store/queries/devices.ts';
import { type ConnectClaim, verifyConnect } from '../wire/mqtt-connect.ts';
import type { Deps } from './deps.ts';
import type { LoginOutcome } from './device-services.ts';
import { isDeviceName, isProductKey } from './names.ts';

const DISABLED = 8;

/** Verifies a device's connect signature (device-protocol 1.4). */
export async function loginDevice(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  claim: ConnectClaim,
): Promise<LoginOutcome> {
  const named = isProductKey(claim.productKey) && isDeviceName(claim.deviceName);
  const device = named && (await findDeviceForLogin(engine.read, claim.productKey, claim.deviceName));
  if (!device) return { ok: false, reason: 'refused', detail: 'unknown device' };
  if (!verifyConnect(claim, vault.open(device.secret)))
    return { ok: false, reason: 'refused', detail: 'wrong signature' };
  if (device.status === DISABLED) return { ok: false, reason: 'disabled', detail: 'the device is disabled' };
  return {
    ok: true,
    device: { deviceId: device.id, productKey: claim.productKey, deviceName: claim.deviceName },
  };
}
