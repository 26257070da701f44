import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, JOB_CHECK_MS, plan } from '../../../src/domain/rollout/plan.ts';
import { isUnfinished, taskStatuses } from '../../../src/domain/task-state.ts';
import type { TaskStatus } from '../../../src/store/schema.ts';
import { jobRow } from '../../support/job-row.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = Date.UTC(2030, 0, 1);
const counts = (of: Partial<Record<TaskStatus, number>>) => new Map(Object.entries(of)) as Map<TaskStatus, number>;

describe('a job that still has devices to look at', () => {
  it('makes tasks before anything else, at once and again', () => {
    const job = jobRow({ cursor: '', schedule_at: now - HOUR, schedule_finish_at: now - 1, status: 'PLANNED' });
    expect(plan(job, counts({ QUEUED: 5 }), now)).toEqual({
      materialise: true,
      start: false,
      finish: false,
      dueAt: now,
    });
  });
});

describe('a dynamic job', () => {
  const dynamic = (changes: Parameters<typeof jobRow>[0]) =>
    jobRow({ selection: 'DYNAMIC', task_total: 3, ...changes });
  const idle = { materialise: false, start: false, finish: false };

  it('never ends by itself, and waits for reports or for its next look at all devices', () => {
    for (const of of [{}, { SUCCEEDED: 3 }, { CANCELED: 3 }]) {
      expect(plan(dynamic({}), counts(of), now)).toEqual({ ...idle, dueAt: null });
      expect(plan(dynamic({ sweep_at: now + 1 }), counts(of), now)).toEqual({ ...idle, dueAt: now + 1 });
    }
  });

  it('begins that look when it is due', () => {
    expect(plan(dynamic({ sweep_at: now }), counts({}), now)).toEqual({ ...idle, sweep: true, dueAt: now });
    const canceled = dynamic({ sweep_at: now, status: 'CANCELED' });
    expect(plan(canceled, counts({ QUEUED: 3 }), now)).toEqual({ ...idle, dueAt: null });
  });
});

describe('a static job', () => {
  it('goes on while a task is unfinished, and is looked at again within the check interval', () => {
    for (const status of taskStatuses.filter(isUnfinished)) {
      const next = plan(jobRow({ task_total: 3 }), counts({ SUCCEEDED: 2, [status]: 1 }), now);
      expect(next).toEqual({ materialise: false, start: false, finish: false, dueAt: now + JOB_CHECK_MS });
    }
  });

  it('is COMPLETED when every task has ended, failures among them', () => {
    const next = plan(jobRow({ task_total: 3 }), counts({ SUCCEEDED: 1, FAILED: 1, CANCELED: 1 }), now);
    expect(next).toMatchObject({ ended: 'COMPLETED', dueAt: null });
  });

  it('is CANCELED when every task was canceled', () => {
    expect(plan(jobRow({ task_total: 3 }), counts({ CANCELED: 3 }), now)).toMatchObject({
      ended: 'CANCELED',
      dueAt: null,
    });
  });

  it('is COMPLETED at once when no device needed the package', () => {
    expect(plan(jobRow({ task_total: 0 }), counts({}), now)).toMatchObject({ ended: 'COMPLETED', dueAt: null });
  });

  it('asks for nothing more once it has ended', () => {
    for (const status of ['COMPLETED', 'CANCELED'] as const) {
      const job = jobRow({ status, cursor: 'dev', schedule_at: now, schedule_finish_at: now });
      expect(plan(job, counts({ QUEUED: 1 }), now)).toEqual({
        materialise: false,
        start: false,
        finish: false,
        dueAt: null,
      });
    }
  });
});

