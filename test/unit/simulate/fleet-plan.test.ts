import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planFleet } from '../../../src/simulate/fleet.ts';
import { FAILURE_KINDS } from '../../../src/simulate/misbehaviour.ts';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const choices = {
  failures: { flash: 0.1, hang: 0.05, absent: 0.02 },
  delay: { min: 10, max: 90 },
  reboot: { min: 1, max: 5 },
};

test('the same seed decides the same failures and delays', () => {
  fc.assert(
    fc.property(seed, fc.nat({ max: 200 }), (seed, count) => {
      expect(planFleet(count, { ...choices, seed })).toEqual(planFleet(count, { ...choices, seed }));
    }),
    { numRuns: 30 },
  );
});

test('another seed lets other devices fail', () => {
  const failing = (seed: number) => planFleet(100, { ...choices, seed }).map((plan) => plan.failure);
  expect(failing(1)).not.toEqual(failing(2));
});

test('a share of the fleet fails exactly, whatever the seed', () => {
  fc.assert(
    fc.property(seed, (seed) => {
      const plans = planFleet(200, { ...choices, seed });
      const count = (kind: string) => plans.filter((plan) => plan.failure === kind).length;
      expect([count('flash'), count('hang'), count('absent')]).toEqual([20, 10, 4]);
      expect(plans.filter((plan) => plan.misbehaviour !== undefined)).toHaveLength(34);
    }),
    { numRuns: 30 },
  );
});

test('delays stay within their span', () => {
  for (const { delayMs, rebootMs } of planFleet(500, { ...choices, seed: 3 })) {
    expect(delayMs).toBeGreaterThanOrEqual(10);
    expect(delayMs).toBeLessThanOrEqual(90);
    expect(rebootMs).toBeGreaterThanOrEqual(1);
    expect(rebootMs).toBeLessThanOrEqual(5);
  }
});

test('every kind of failure can be planned for a whole fleet', () => {
  for (const kind of FAILURE_KINDS) {
    const plans = planFleet(10, { seed: 5, failures: { [kind]: 1 } });
    expect(plans.every((plan) => plan.failure === kind)).toBe(true);
  }
});

test('shares of more than the whole fleet are refused', () => {
  expect(() => planFleet(10, { seed: 1, failures: { flash: 0.6, hang: 0.5 } })).toThrow(RangeError);
  expect(() => planFleet(10, { seed: 1, failures: { flash: Number.NaN } })).toThrow(RangeError);
});
