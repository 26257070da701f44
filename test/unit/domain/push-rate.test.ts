import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logged, nextPlaceAt, placesLeft } from '../../../src/domain/push-rate.ts';

const MINUTE = 60_000;
const row = (most: number, log = '[]') => ({ maximum_per_minute: most, push_log: log });

describe('a push rate', () => {
  it('is never exceeded in any 60 seconds, and nobody waits for longer than until it allows one', () => {
    const steps = fc.array(fc.record({ ms: fc.nat(20_000), wanted: fc.nat(15) }), { maxLength: 100 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 10, max: 30 }), (all, most) => {
        let [now, log] = [1_900_000_000_000, '[]'];
        const times: number[] = [];
        for (const { ms, wanted } of all) {
          now += ms;
          const job = row(most, log);
          const places = Math.min(wanted, placesLeft(job, now));
          if (places > 0) log = logged(job, places, now);
          for (let place = 0; place < places; place += 1) times.push(now);
          expect(times.filter((at) => at > now - MINUTE).length).toBeLessThanOrEqual(most);
          const next = nextPlaceAt(row(most, log), now);
          expect(placesLeft(row(most, log), next)).toBeGreaterThan(0);
          if (next > now) expect(placesLeft(row(most, log), next - 1)).toBe(0);
          expect((JSON.parse(log) as unknown[]).length).toBeLessThan(62);
        }
      }),
    );
  });

  it('is free again after exactly a minute', () => {
    const log = logged(row(10), 10, 1_000_500);
    expect(placesLeft(row(10, log), 1_000_500 + MINUTE - 1)).toBe(0);
    expect(nextPlaceAt(row(10, log), 1_000_500)).toBe(1_000_500 + MINUTE);
    expect(placesLeft(row(10, log), 1_000_500 + MINUTE)).toBe(10);
  });

  it('counts what a node has logged whose clock is ahead', () => {
    const ahead = logged(row(10), 4, 5_000_000);
    const log = logged(row(10, ahead), 3, 4_990_000);
    expect(placesLeft(row(10, log), 4_990_000)).toBe(3);
    expect(placesLeft(row(10, log), 5_000_000 + MINUTE)).toBe(10);
  });

  it('may have been lowered below what was told already', () => {
    const log = logged(row(100), 100, 0);
    expect(placesLeft(row(10, log), 1)).toBe(0);
    expect(nextPlaceAt(row(10, log), 1)).toBe(MINUTE);
  });
});
