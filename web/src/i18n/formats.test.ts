import { describe, expect, it } from 'vitest';
import { createFormats } from './formats.ts';

const en = createFormats('en');
const zh = createFormats('zh');

describe('formats', () => {
  it('writes sizes in decimal units', () => {
    expect([0, 999, 1_000, 999_960, 1_500_000, 2e9].map(en.bytes)).toEqual([
      '0 B',
      '999 B',
      '1 kB',
      '1 MB',
      '1.5 MB',
      '2 GB',
    ]);
  });

  it('writes durations with the two greatest units that follow each other', () => {
    expect([0.4, 59, 60, 3_725, 90_061].map(en.duration)).toEqual(['0 s', '59 s', '1 min', '1 h 2 min', '1 d 1 h']);
    expect(en.duration(86_400)).toBe('1 d');
    expect(zh.duration(3_725)).toBe('1 小时 2 分钟');
  });

  it('writes marks of an axis: the time, and the date where a day begins', () => {
    const at = (text: string) => Date.parse(text);
    expect(en.tick(at('2026-11-26T14:30'), 1_800)).toMatch(/^2:30\sPM$/);
    expect(zh.tick(at('2026-11-26T14:30'), 1_800)).toBe('14:30');
    expect(en.tick(at('2026-11-26T00:00'), 1_800)).toBe('Nov 26');
    expect(zh.tick(at('2026-11-26T12:00'), 86_400)).toBe('11月26日');
  });

  it('writes numbers and shares', () => {
    expect(en.number(1_234_567)).toBe('1,234,567');
    expect(en.percent(0.1234)).toBe('12.3%');
    expect([0, 0.0001, 0.9999, 1].map(en.percent)).toEqual(['0%', '0.1%', '99.9%', '100%']);
  });
});
