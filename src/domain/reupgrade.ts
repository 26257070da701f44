import type { Tx } from '../store/engine.ts';
import { lockFirmware } from '../store/queries/firmware.ts';
import {
  connectedAmong,
  findJob,
  findJobs,
  type JobRow,
  lockCandidates,
  lockJob,
  updateJob,
} from '../store/queries/jobs.ts';
import { lockActiveTasks, lockTasks, setSourceVersion, type TaskRow } from '../store/queries/tasks.ts';
import { canceledWithJob, isBeingCanceled } from './cancellation.ts';
import { MOST_TASKS } from './confirm.ts';
import type { Deps, Scope } from './deps.ts';
import { type EventDeps, emitJobStatus } from './events.ts';
import { fail } from './failure.ts';
import { packageStatus } from './firmware.ts';
import { accepts } from './rollout/plan.ts';
import { type Changed, change, writeTasks } from './task-changes.ts';
import { parseTaskId } from './task-id.ts';

/**
 * Runs tasks of a job again that failed or were canceled: each starts anew. Devices that are busy with another task, or
 * for which the package is nothing any more, are left out; the call is refused when that leaves none.
 * @throws ota.tooManyTasks, ota.jobNotFound, ota.firmwareGone, ota.firmwareNotVerified, ota.jobCanceled,
 * ota.taskNotFound, ota.taskOfOtherJob, ota.invalidTaskInList, ota.noFailedTask, ota.deviceGone, ota.noDeviceToUpgrade,
 * system.illegalRequest for a verification, and while a cancellation is on its way through the job
 */
export async function reupgradeTasks(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  scope: Scope,
  jobId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > MOST_TASKS) fail('ota.tooManyTasks');
  await deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    const job = await lockRepeatableJob(tx, scope, jobId, now);
    const tasks = await lockNamedTasks(tx, scope, job, ids);
    checkFinished(tasks);
    const { repeated, freed } = await repeatable(tx, job, tasks, now);
    if (repeated.length === 0) fail('ota.noDeviceToUpgrade');
    // first, because a device has one active task at every instant
    await writeTasks(tx, deps, freed);
    await writeTasks(
      tx,
      deps,
      repeated.map(({ changed }) => changed),
    );
    for (const { changed, version } of repeated) {
      await setSourceVersion(tx.db, changed.task.job_id, changed.task.seq, version);
    }
    const status = await reopen(tx, deps, job, now);
    if (status !== 'IN_PROGRESS' || job.need_confirm || !job.need_push) return;
    const connected = await connectedAmong(
      tx.db,
      repeated.map(({ deviceId }) => deviceId),
    );
    if (connected.length > 0) tx.nudge({ kind: 'push', deviceIds: connected });
  });
}

async function lockRepeatableJob(tx: Tx, scope: Scope, jobId: string, now: number): Promise<JobRow> {
  const seen = (await findJob(tx.db, scope.instanceId, jobId)) ?? fail('ota.jobNotFound');
  // static and dynamic jobs only (openapi-ota 4.21): the verdict on the package has been given
  if (seen.type === 'VERIFY_FIRMWARE') fail('system.illegalRequest');
  // held, so that it is not deleted before the job is seen to run again
  const firmware = (await lockFirmware(tx, scope.instanceId, seen.firmware_id)) ?? fail('ota.firmwareGone');
  if (firmware.status !== packageStatus.verified && firmware.status !== packageStatus.exempt) {
    fail('ota.firmwareNotVerified');
  }
  const job = (await lockJob(tx, jobId)) ?? fail('ota.jobNotFound');
  // a static job is CANCELED by what became of its tasks, a dynamic one by decision (openapi-ota 5.2)
  if (job.selection === 'DYNAMIC' && job.status === 'CANCELED') fail('ota.jobCanceled');
  if (job.schedule_finish_at !== null && now >= job.schedule_finish_at) fail('ota.jobCanceled');
  return job;
}

