import type { Tx } from '../store/engine.ts';
import { connectedAmong, findJobs, type JobRow, lockJob } from '../store/queries/jobs.ts';
import { lockTasks, type TaskRow } from '../store/queries/tasks.ts';
import { isBeingCanceled } from './cancellation.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { runsTasks } from './job-state.ts';
import { type Changed, change, writeTasks } from './task-changes.ts';
import { parseTaskId } from './task-id.ts';

/** TaskId.N of one call (openapi-ota 7). */
export const MOST_TASKS = 10;

/**
 * Releases tasks that wait in CONFIRM: all of those named, or none (openapi-ota 10.10 leaves that open).
 * @throws ota.tooManyTasks, ota.taskNotFound when one is unknown, ota.invalidTaskInList when one is not in CONFIRM,
 * system.illegalRequest outside the schedule of its job
 */
export async function confirmTasks(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  scope: Scope,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > MOST_TASKS) fail('ota.tooManyTasks');
  const named = new Map<string, Set<number>>();
  for (const id of ids) {
    const { jobId, seq } = parseTaskId(id) ?? fail('ota.taskNotFound');
    named.set(jobId, (named.get(jobId) ?? new Set()).add(seq));
  }
  await deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    const jobs = await lockJobs(tx, scope, [...named.keys()].sort());
    const confirmed: Changed[] = [];
    for (const job of jobs) {
      const seqs = named.get(job.id) ?? new Set();
      const tasks = await lockTasks(tx, job.id, [...seqs]);
      if (tasks.length < seqs.size) fail('ota.taskNotFound');
      confirmed.push(...tasks.map((task) => confirm(job, task, now)));
    }
    await writeTasks(tx, deps, confirmed);
    const pushed = new Set(jobs.filter((job) => job.need_push && runsTasks(job)).map((job) => job.id));
    const deviceIds = confirmed.flatMap(({ task }) => (pushed.has(task.job_id) ? [task.device_id] : []));
    const connected = await connectedAmong(tx.db, deviceIds);
    if (connected.length > 0) tx.nudge({ kind: 'push', deviceIds: connected });
  });
}

/** All jobs before all tasks, as everybody takes these locks. @throws ota.taskNotFound */
async function lockJobs(tx: Tx, scope: Scope, ids: readonly string[]): Promise<JobRow[]> {
  const seen = await findJobs(tx.db, ids);
  const jobs: JobRow[] = [];
  for (const id of ids) {
    if (seen.get(id)?.instance_id !== scope.instanceId) fail('ota.taskNotFound');
    jobs.push((await lockJob(tx, id)) ?? fail('ota.taskNotFound'));
  }
  return jobs;
}

function confirm(job: JobRow, task: TaskRow, now: number): Changed {
  const changed = isBeingCanceled(job, task) ? undefined : change(task, 'confirmed', now);
  if (!changed) fail('ota.invalidTaskInList');
  // within the schedule only (openapi-ota 6.8)
  const isOver = job.schedule_finish_at !== null && now >= job.schedule_finish_at;
  if (job.status === 'PLANNED' || isOver) fail('system.illegalRequest');
  // a cancellation of queued tasks is still on its way through the job and would take this one along
  if (isBeingCanceled(job, changed.task)) fail('system.illegalRequest');
  return changed;
}
