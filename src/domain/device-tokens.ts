import { createHmac } from 'node:crypto';
import { findDeviceForToken } from '../store/queries/devices.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef } from './device-services.ts';
import { DISABLED } from './device-status.ts';
import { sameSignature } from './signing-keys.ts';

/** How long a token of the HTTP channel is good; no document says. */
export const TOKEN_MS = 48 * 3_600_000;

const TOKEN = /^([A-Za-z0-9]{1,32})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/;

/**
 * A token with which a device speaks on the HTTP channel. It is signed and stored nowhere, so every process takes it.
 * The device's secret takes part: with it the token ends.
 * @param secret the device's secret as it is stored
 */
export function issueToken(
  { vault, clock }: Pick<Deps, 'vault' | 'clock'>,
  { id, secret }: { readonly id: string; readonly secret: string },
): string {
  const body = `${id}.${(clock.now() + TOKEN_MS).toString(36)}`;
  return `${body}.${signature(vault, body, secret)}`;
}

export type TokenOutcome =
  | { readonly ok: true; readonly device: DeviceRef }
  | { readonly ok: false; readonly error: 'tokenExpired' | 'tokenInvalid' };

/** Whose token is this? A device that was deleted or disabled has none (device-protocol 7). */
export async function readToken(
  { engine, vault, clock }: Pick<Deps, 'engine' | 'vault' | 'clock'>,
  token: string,
): Promise<TokenOutcome> {
  const [, id = '', until = '', given = ''] = TOKEN.exec(token) ?? [];
  const device = id === '' ? undefined : await findDeviceForToken(engine.read, id);
  if (!device || !sameSignature(given, signature(vault, `${id}.${until}`, device.secret))) {
    return { ok: false, error: 'tokenInvalid' };
  }
  if (Number.parseInt(until, 36) <= clock.now()) return { ok: false, error: 'tokenExpired' };
  if (device.status === DISABLED) return { ok: false, error: 'tokenInvalid' };
  return { ok: true, device: { deviceId: id, productKey: device.product_key, deviceName: device.name } };
}

const signature = (vault: Deps['vault'], body: string, secret: string): string =>
  createHmac('sha256', vault.derive('device-token')).update(`${body}.${secret}`).digest('base64url');
