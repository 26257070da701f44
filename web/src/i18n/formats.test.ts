import { describe, expect, it } from 'vitest';
import { createFormats } from './formats.ts';

const en = createFormats('en');
const zh = createFormats('zh');

describe('formats', () => {
  it('writes sizes in decimal units', () => {
    expect([0, 999, 1_000, 1_500_000, 2_000_000_000].map(en.bytes)).toEqual(['0 B', '999 B', '1 kB', '1.5 MB', '2 GB']);
  });

  it('writes durations with the two greatest units that follow each other', () => {
    expect([0.4, 59, 60, 3_725, 90_061].map(en.duration)).toEqual(['0 s', '59 s', '1 min', '1 h 2 min', '1 d 1 h']);
    expect(en.duration(86_400)).toBe('1 d');
    expect(zh.duration(3_725)).toBe('1 小时 2 分钟');
  });

  it('writes how long ago something was', () => {
    const now = 1_700_000_000_000;
    expect(en.relative(now - 180_000, now)).toBe('3 minutes ago');
    expect(en.relative(now + 7_200_000, now)).toBe('in 2 hours');
    expect(zh.relative(now - 30_000, now)).toBe('30秒钟前');
  });

  it('writes numbers and shares', () => {
    expect(en.number(1_234_567)).toBe('1,234,567');
    expect(en.percent(0.1234)).toBe('12.3%');
  });
});
