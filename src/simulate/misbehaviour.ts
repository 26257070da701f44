import { between, type Random } from './random.ts';

/** -1 update failed, -2 download failed, -3 verification failed, -4 flashing failed (device-protocol 3.5). */
export type FailureStep = -1 | -2 | -3 | -4;

/** An update that ends badly in a way that the device can tell the server. */
export class UpdateFailure extends Error {
  readonly step: FailureStep;

  constructor(step: FailureStep, description: string) {
    super(description);
    this.name = 'UpdateFailure';
    this.step = step;
  }
}

/**
 * What a device does wrong on purpose. `attempts` says how many updates end so before one ends well;
 * without it all do (a `powerLoss` that returns happens once).
 */
export type Misbehaviour = { readonly attempts?: number } & (
  | { readonly kind: 'report'; readonly step: FailureStep; readonly description: string }
  /** Reports another version than the one it was given; `<version>-wrong` when none is named. */
  | { readonly kind: 'wrongVersion'; readonly version?: string }
  /** Stops in mid-download and says nothing more, still connected. */
  | { readonly kind: 'hang' }
  /** Falls silent in mid-download with its connections cut, and comes back with its old version, or not. */
  | { readonly kind: 'powerLoss'; readonly returns: boolean }
  /** Never connects. */
  | { readonly kind: 'absent' }
);

/** What a fleet can be told to do wrong, by the name that `--failures` takes. */
export const FAILURE_KINDS = [
  'update',
  'download',
  'verify',
  'flash',
  'wrong-version',
  'hang',
  'power-loss',
  'vanish',
  'absent',
] as const;

export type FailureKind = (typeof FAILURE_KINDS)[number];

/** Shares of a fleet, 0 to 1 each and 1 at most in all. */
export type FailureRates = Readonly<Partial<Record<FailureKind, number>>>;

/** A misbehaviour of this kind, with details that differ from device to device. */
export function misbehaviourOf(kind: FailureKind, random: Random): Misbehaviour {
  const report = (step: FailureStep, description: string): Misbehaviour => ({ kind: 'report', step, description });
  switch (kind) {
    case 'update':
      return report(-1, `battery too low: ${between(random, 3, 19)} %`);
    case 'download':
      return report(-2, `download failed: no route to host, ${between(random, 2, 9)} attempts`);
    case 'verify':
      return report(-3, 'digest mismatch');
    case 'flash':
      return report(-4, `flash write error at block ${between(random, 0, 255)}`);
    case 'wrong-version':
      return { kind: 'wrongVersion' };
    case 'hang':
      return { kind: 'hang' };
    case 'power-loss':
      return { kind: 'powerLoss', returns: true };
    case 'vanish':
      return { kind: 'powerLoss', returns: false };
    case 'absent':
      return { kind: 'absent' };
  }
}

/** How often the misbehaviour shows before an update may end well. */
export function attemptsOf(misbehaviour: Misbehaviour): number {
  const once = misbehaviour.kind === 'powerLoss' && misbehaviour.returns;
  return misbehaviour.attempts ?? (once ? 1 : Number.POSITIVE_INFINITY);
}

/**
 * Reads `flash=5%,hang=0.01`: kinds of {@link FAILURE_KINDS} with a share in percent or from 0 to 1.
 * Throws a `RangeError` that says what is wrong.
 */
export function parseFailureRates(text: string): FailureRates {
  const rates: Partial<Record<FailureKind, number>> = {};
  for (const part of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name = '', number = '', percent] = /^\s*([a-z-]+)\s*=\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(part) ?? [];
    const kind = FAILURE_KINDS.find((known) => known === name);
    if (kind === undefined) {
      throw new RangeError(`"${part.trim()}" is not KIND=SHARE with a KIND of ${FAILURE_KINDS.join(', ')}`);
    }
    rates[kind] = Number(number) / (percent === '%' ? 100 : 1);
  }
  checkRates(rates);
  return rates;
}

/** Throws a `RangeError` unless every share is 0 to 1 and all together 1 at most. */
export function checkRates(rates: FailureRates): void {
  const shares = Object.values(rates);
  const sum = shares.reduce((total, share) => total + share, 0);
  // 1e-9: shares such as 0.1 add up to a little more than 1
  if (shares.some((share) => !(share >= 0 && share <= 1)) || sum > 1 + 1e-9) {
    throw new RangeError('failure shares must lie between 0 and 1 and be 1 at most in all');
  }
}
