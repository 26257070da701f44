import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choose, grayCount, percentText, readPercent } from '../../../src/domain/rollout/gray.ts';

const percent = (text: string) => readPercent(text) ?? Number.NaN;
const devices = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `device-${i}` }));

describe('a percentage of devices', () => {
  it('is answered with two decimals, or three where they are needed', () => {
    const texts = ['50', '50.0', '33.33', '33.333', '0.001', '100', '100.000', '7'].map((text) =>
      percentText(percent(text)),
    );
    expect(texts).toEqual(['50.00', '50.00', '33.33', '33.333', '0.001', '100.00', '100.00', '7.00']);
  });

  it.each([
    ['33.33', 100, 33],
    ['50', 5, 2],
    ['0.001', 1_000_000, 10],
    ['0.001', 99_999, 1],
    ['99.999', 1_000_000, 999_990],
    ['100', 7, 7],
    // what floating point would make 28.999…
    ['29', 100, 29],
    ['57.9', 1000, 579],
    ['50', 0, 0],
  ])('%s of %i are %i: rounded down, but one at least', (text, candidates, count) => {
    expect(grayCount(percent(text), candidates)).toBe(count);
  });
});

describe('the choice among devices', () => {
  it('is of exactly as many as are wanted, however they come by', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        (count, share, chunk) => {
          const all = devices(count);
          let [left, wanted] = [count, Math.floor(share * count)];
          const expected = wanted;
          const chosen: string[] = [];
          for (let from = 0; from < count; from += chunk) {
            const part = all.slice(from, from + chunk);
            const some = choose('job', part, { left, wanted });
            chosen.push(...some.map((device) => device.id));
            left -= part.length;
            wanted -= some.length;
          }
          expect(chosen).toHaveLength(expected);
          expect(new Set(chosen).size).toBe(expected);
          expect(chosen).toEqual(choose('job', all, { left: count, wanted: expected }).map((device) => device.id));
        },
      ),
    );
  });

  it('can be made again, and is another one in another job', () => {
    const pick = (job: string) => choose(job, devices(1000), { left: 1000, wanted: 100 }).map((device) => device.id);
    expect(pick('one')).toEqual(pick('one'));
    const both = new Set([...pick('one'), ...pick('two')]);
    expect(both.size).toBeGreaterThan(170);
  });

  it('falls evenly on the whole fleet', () => {
    const chosen = choose('job', devices(10_000), { left: 10_000, wanted: 1_000 });
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => chosen.filter((device) => Math.floor(Number(device.id.slice(7)) / 1_000) === tenth).length,
    );
    for (const count of tenths) expect(count).toBeGreaterThan(70);
    for (const count of tenths) expect(count).toBeLessThan(130);
    const even = chosen.filter((device) => Number(device.id.slice(7)) % 2 === 0).length;
    expect(Math.abs(even - 500)).toBeLessThan(60);
  });
});
