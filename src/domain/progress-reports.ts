import { findJobsHeard, type JobRow } from '../store/queries/jobs.ts';
import { lockActiveTasks, type TaskRow } from '../store/queries/tasks.ts';
import type { DeviceMessage } from '../wire/device-messages.ts';
import { type EventMessage, taskProgressEvent } from '../wire/event-messages.ts';
import { isBeingCanceled } from './cancellation.ts';
import type { Deps } from './deps.ts';
import type { Report } from './device-services.ts';
import { runsTasks } from './job-state.ts';
import { failOrRetry, type Reason, timeoutAt, waitsForRetry } from './retry.ts';
import { type Changed, change, clip, eventTask, writeTasks } from './task-changes.ts';

type Progress = Extract<DeviceMessage, { kind: 'progress' }>;

/** What a step below 0 means, with the text for a device that does not explain it (device-protocol 3.5). */
const failures: Readonly<Record<number, Reason>> = {
  [-1]: { cause: 'UPDATE', text: 'update failed' },
  [-2]: { cause: 'DOWNLOAD', text: 'download failed' },
  [-3]: { cause: 'VERIFICATION', text: 'verification failed' },
  [-4]: { cause: 'FLASHING', text: 'flashing failed' },
};

/** Records how far devices are with their updates, one report of each device, in one transaction. */
export async function recordProgress(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  reports: readonly Report<Progress>[],
): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    const tasks = await lockActiveTasks(
      tx,
      reports.map(({ device }) => device.deviceId),
    );
    const byDevice = Map.groupBy(tasks, (task) => task.device_id);
    const meant = reports.flatMap(({ device, message }) => {
      const task = byDevice.get(device.deviceId)?.find((candidate) => candidate.active_module === message.module);
      return task ? [{ task, message }] : [];
    });
    const jobs = await findJobsHeard(
      tx.db,
      meant.map(({ task }) => task.job_id),
      'ota.task.progress',
    );
    const now = deps.clock.now();
    const changes: Changed[] = [];
    const said: EventMessage[] = [];
    for (const { task, message } of meant) {
      const { job, heard } = jobs.get(task.job_id) ?? {};
      const changed = job && reported(task, job, message, now);
      if (!changed) continue;
      changes.push(changed);
      if (heard) said.push(taskProgressEvent(eventTask(task, job), message.step, clip(message.description), now));
    }
    await writeTasks(tx, deps, changes, new Map([...jobs].map(([id, { job }]) => [id, job])), said);
  });
}

function reported(
  task: TaskRow,
  job: JobRow,
  { step, description }: Pick<Progress, 'step' | 'description'>,
  now: number,
): Changed | undefined {
  if (!runsTasks(job) || isBeingCanceled(job, task)) return undefined;
  if (step >= 0) return progressed(task, job, step, description, now);
  if (waitsForRetry(task)) return undefined;
  const { cause, text } = failures[step] ?? { cause: 'OTHER', text: '' };
  return failOrRetry(task, job, { cause, text: description || text }, now);
}

function progressed(task: TaskRow, job: JobRow, step: number, description: string, now: number): Changed | undefined {
  const firstProgressAt = task.first_progress_at ?? now;
  return change(task, 'progressed', now, {
    progress: step,
    description: clip(description),
    first_progress_at: firstProgressAt,
    // a report that an attempt goes on calls off a waiting retry
    retry_at: null,
    due_at: timeoutAt({ ...task, first_progress_at: firstProgressAt }, job),
  });
}
