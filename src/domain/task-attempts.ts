import { findJob } from '../store/queries/jobs.ts';
import { taskAttempts } from '../store/queries/task-attempts.ts';
import { findTask, type TaskRow } from '../store/queries/tasks.ts';
import { isBeingCanceled } from './cancellation.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { runsTasks } from './job-state.ts';
import { timeoutAt, waitsForRetry } from './retry.ts';
import { type FailedAttempt, lastAttempt } from './task-changes.ts';
import { parseTaskId } from './task-id.ts';

export interface TaskAttempt extends FailedAttempt {
  /** Which of the task's failed attempts it was, from 1. */
  readonly number: number;
}

/** What was tried for a task and failed, the newest first, and how it stands. */
export interface TriedTask {
  readonly task: TaskRow;
  /** All that failed, also those that are not kept any more. */
  readonly failed: number;
  readonly attempts: readonly TaskAttempt[];
  /** When the next attempt is due by the job's retry policy; past while the device cannot be told. */
  readonly nextAt: number | undefined;
}

/** @throws ota.taskNotFound */
export async function triedTask({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<TriedTask> {
  const { jobId, seq } = parseTaskId(id) ?? fail('ota.taskNotFound');
  const db = engine.read;
  const [job, task, kept] = await Promise.all([
    findJob(db, scope.instanceId, jobId),
    findTask(db, jobId, seq),
    taskAttempts(db, jobId, seq),
  ]);
  if (!job || !task) fail('ota.taskNotFound');
  // it may have gone on between the look-ups
  const earlier = kept.filter(({ number }) => number <= task.attempts);
  const last = task.status === 'FAILED' ? [{ ...lastAttempt(task), number: task.attempts + 1 }] : [];
  return {
    task,
    failed: task.attempts + last.length,
    attempts: [...last, ...earlier],
    nextAt: runsTasks(job) && !isBeingCanceled(job, task) ? nextAttemptAt(task, timeoutAt(task, job)) : undefined,
  };
}

function nextAttemptAt(task: TaskRow, timeout: number | null): number | undefined {
  if (!waitsForRetry(task) || task.retry_at === null) return undefined;
  return timeout !== null && timeout <= task.retry_at ? undefined : task.retry_at;
}
