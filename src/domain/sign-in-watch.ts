import type { Clock } from '../lib/clock.ts';
import { createTurnstile } from '../lib/turnstile.ts';
import type { Claim } from './console-sessions.ts';
import { createFailedAttempts, networkOf } from './failed-attempts.ts';
import { Failure, fail } from './failure.ts';

/** Watches over what is tried in vain to prove who one is, on one node. */
export interface SignInWatch {
  /**
   * Runs an attempt, unless too many have failed lately from the same address or, of passwords, for the same name. From
   * an address where the name has signed in before, only the attempts of both together count: nobody is kept out by
   * what others try elsewhere with his name, or behind the same proxy with theirs.
   * @throws console.tooManySignIns, and what `attempt` throws
   */
  guard<T>(claim: Pick<Claim, 'name' | 'kind'>, address: string, attempt: () => Promise<T>): Promise<T>;
}

/** So many may fail at once, of an address and of a name; then one every six seconds. */
const FAILURES_PER_MINUTE = 10;

/** A password takes 19 MiB and a thread of Node's pool for some 30 ms; files and names are looked up by the same threads. */
const AT_ONCE = { atOnce: 2, waiting: 30, patienceMs: 5_000, bytes: Number.POSITIVE_INFINITY };

/** Names with the address that they were proven at; beyond them the one is forgotten that was the longest ago. */
const MOST_PROVEN = 10_000;

/** No name of anybody is longer, so that what is remembered of one stays small. */
const LONGEST_NAME = 128;

const FAILURES: ReadonlySet<string> = new Set(['console.signInFailed', 'console.wrongPassword']);

export function createSignInWatch(clock: Clock): SignInWatch {
  const addresses = createFailedAttempts(clock, FAILURES_PER_MINUTE);
  const names = createFailedAttempts(clock, FAILURES_PER_MINUTE);
  const places = createFailedAttempts(clock, FAILURES_PER_MINUTE);
  const proven = new Set<string>();
  const turns = createTurnstile(AT_ONCE, clock);

  const remember = (place: string) => {
    proven.delete(place);
    proven.add(place);
    const [oldest = ''] = proven;
    if (proven.size > MOST_PROVEN) proven.delete(oldest);
  };

  return {
    async guard(claim, address, attempt) {
      const isPassword = claim.kind === 'password';
      const name = claim.name.slice(0, LONGEST_NAME);
      const place = `${networkOf(address)} ${name}`;
      const tried = async () => {
        try {
          return { value: await (isPassword ? turns.pass(attempt) : attempt()) };
        } catch (error) {
          if (error instanceof Failure && FAILURES.has(error.key)) return error;
          throw error;
        }
      };
      const isFailure = (outcome: unknown) => outcome instanceof Failure;
      const ofName = () => (isPassword ? names.guard(name, tried, isFailure) : tried());
      const outcome = await (proven.has(place)
        ? places.guard(place, tried, isFailure)
        : addresses.guard(address, ofName, isFailure));
      if (outcome === 'throttled') fail('console.tooManySignIns');
      if (outcome instanceof Failure) throw outcome;
      remember(place);
      return outcome.value;
    },
  };
}

/** For tests and library use. */
export const unwatchedSignIns: SignInWatch = { guard: (_claim, _address, attempt) => attempt() };
