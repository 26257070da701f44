import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, seededRandom, shuffled } from '../../../src/simulate/random.ts';

test('the same seed gives the same numbers, and they are spread', () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(43));
  const mean = draw(42).reduce((sum, value) => sum + value, 0) / 1_000;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
});

test('the first numbers are those of mulberry32', () => {
  const random = seededRandom(0);
  expect([random(), random()]).toEqual([0.26642920868471265, 0.0003297457005828619]);
});

test('between includes both ends', () => {
  const random = seededRandom(7);
  const seen = new Set(Array.from({ length: 200 }, () => between(random, 2, 4)));
  expect([...seen].sort()).toEqual([2, 3, 4]);
});

test('shuffling keeps every item', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
      const sorted = (list: number[]) => [...list].sort((a, b) => a - b);
      expect(sorted(shuffled(seededRandom(seed), items))).toEqual(sorted(items));
    }),
  );
});
