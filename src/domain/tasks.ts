import { findListedJob } from '../store/queries/jobs.ts';
import { countTasksInStatus, pageOfTasks, pageOfTasksInStatus, tasksOfDeviceNames } from '../store/queries/tasks.ts';
import type { TaskStatus } from '../store/schema.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import type { Page } from './paging.ts';
import { taskStatuses } from './task-state.ts';

/** A status filter as sent; absent and empty mean all. @throws firmware.invalidTaskStatus */
export function readStatus(text: string | undefined): TaskStatus | undefined {
  if (!text) return undefined;
  return taskStatuses.find((status) => status === text) ?? fail('firmware.invalidTaskStatus');
}

/**
 * A page of a job's tasks with the exact total; equally fast at any depth. What the page needs is asked for at once: that
 * the job is one of this instance shows beside it.
 * @throws ota.jobNotFound
 */
export async function listTasks(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  jobId: string,
  page: Page,
  status: TaskStatus | undefined,
) {
  const db = engine.read;
  const [job, rows, total] = await Promise.all([
    findListedJob(db, scope.instanceId, jobId),
    status === undefined
      ? pageOfTasks(db, jobId, page.offset, page.size)
      : pageOfTasksInStatus(db, jobId, status, page.offset, page.size),
    status === undefined ? undefined : countTasksInStatus(db, jobId, status),
  ]);
  if (!job) fail('ota.jobNotFound');
  return { job, rows, total: total ?? job.task_total };
}

/** A job's tasks of named devices. @throws ota.jobNotFound, device.noNames, device.tooManyNames */
export async function listTasksOfDevices(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  jobId: string,
  names: readonly string[],
  most: number,
  status: TaskStatus | undefined,
) {
  if (names.length === 0) fail('device.noNames');
  if (names.length > most) fail('device.tooManyNames');
  const job = (await findListedJob(engine.read, scope.instanceId, jobId)) ?? fail('ota.jobNotFound');
  const rows = await tasksOfDeviceNames(engine.read, jobId, names, status);
  return { job, rows, total: rows.length };
}
