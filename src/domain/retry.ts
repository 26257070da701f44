import type { FailureCause } from '../contract/failure-causes.ts';
import type { JobRow } from '../store/queries/jobs.ts';
import type { TaskRow } from '../store/queries/tasks.ts';
import { timeoutOf } from './job-state.ts';
import { type Changed, change, clip, retried } from './task-changes.ts';

const MINUTE = 60_000;

/** Why an attempt failed, as a kind and in words. */
export interface Reason {
  readonly cause: FailureCause;
  readonly text: string;
}

/**
 * A failed attempt: repeated when the job has a retry policy with attempts left, else the end of the task.
 * While a retry is waiting the state shown does not change (device-protocol 5.4).
 */
export function failOrRetry(task: TaskRow, job: JobRow, { cause, text }: Reason, now: number): Changed | undefined {
  const description = clip(text);
  const failed = change(task, 'failed', now, { description, cause });
  if (!failed) return undefined;
  const { retry_interval: interval, retry_count: most } = job;
  if (interval === null || most === null || task.retries >= most) return failed;
  const retryAt = now + interval * MINUTE;
  const next = {
    description,
    retries: task.retries + 1,
    modified_at: now,
    retry_at: retryAt,
    due_at: Math.min(retryAt, timeoutAt(task, job) ?? retryAt),
  };
  // of an attempt that was just handed out the progress is that of the one before
  const progress = task.first_progress_at === null || task.retry_at === HANDED_OUT ? null : task.progress;
  return retried(task, next, { at: now, cause, description, progress, src_version: task.src_version });
}

/** In `retry_at`: the next attempt was handed out, and the device has not said anything of it. */
export const HANDED_OUT = 0;

/** Is the last attempt known to have failed, and the next one not handed out yet? */
export const waitsForRetry = (task: Pick<TaskRow, 'retry_at'>): boolean =>
  task.retry_at !== null && task.retry_at !== HANDED_OUT;

/** When a task times out: counted from its first progress report, never restarted (device-protocol 5.3). */
export function timeoutAt(
  task: Pick<TaskRow, 'seq' | 'first_progress_at'>,
  job: Pick<JobRow, 'timeout_minutes' | 'earlier_timeouts'>,
): number | null {
  const minutes = timeoutOf(job, task.seq);
  return task.first_progress_at === null || minutes === null ? null : task.first_progress_at + minutes * MINUTE;
}
