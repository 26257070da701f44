import { expect, it } from 'vitest';
import { every } from '../../../src/lib/clock.ts';
import { createTestClock, TEST_START } from '../../support/test-clock.ts';

it('fires timers in the order of their instants, each at its own', async () => {
  const clock = createTestClock();
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, clock.now() - TEST_START]);
  clock.after(20, note('b'));
  clock.after(10, note('a'));
  clock.after(20, note('c'));
  clock.after(31, note('late'));
  clock.after(5, note('off'))[Symbol.dispose]();
  await clock.advance(30);
  expect(fired).toEqual([
    ['a', 10],
    ['b', 20],
    ['c', 20],
  ]);
  expect(clock.now()).toBe(TEST_START + 30);
});

it('keeps a repeated task going', async () => {
  const clock = createTestClock();
  const rounds: number[] = [];
  await using _ = every(clock, 100, async () => void rounds.push(clock.now() - TEST_START));
  await clock.advance(350);
  expect(rounds).toEqual([100, 200, 300]);
});

it('starts at the beginning of 2030', () => {
  expect(new Date(createTestClock().now()).toISOString()).toBe('2030-01-01T00:00:00.000Z');
});
