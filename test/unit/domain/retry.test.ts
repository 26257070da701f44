import { describe, expect, it } from 'vitest';
import { failOrRetry, timeoutAt } from '../../../src/domain/retry.ts';
import { taskRow } from '../../integration/store/rows.ts';
import { jobRow } from '../../support/job-row.ts';

const MINUTE = 60_000;
const now = Date.UTC(2030, 0, 1);
const policy = { retry_interval: 10, retry_count: 2 };

const why = (text: string) => ({ cause: 'UPDATE', text }) as const;

describe('a failed attempt', () => {
  it('is the end of the task when the job does not retry', () => {
    const changed = failOrRetry(taskRow(1, { status: 'NOTIFIED' }), jobRow(), why('why'), now);
    expect(changed).toMatchObject({ was: { status: 'NOTIFIED' } });
    expect(changed?.task).toMatchObject({
      status: 'FAILED',
      description: 'why',
      active_module: null,
      retry_at: null,
      due_at: null,
      modified_at: now,
    });
  });

  it.each(['NOTIFIED', 'IN_PROGRESS'] as const)('leaves the state shown at %s while a retry waits', (status) => {
    const changed = failOrRetry(taskRow(1, { status }), jobRow(policy), why('why'), now);
    expect(changed?.task).toMatchObject({
      status,
      description: 'why',
      active_module: 'default',
      retries: 1,
      retry_at: now + 10 * MINUTE,
      due_at: now + 10 * MINUTE,
    });
  });

  it('is repeated as often as the policy says and then ends the task', () => {
    let task = taskRow(1, { status: 'IN_PROGRESS' });
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      task = { ...task, ...failOrRetry(task, jobRow(policy), why('why'), now)?.task };
      expect(task).toMatchObject({ status: 'IN_PROGRESS', retries: attempt });
    }
    expect(failOrRetry(task, jobRow(policy), why('at last'), now)?.task).toMatchObject({
      status: 'FAILED',
      description: 'at last',
    });
  });

  it('is repeated at once with an interval of 0', () => {
    const changed = failOrRetry(
      taskRow(1, { status: 'NOTIFIED' }),
      jobRow({ retry_interval: 0, retry_count: 1 }),
      why(''),
      now,
    );
    expect(changed?.task).toMatchObject({ retry_at: now, due_at: now });
  });

  it('does not put the timeout off', () => {
    const task = taskRow(1, { status: 'IN_PROGRESS', first_progress_at: now - 55 * MINUTE });
    const changed = failOrRetry(task, jobRow({ ...policy, timeout_minutes: 60 }), why(''), now);
    expect(changed?.task).toMatchObject({ retry_at: now + 10 * MINUTE, due_at: now + 5 * MINUTE });
  });

  it.each(['CONFIRM', 'QUEUED', 'SUCCEEDED', 'FAILED', 'CANCELED'] as const)(
    'means nothing to a task that is %s',
    (status) => {
      expect(failOrRetry(taskRow(1, { status }), jobRow(policy), why('why'), now)).toBeUndefined();
      expect(failOrRetry(taskRow(1, { status }), jobRow(), why('why'), now)).toBeUndefined();
    },
  );

  it('keeps no more of a reason than fits, and nothing that a database cannot hold', () => {
    const reason = `\0${'灯'.repeat(600)}`;
    const description =
      failOrRetry(taskRow(1, { status: 'NOTIFIED' }), jobRow(), why(reason), now)?.task.description ?? '';
    expect(description).toBe(`\ufffd${'灯'.repeat(511)}`);
  });
});

describe('the timeout', () => {
  it('counts from the first progress report', () => {
    expect(timeoutAt({ seq: 0, first_progress_at: now }, jobRow({ timeout_minutes: 30 }))).toBe(now + 30 * MINUTE);
  });

  it('never comes without a limit, or before any progress', () => {
    expect(timeoutAt({ seq: 0, first_progress_at: now }, jobRow())).toBeNull();
    expect(timeoutAt({ seq: 0, first_progress_at: null }, jobRow({ timeout_minutes: 30 }))).toBeNull();
  });

  it('is the one that the job had when the task was made', () => {
    const earlier = [
      { before: 10, minutes: null },
      { before: 20, minutes: 60 },
    ];
    const job = jobRow({ timeout_minutes: 30, earlier_timeouts: JSON.stringify(earlier) });
    const at = (seq: number) => timeoutAt({ seq, first_progress_at: now }, job);
    expect([0, 9, 10, 19, 20, 999].map(at)).toEqual(
      [null, null, 60, 60, 30, 30].map((minutes) => minutes && now + minutes * MINUTE),
    );
  });
});
