import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRange } from '../../../src/http/byte-range.ts';

describe('Range header', () => {
  it.each([
    // of ten bytes, 0 to 9
    [undefined, 'whole'],
    ['', 'whole'],
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=0-9', { start: 0, end: 9 }],
    ['bytes=0-10', { start: 0, end: 9 }],
    ['bytes=3-5', { start: 3, end: 5 }],
    ['bytes=9-', { start: 9, end: 9 }],
    ['bytes=9-99999999999', { start: 9, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-20', 'unsatisfiable'],
    ['bytes=-1', { start: 9, end: 9 }],
    ['bytes=-10', { start: 0, end: 9 }],
    ['bytes=-11', { start: 0, end: 9 }],
    ['bytes=-0', 'unsatisfiable'],
    ['Bytes=1-2', { start: 1, end: 2 }],
    [' bytes = 1 - 2 ', { start: 1, end: 2 }],
    ['bytes=007-8', { start: 7, end: 8 }],
    ['bytes=-', 'whole'],
    ['bytes=', 'whole'],
    ['bytes', 'whole'],
    ['bytes=5-3', 'whole'],
    ['bytes=0-1,3-4', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=1.5-2', 'whole'],
    ['bytes=--1', 'whole'],
    ['bytes=+1-2', 'whole'],
    ['items=0-1', 'whole'],
    ['bytes=0-1x', 'whole'],
    ['bytes=99999999999999999999-', 'whole'],
  ])('%j', (header, expected) => {
    expect(readRange(header, 10)).toEqual(expected);
  });

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-1'])('%s of an empty file cannot be satisfied', (header) => {
    expect(readRange(header, 0)).toBe('unsatisfiable');
  });

  it('gives ranges that lie within the file, whatever is asked', () => {
    const number = fc.option(fc.nat(30), { nil: '' });
    fc.assert(
      fc.property(number, number, fc.nat(20), (first, last, size) => {
        const range = readRange(`bytes=${first}-${last}`, size);
        if (typeof range === 'string') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(size);
      }),
    );
  });
});