async function lockNamedTasks(tx: Tx, scope: Scope, job: JobRow, ids: readonly string[]): Promise<TaskRow[]> {
  const named = ids.map((id) => parseTaskId(id));
  const others = named.flatMap((task) => (task && task.jobId !== job.id ? [task] : []));
  const otherJobs = await findJobs(
    tx.db,
    others.map((task) => task.jobId),
  );
  for (const { jobId, seq } of others) {
    const other = otherJobs.get(jobId);
    if (other?.instance_id === scope.instanceId && seq < other.task_total) fail('ota.taskOfOtherJob');
  }
  const seqs = new Set(named.flatMap((task) => (task?.jobId === job.id ? [task.seq] : [])));
  const tasks = await lockTasks(tx, job.id, [...seqs]);
  if (tasks.length === 0) fail('ota.taskNotFound');
  if (tasks.length < new Set(ids).size) fail('ota.invalidTaskInList');
  return tasks;
}

function checkFinished(tasks: readonly TaskRow[]): void {
  const wrong = tasks.filter((task) => task.status !== 'FAILED' && task.status !== 'CANCELED');
  if (wrong.length === tasks.length) fail('ota.noFailedTask');
  if (wrong.length > 0) fail('ota.invalidTaskInList');
}

interface Repeated {
  readonly changed: Changed;
  readonly deviceId: string;
  /** What the device runs now: the new attempt starts from there. */
  readonly version: string;
}

/** The tasks that can run again, and those of other jobs that stood in their way and are canceled already. */
async function repeatable(
  tx: Tx,
  job: JobRow,
  tasks: readonly TaskRow[],
  now: number,
): Promise<{ readonly repeated: Repeated[]; readonly freed: Changed[] }> {
  const deviceIds = tasks.map((task) => task.device_id);
  const versions = await lockCandidates(tx, [...new Set(deviceIds)], job.module);
  if (deviceIds.some((id) => !versions.has(id))) fail('ota.deviceGone');
  const active = await lockActiveTasks(tx, [...new Set(deviceIds)]);
  const jobs = await findJobs(
    tx.db,
    active.map((task) => task.job_id),
  );
  const isGone = (task: TaskRow) => isBeingCanceled(jobs.get(task.job_id) as JobRow, task);
  const busy = new Set(
    active
      .filter((task) => !isGone(task))
      // one task for a device, or for a module between jobs that allow several (openapi-ota 6.3, 6.4)
      .filter((task) => task.active_module === job.module || !job.multi_module || !jobs.get(task.job_id)?.multi_module)
      .map((task) => task.device_id),
  );
  const repeated: Repeated[] = [];
  for (const task of tasks) {
    const version = versions.get(task.device_id) ?? null;
    // which versions were chosen at first does not matter any more: the device is named
    if (busy.has(task.device_id) || !accepts({ ...job, src_versions: '[]' }, version)) continue;
    const changed = repeat(job, task, now);
    // a cancellation is still on its way through the job and would take this task along
    if (isBeingCanceled(job, changed.task)) fail('system.illegalRequest');
    // a dynamic job may have several tasks of a device
    busy.add(task.device_id);
    repeated.push({ changed, deviceId: task.device_id, version: version ?? '' });
  }
  const devices = new Set(repeated.map(({ deviceId }) => deviceId));
  const freed = active.filter((task) => isGone(task) && devices.has(task.device_id));
  return {
    repeated,
    freed: freed.flatMap((task) => canceledWithJob(jobs.get(task.job_id) as JobRow, task, now) ?? []),
  };
}

/** The task as if it had just been made. */
function repeat(job: JobRow, task: TaskRow, now: number): Changed {
  const event = job.need_confirm ? 'repeatedUnconfirmed' : 'repeated';
  const changed = change(task, event, now, {
    description: '',
    progress: 0,
    active_module: job.module,
    retries: 0,
    first_progress_at: null,
    retry_at: null,
    due_at: null,
  });
  return changed ?? fail('ota.invalidTaskInList');
}

/** A job that had ended runs again, or waits for its time again. @returns its state */
async function reopen(tx: Tx, deps: EventDeps, job: JobRow, now: number): Promise<JobRow['status']> {
  tx.nudge({ kind: 'job', jobId: job.id });
  if (isUnfinishedJob(job)) return job.status;
  const isEarly = job.schedule_at !== null && now < job.schedule_at;
  const status = isEarly ? 'PLANNED' : 'IN_PROGRESS';
  await updateJob(tx, job.id, {
    status,
    started_at: isEarly ? null : (job.started_at ?? now),
    ended_at: null,
    modified_at: now,
    due_at: now,
  });
  await emitJobStatus(tx, deps, job, status);
  return status;
}

const isUnfinishedJob = ({ status }: JobRow) => status === 'PLANNED' || status === 'IN_PROGRESS';
