import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chinaTimeText, gmtText, parseTimestamp, utcText } from '../../../src/wire/time.ts';

const time = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(9999, 11, 31) });

describe('times as text', () => {
  it('writes UTC with milliseconds', () => {
    expect(utcText(Date.UTC(2019, 10, 4, 6, 21, 54, 607))).toBe('2019-11-04T06:21:54.607Z');
    expect(utcText(0)).toBe('1970-01-01T00:00:00.000Z');
  });

  it('writes GMT with dashes', () => {
    expect(gmtText(Date.UTC(2019, 1, 20, 2, 16, 9))).toBe('Wed, 20-Feb-2019 02:16:09 GMT');
    expect(gmtText(Date.UTC(2021, 0, 3, 0, 0, 0, 999))).toBe('Sun, 03-Jan-2021 00:00:00 GMT');
  });

  it('writes Beijing time', () => {
    expect(chinaTimeText(Date.UTC(2018, 7, 6, 2, 47, 50))).toBe('2018-08-06 10:47:50');
    expect(chinaTimeText(Date.UTC(2018, 11, 31, 16, 0, 0))).toBe('2019-01-01 00:00:00');
  });
});

describe('parseTimestamp', () => {
  it.each([
    ['2024-05-06T07:08:09Z', Date.UTC(2024, 4, 6, 7, 8, 9)],
    ['2024-05-06T07:08:09.5Z', Date.UTC(2024, 4, 6, 7, 8, 9, 500)],
    ['2024-05-06T07:08:09.123456Z', Date.UTC(2024, 4, 6, 7, 8, 9, 123)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('reads %s', (text, ms) => {
    expect(parseTimestamp(text)).toBe(ms);
  });

  it.each([
    '',
    'now',
    '2024-05-06',
    '2024-05-06 07:08:09Z',
    '2024-05-06T07:08:09',
    '2024-05-06T07:08:09z',
    '2024-05-06T07:08Z',
    '2024-05-06T07:08:09+08:00',
    '2024-05-06T07:08:09.Z',
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-10T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T23:60:00Z',
    '2024-01-01T23:59:60Z',
    '2024-05-06T07:08:09Z\n',
    '２024-05-06T07:08:09Z',
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it('reads what utcText writes', () => {
    fc.assert(
      fc.property(time, (ms) => {
        expect(parseTimestamp(utcText(ms))).toBe(ms);
      }),
    );
  });
});
