import { findJobs, type JobRow } from '../store/queries/jobs.ts';
import { lockDueTasks, type TaskRow } from '../store/queries/tasks.ts';
import { canceledWithJob } from './cancellation.ts';
import type { Deps } from './deps.ts';
import { timeoutAt } from './retry.ts';
import { amend, type Changed, change, writeTasks } from './task-changes.ts';
import { isUnfinished } from './task-state.ts';

/**
 * Does what has come due for tasks: timeouts end, retries are called.
 * @returns how many tasks were looked at; as many as `limit` means that there may be more
 */
export async function settleDueTasks(deps: Pick<Deps, 'engine' | 'clock' | 'ids'>, limit: number): Promise<number> {
  return deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    const tasks = await lockDueTasks(tx, now, limit);
    const jobs = await findJobs(
      tx.db,
      tasks.map((task) => task.job_id),
    );
    const called: string[] = [];
    const changes = tasks.flatMap((task) => {
      const job = jobs.get(task.job_id);
      if (!job) return [];
      const changed = settle(task, job, now);
      if (isUnfinished(changed.task.status)) called.push(task.device_id);
      return [changed];
    });
    await writeTasks(tx, deps, changes, jobs);
    if (called.length > 0) tx.nudge({ kind: 'push', deviceIds: called });
    return tasks.length;
  });
}

function settle(task: TaskRow, job: JobRow, now: number): Changed {
  const gone = canceledWithJob(job, task, now);
  if (gone) return gone;
  const timeout = timeoutAt(task, job);
  const timedOut =
    timeout !== null && timeout <= now
      ? change(task, 'timedOut', now, { description: 'timeout', cause: 'TIMEOUT' })
      : undefined;
  if (timedOut) return timedOut;
  // the device is called again; a claim finds it by retry_at having passed, and forgets that
  return amend(task, { due_at: timeout });
}
