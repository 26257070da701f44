import { describe, expect, it } from 'vitest';
import { addSample, bestPace, isHeldByRate, paceNoted, paceOf, type Sample } from './pace.ts';

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

  it('may be held by the push rate until all could have been told', () => {
    expect(isHeldByRate(25, 10, 119_000)).toBe(true);
    expect(isHeldByRate(25, 10, 120_000)).toBe(false);
    expect(isHeldByRate(25, undefined, 0)).toBe(false);
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

describe('the pace that the server noted', () => {
  const minute = 60_000;
  const point = (at: number, ended: Partial<Record<'Succeeded' | 'Failed' | 'Canceled', number>> = {}) => ({
    UtcTime: new Date(at).toISOString(),
    Notified: 0,
    Succeeded: 0,
    Failed: 0,
    Canceled: 0,
    ...ended,
  });
  const points = [
    point(0, { Succeeded: 999 }),
    point(5 * minute, { Succeeded: 50, Failed: 8 }),
    point(10 * minute, { Canceled: 2 }),
  ];

  it('is what ended since the point before the present one, or since the job began', () => {
    expect(paceNoted({ points, at: 11 * minute, startedAt: 0 }, 100)).toEqual({ perMinute: 10, left: 10 * minute });
    expect(paceNoted({ points, at: 11 * minute, startedAt: 9 * minute }, 60)).toEqual({
      perMinute: 30,
      left: 2 * minute,
    });
    expect(paceNoted({ points, at: 11 * minute, startedAt: 11 * minute - 3_000 }, 60)).toBeUndefined();
    expect(paceNoted({ points: [], at: 11 * minute, startedAt: 0 }, 60)).toBeUndefined();
  });

  it('counts until enough was seen, if anything was noted', () => {
    const noted = { points, at: 11 * minute, startedAt: 0 };
    const seen = (ms: number) => [
      { at: 0, ended: 0 },
      { at: ms, ended: ms / 100 },
    ];
    expect(bestPace([], noted, 100)?.perMinute).toBe(10);
    expect(bestPace(seen(20_000), noted, 100)?.perMinute).toBe(10);
    expect(bestPace(seen(60_000), noted, 100)?.perMinute).toBe(600);
    expect(bestPace(seen(20_000), { ...noted, points: [point(10 * minute)] }, 100)?.perMinute).toBe(600);
    expect(bestPace(seen(20_000), undefined, 100)?.perMinute).toBe(600);
  });
});
