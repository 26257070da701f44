import { describe, expect, it } from 'vitest';
import { type Extent, heightOf, type Place, placeAt, placeShowing, rowsSeen, scrolledTo } from './long-scroll.ts';

const short: Extent = { total: 40_000, viewport: 600 };
const long: Extent = { total: 40_000_000, viewport: 600 };
const top: Place = { top: 0, at: 0 };

describe('a list that fits', () => {
  it('is scrolled as any other', () => {
    expect(heightOf(short)).toBe(40_000);
    expect(scrolledTo(top, 12_345, short)).toEqual({ top: 12_345, at: 12_345 });
  });
});

describe('a list that is longer than an element may be', () => {
  const last = heightOf(long) - long.viewport;

  it('has a scrollbar for the whole of it', () => {
    expect(heightOf(long)).toBe(10_000_000);
    expect(scrolledTo(top, last, long).at).toBeCloseTo(40_000_000 - 600, 3);
    expect(scrolledTo(top, last / 2, long).at).toBeCloseTo((40_000_000 - 600) / 2, 3);
    expect(scrolledTo({ top: last, at: 39_999_400 }, 0, long).at).toBe(0);
  });

  it('moves by the pixels that a wheel moves it, wherever it stands', () => {
    const middle = placeAt(20_000_000, long);
    expect(scrolledTo(middle, middle.top + 120, long).at).toBe(20_000_120);
    expect(scrolledTo(middle, middle.top - 1, long).at).toBe(19_999_999);
  });

  it('passes over no row near an end, however far it is scrolled in small steps', () => {
    let place = placeAt(39_990_000, long);
    const seen: number[] = [];
    for (let step = 0; step < 200; step += 1) {
      place = scrolledTo(place, Math.min(last, place.top + 100), long);
      seen.push(place.at);
      // what happens whenever scrolling ends
      if (step % 10 === 9) place = placeAt(place.at, long);
    }
    expect(place.at).toBe(39_999_400);
    expect(Math.max(...seen.map((at, index) => at - (seen[index - 1] ?? 39_990_000)))).toBeLessThanOrEqual(100);
  });

  it('never leaves its ends', () => {
    expect(scrolledTo(placeAt(50, long), 0, long).at).toBeGreaterThanOrEqual(0);
    expect(placeAt(Number.MAX_SAFE_INTEGER, long)).toEqual({ top: last, at: 39_999_400 });
    expect(placeAt(-5, long)).toEqual(top);
  });
});

it('shows a row with the least of movement', () => {
  const place = placeAt(4_000, short);
  expect(placeShowing(place, 105, 40, short)).toBe(place);
  expect(placeShowing(place, 10, 40, short).at).toBe(400);
  expect(placeShowing(place, 200, 40, short).at).toBe(200 * 40 + 40 - 600);
});

it('knows which rows are seen', () => {
  expect(rowsSeen(4_010, 600, 40, 1_000, 0)).toEqual({ from: 100, to: 116 });
  expect(rowsSeen(0, 600, 40, 3, 5)).toEqual({ from: 0, to: 3 });
  expect(rowsSeen(39_400, 600, 40, 1_000, 5)).toEqual({ from: 980, to: 1_000 });
  expect(rowsSeen(4_000, 600, 40, 0, 5)).toEqual({ from: 0, to: 0 });
});
