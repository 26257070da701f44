import { findDeviceForLogin } from '../store/queries/devices.ts';
import { findToken } from '../store/queries/enrolments.ts';
import { type ConnectClaim, verifyConnect } from '../wire/mqtt-connect.ts';
import type { Deps } from './deps.ts';
import type { LoginOutcome } from './device-services.ts';
import { DISABLED } from './device-status.ts';
import { isDeviceName, isProductKey } from './names.ts';
import { sameSignature } from './signing-keys.ts';

/** Verifies a device's connect signature (device-protocol 1.4), or the token that it was given (2.1). */
export async function loginDevice(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  claim: ConnectClaim,
): Promise<LoginOutcome> {
  const named = isProductKey(claim.productKey) && isDeviceName(claim.deviceName);
  const device = named && (await findDeviceForLogin(engine.read, claim.productKey, claim.deviceName));
  if (!device) return { ok: false, reason: 'refused', detail: 'unknown device' };
  if (claim.extension.get('authType') === 'connwl') {
    const { client_id, token } = (await findToken(engine.read, device.id)) ?? {};
    if (!token || client_id !== claim.id || !sameSignature(claim.password, vault.open(token)))
      return { ok: false, reason: 'refused', detail: 'wrong token' };
  } else if (!verifyConnect(claim, vault.open(device.secret))) {
    return { ok: false, reason: 'refused', detail: 'wrong signature' };
  }
  if (device.status === DISABLED) return { ok: false, reason: 'disabled', detail: 'the device is disabled' };
  return {
    ok: true,
    device: { deviceId: device.id, productKey: claim.productKey, deviceName: claim.deviceName },
  };
}
