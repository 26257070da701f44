/** Counts what somebody does within the running second. @returns 0 when it may go on, else the milliseconds to wait */
export interface Counter {
  take(subject: string, what: string, perSecond: number): number;
}

/**
 * What one address may try in a second: devices that share it get in a hundred at a time and ask again, and a flood
 * costs no look-up and no line in the log for each of its requests.
 */
const ATTEMPTS_PER_SECOND = 100;

/** May this address try to log in or to register over HTTP, where nothing is known of it yet? */
export function mayAttempt({ quota }: { readonly quota: Counter }, address: string): boolean {
  return quota.take(address, 'device-attempt', ATTEMPTS_PER_SECOND) === 0;
}
