import { expect, test } from 'vitest';
import { attemptsOf, misbehaviourOf, parseFailureRates } from '../../../src/simulate/misbehaviour.ts';
import { seededRandom } from '../../../src/simulate/random.ts';

test('failure shares are read in percent and as fractions', () => {
  expect(parseFailureRates('flash=5%, hang=0.01,wrong-version=2.5%')).toEqual({
    flash: 0.05,
    hang: 0.01,
    'wrong-version': 0.025,
  });
  expect(parseFailureRates('')).toEqual({});
});

test.each(['flash', 'flash=', 'melt=5%', 'flash=-1', 'flash=2', 'flash=60%,hang=50%', 'flash=5%%'])(
  '"%s" is refused',
  (text) => {
    expect(() => parseFailureRates(text)).toThrow(RangeError);
  },
);

test('a failing device fails for ever, one that loses power does so once', () => {
  const random = seededRandom(1);
  expect(attemptsOf(misbehaviourOf('flash', random))).toBe(Number.POSITIVE_INFINITY);
  expect(attemptsOf(misbehaviourOf('power-loss', random))).toBe(1);
  expect(attemptsOf(misbehaviourOf('vanish', random))).toBe(Number.POSITIVE_INFINITY);
  expect(attemptsOf({ kind: 'hang', attempts: 3 })).toBe(3);
});
