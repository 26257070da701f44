import { describe, expect, it } from 'vitest';
import { addSample, paceOf, type Sample } from './pace.ts';

const follow = (...samples: Sample[]) => samples.reduce<readonly Sample[]>((sum, next) => addSample(sum, next), []);

describe('the pace of a job', () => {
  it('is what ended between the first and the last answer', () => {
    const samples = follow({ at: 0, ended: 10 }, { at: 10_000, ended: 12 }, { at: 20_000, ended: 30 });
    expect(paceOf(samples, 90)).toEqual({ perMinute: 60, left: 90_000 });
  });

  it('is not known before some seconds have passed, and has no end while nothing ends', () => {
    expect(paceOf([], 5)).toBeUndefined();
    expect(paceOf(follow({ at: 0, ended: 1 }, { at: 3_000, ended: 9 }), 5)).toBeUndefined();
    expect(paceOf(follow({ at: 0, ended: 1 }, { at: 30_000, ended: 1 }), 5)).toEqual({ perMinute: 0, left: undefined });
  });

  it('forgets what is more than three minutes ago', () => {
    const samples = follow({ at: 0, ended: 0 }, { at: 100_000, ended: 100 }, { at: 200_000, ended: 100 });
    expect(samples).toHaveLength(2);
    expect(paceOf(samples, 1)?.perMinute).toBe(0);
  });

  it('begins anew when tasks that were over run again', () => {
    expect(follow({ at: 0, ended: 50 }, { at: 9_000, ended: 40 })).toEqual([{ at: 9_000, ended: 40 }]);
  });
});
