import { isIPv6 } from 'node:net';
import type { Clock } from '../lib/clock.ts';

/** Watches over what addresses try in vain: to log in, to register, with tokens. */
export interface FailedAttempts {
  /**
   * Runs an attempt, unless too many of the same address have failed lately. Those that succeed count nothing, so that
   * a fleet behind one address is not held up by its number.
   * @param isFailure whether the outcome is one of somebody who does not know what a device knows
   */
  guard<T>(address: string, attempt: () => Promise<T>, isFailure: (outcome: T) => boolean): Promise<T | 'throttled'>;
}

const MINUTE = 60_000;

/** Addresses that are remembered; beyond them the one is forgotten whose last failure is the longest ago. */
const MOST_ADDRESSES = 10_000;

/** @param perMinute failures of an address within a minute, and as many in every minute after that */
export function createFailedAttempts(clock: Clock, perMinute: number, mostAddresses = MOST_ADDRESSES): FailedAttempts {
  /** When the failures so far are paid for, by network; the latest failure last. */
  const paidAt = new Map<string, number>();

  const count = (network: string) => {
    const now = clock.now();
    const debt = Math.max(paidAt.get(network) ?? 0, now) + MINUTE / perMinute;
    paidAt.delete(network);
    for (const [other, until] of paidAt) {
      if (until > now && paidAt.size < mostAddresses) break;
      paidAt.delete(other);
    }
    paidAt.set(network, debt);
  };

  return {
    async guard(address, attempt, isFailure) {
      const network = networkOf(address);
      if ((paidAt.get(network) ?? 0) - clock.now() >= MINUTE) return 'throttled';
      const outcome = await attempt();
      if (isFailure(outcome)) count(network);
      return outcome;
    },
  };
}

/** For tests and library use. */
export const unwatched: FailedAttempts = { guard: (_address, attempt) => attempt() };

/** No address is as long; a proxy that is trusted may pass on what is none, and it is remembered. */
const LONGEST = 256;

/** One subscriber has a whole network of 64 bits of IPv6. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address.slice(0, LONGEST);
  const [before = '', after] = address.split('::', 2);
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros =
    after === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
