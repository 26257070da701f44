import { describe, expect, it } from 'vitest';
import { createFigures } from '../../../src/domain/figures.ts';
import { createTestClock } from '../../support/test-clock.ts';

/** A question that takes so long, and answers with how often it was asked. */
function setUp(tookMs: number) {
  const clock = createTestClock();
  const figures = createFigures(clock);
  let asked = 0;
  const find = async () => {
    asked += 1;
    const number = asked;
    await clock.advance(tookMs);
    return number;
  };
  return { clock, figures, ask: (key = 'k') => figures.remember(key, find) };
}

describe('figures', () => {
  it('that are found quickly are asked for every time', async () => {
    const { ask } = setUp(10);
    expect([await ask(), await ask()]).toEqual([1, 2]);
  });

  it('that took long are given again for twenty times as long', async () => {
    const { clock, ask } = setUp(1_000);
    expect(await ask()).toBe(1);
    await clock.advance(19_999);
    expect(await ask()).toBe(1);
    await clock.advance(1);
    expect(await ask()).toBe(2);
  });

  it('are never older than ten minutes', async () => {
    const { clock, ask } = setUp(3_600_000);
    await ask();
    await clock.advance(600_000);
    expect(await ask()).toBe(2);
  });

  it('are found once for all who ask meanwhile, and each question for itself', async () => {
    const { ask } = setUp(1_000);
    expect(await Promise.all([ask(), ask(), ask('other')])).toEqual([1, 1, 2]);
  });

  it('that could not be found are asked for again', async () => {
    const clock = createTestClock();
    const figures = createFigures(clock);
    const failing = async () => {
      await clock.advance(1_000);
      throw new Error('gone');
    };
    await expect(figures.remember('k', failing)).rejects.toThrow('gone');
    expect(await figures.remember('k', async () => 'here')).toBe('here');
  });

  it('are asked for anew when the clock was put back', async () => {
    let now = 1_000_000;
    const figures = createFigures({ now: () => now, after: () => ({ [Symbol.dispose]() {} }) });
    const find = (answer: string) =>
      figures.remember('k', async () => {
        now += 1_000;
        return answer;
      });
    await find('before');
    now -= 10_000;
    expect(await find('after')).toBe('after');
  });
});
