import type { Counter } from './counter.ts';

/**
 * What one address may try in a second: devices that share it get in a hundred at a time and ask again, and a flood
 * costs no look-up and no line in the log for each of its requests.
 */
const ATTEMPTS_PER_SECOND = 100;

/** May this address try to log in or to register over HTTP, where nothing is known of it yet? */
export function mayAttempt({ deviceRate }: { readonly deviceRate: Counter }, address: string): boolean {
  return deviceRate.take(address, 'device-attempt', ATTEMPTS_PER_SECOND) === 0;
}