describe('a scheduled job', () => {
  const planned = (changes = {}) =>
    jobRow({ status: 'PLANNED', task_total: 2, schedule_at: now + HOUR, started_at: null, ...changes });
  const queued = counts({ QUEUED: 2 });

  it('waits for its time, to the millisecond', () => {
    expect(plan(planned(), queued, now)).toMatchObject({ start: false, dueAt: now + JOB_CHECK_MS });
    expect(plan(planned(), queued, now + HOUR - 10)).toMatchObject({ start: false, dueAt: now + HOUR });
    expect(plan(planned(), queued, now + HOUR)).toMatchObject({ start: true });
  });

  it('starts late rather than never', () => {
    expect(plan(planned(), queued, now + 5 * HOUR)).toMatchObject({ start: true, finish: false });
  });

  it('does not end before its time although nothing is left to do', () => {
    const next = plan(planned(), counts({ SUCCEEDED: 1, CANCELED: 1 }), now);
    expect(next.ended).toBeUndefined();
    expect(next.start).toBe(false);
  });

  it('is CANCELED before its time when all its tasks were canceled', () => {
    expect(plan(planned(), counts({ CANCELED: 2 }), now)).toMatchObject({ ended: 'CANCELED', dueAt: null });
  });

  it('starts and ends in one step when nothing is left to do at its time', () => {
    expect(plan(planned(), counts({ SUCCEEDED: 2 }), now + HOUR)).toMatchObject({ start: true, ended: 'COMPLETED' });
  });

  it('is finished by force at its end, until nothing is unfinished', () => {
    const job = jobRow({ task_total: 3, schedule_at: now - HOUR, schedule_finish_at: now });
    expect(plan(job, counts({ SUCCEEDED: 1, NOTIFIED: 2 }), now - 1)).toMatchObject({ finish: false, dueAt: now });
    expect(plan(job, counts({ SUCCEEDED: 1, NOTIFIED: 2 }), now)).toMatchObject({ finish: true, dueAt: now });
    expect(plan(job, counts({ SUCCEEDED: 1, CANCELED: 2 }), now)).toMatchObject({ finish: false, ended: 'COMPLETED' });
    expect(plan(job, counts({ CANCELED: 3 }), now)).toMatchObject({ ended: 'CANCELED' });
  });

  it('finishes what nobody started: the server was down from before the start until after the end', () => {
    const job = planned({ schedule_at: now - 2 * HOUR, schedule_finish_at: now - HOUR });
    expect(plan(job, queued, now)).toMatchObject({ finish: true });
    expect(plan(job, counts({ CANCELED: 2 }), now)).toMatchObject({ ended: 'CANCELED', dueAt: null });
  });
});

describe('any job', () => {
  it('is looked at again unless it has ended, and never ends with a task unfinished', () => {
    const anyTime = fc.option(fc.integer({ min: now - 3 * HOUR, max: now + 3 * HOUR }), { nil: null });
    const anyCounts = fc.array(fc.tuple(fc.constantFrom(...taskStatuses), fc.nat(5)), { maxLength: 7 });
    const anyJob = fc.record({
      status: fc.constantFrom('PLANNED' as const, 'IN_PROGRESS' as const),
      cursor: fc.constantFrom(null, null, ''),
      schedule_at: anyTime,
      schedule_finish_at: anyTime,
    });
    fc.assert(
      fc.property(anyJob, anyCounts, (members, list) => {
        const of = new Map(list);
        const total = [...of.values()].reduce((sum, count) => sum + count, 0);
        const unfinished = [...of].some(([status, count]) => isUnfinished(status) && count > 0);
        const next = plan(jobRow({ ...members, task_total: total }), of, now);
        expect(next.dueAt === null).toBe(next.ended !== undefined);
        if (unfinished) expect(next.ended).toBeUndefined();
        if (next.dueAt !== null) expect(next.dueAt).toBeLessThanOrEqual(now + JOB_CHECK_MS);
      }),
    );
  });
});

describe('a device belongs into a job', () => {
  const full = { dest_version: '2.0.0', src_version: '', is_diff: 0, src_versions: '[]' } as const;
  const delta = { ...full, is_diff: 1, src_version: '1.0.0' } as const;

  it('whatever its version is, for a full package, but not at the target version', () => {
    expect(accepts(full, '1.0.0')).toBe(true);
    expect(accepts(full, '3.0.0')).toBe(true);
    expect(accepts(full, null)).toBe(true);
    expect(accepts(full, '2.0.0')).toBe(false);
  });

  it('only at the source version, for a differential package', () => {
    expect(accepts(delta, '1.0.0')).toBe(true);
    expect(accepts(delta, '1.0.1')).toBe(false);
    expect(accepts(delta, '2.0.0')).toBe(false);
    expect(accepts(delta, null)).toBe(false);
  });

  it('only at one of the versions named, which a device that never reported cannot be at', () => {
    const filtered = { ...full, src_versions: '["1.0.0","1.1.0"]' };
    expect(accepts(filtered, '1.1.0')).toBe(true);
    expect(accepts(filtered, '1.2.0')).toBe(false);
    expect(accepts(filtered, null)).toBe(false);
    expect(accepts({ ...filtered, src_versions: '["2.0.0"]' }, '2.0.0')).toBe(false);
  });
});
