import type { Tx } from '../store/engine.ts';
import { type JobRow, jobsOfDevices, lockJob, updateJob } from '../store/queries/jobs.ts';
import { lockActiveTasks, type TaskRow } from '../store/queries/tasks.ts';
import { isBeingCanceled } from './cancellation.ts';
import { runsTasks } from './job-state.ts';
import { logged, nextPlaceAt, placesLeft } from './push-rate.ts';
import { HANDED_OUT, timeoutAt, waitsForRetry } from './retry.ts';
import { amend, type Changed, change } from './task-changes.ts';

/** The jobs of the unfinished tasks of devices. */
export interface HeldJobs {
  readonly jobs: ReadonlyMap<string, JobRow>;
  /** Those whose rows this transaction holds: it may count pushes of these only. */
  readonly locked: ReadonlySet<string>;
}

/** Unfinished tasks with their jobs, locked for a hand-out. */
export interface Locked extends HeldJobs {
  readonly tasks: readonly TaskRow[];
}

/** Locks the unfinished tasks of devices, and before them the jobs that will count a push. */
export async function lockForHandout(tx: Tx, deviceIds: readonly string[]): Promise<Locked> {
  const held = await lockJobsOfDevices(tx, deviceIds);
  return { ...held, tasks: await lockTasksOfDevices(tx, deviceIds, held.jobs) };
}

/**
 * The jobs of the unfinished tasks of devices. Those that will count a push are locked, and those of `also`, in the
 * order of their ids: materialisation takes its locks in the same order (job, then devices, then tasks).
 */
export async function lockJobsOfDevices(
  tx: Tx,
  deviceIds: readonly string[],
  also: readonly string[] = [],
): Promise<HeldJobs> {
  const peeked = await jobsOfDevices(tx.db, deviceIds);
  const jobs = new Map(peeked.map(({ job }) => [job.id, job]));
  const counting = peeked.filter(({ job, queued }) => queued && pushes(job)).map(({ job }) => job.id);
  const locked = new Set<string>();
  for (const id of [...new Set([...counting, ...also])].sort()) {
    const job = await lockJob(tx, id);
    if (!job) continue;
    jobs.set(id, job);
    locked.add(id);
  }
  return { jobs, locked };
}

/** The jobs held and those of tasks that some devices have got since then; the latter are not locked. */
export async function withJobsSince(
  tx: Tx,
  deviceIds: readonly string[],
  held: ReadonlyMap<string, JobRow>,
): Promise<ReadonlyMap<string, JobRow>> {
  const since = await jobsOfDevices(tx.db, deviceIds);
  return new Map([...since.map(({ job }) => [job.id, job] as const), ...held]);
}

/** The unfinished tasks of devices, locked; one that appeared since its job was looked for belongs to the next look. */
export async function lockTasksOfDevices(
  tx: Tx,
  deviceIds: readonly string[],
  jobs: ReadonlyMap<string, JobRow>,
): Promise<TaskRow[]> {
  if (jobs.size === 0) return [];
  const tasks = await lockActiveTasks(tx, deviceIds);
  const isMeant = (task: TaskRow) => {
    const job = jobs.get(task.job_id);
    return job !== undefined && !isBeingCanceled(job, task);
  };
  return tasks.filter(isMeant);
}

/** A job that pushes nothing, or not yet, is not waited for; when it starts, it rings for its devices. */
const pushes = (job: JobRow) => runsTasks(job) && job.need_push === 1;

/** May the platform tell the device about this task now, unasked (device-protocol 3.10, openapi-ota 6.6)? */
export function isPushable(task: TaskRow, job: JobRow, now: number, scope: 'fresh' | 'all'): boolean {
  if (!runsTasks(job) || !job.need_push) return false;
  if (waitsForRetry(task)) return (task.retry_at ?? 0) <= now;
  // who waits already is not written down once more
  if (task.status === 'QUEUED') return task.waiting_at === null || placesLeft(job, now) > 0;
  return scope === 'all' && (task.status === 'NOTIFIED' || task.status === 'IN_PROGRESS');
}

/** May the device have this task's package when it asks? Waiting retries do not bar it; CONFIRM does (device-protocol 3.6). */
export function isPullable(task: TaskRow, job: JobRow): boolean {
  return runsTasks(job) && (task.status === 'QUEUED' || task.status === 'NOTIFIED' || task.status === 'IN_PROGRESS');
}

/** Was the device told about this package, and does it still have to install it? */
export const isUnderWay = (task: TaskRow, job: JobRow): boolean =>
  isPullable(task, job) && task.status !== 'QUEUED' && !isBeingCanceled(job, task);

export interface Handout {
  readonly given: readonly TaskRow[];
  /** Rows to write: tasks handed out whose state changes, and tasks that wait for a place in the rate from now on. */
  readonly changes: readonly Changed[];
}

/**
 * Hands out tasks: QUEUED ones become NOTIFIED as far as their jobs' MaximumPerMinute allows, the rest of them wait
 * to be called. Tasks told about before are told again and count nothing. One that was queued again after its job was
 * looked at is left to the next look, for which whoever queued it has rung: a job is not locked after tasks.
 */
export async function handOut(
  tx: Tx,
  tasks: readonly TaskRow[],
  { jobs, locked }: HeldJobs,
  now: number,
): Promise<Handout> {
  const given: TaskRow[] = [];
  const changes: Changed[] = [];
  const queued = new Map<string, TaskRow[]>();
  for (const task of tasks) {
    if (task.status === 'QUEUED') {
      if (locked.has(task.job_id)) queued.set(task.job_id, [...(queued.get(task.job_id) ?? []), task]);
      continue;
    }
    given.push(task);
    if (waitsForRetry(task)) changes.push(amend(task, { retry_at: HANDED_OUT, due_at: dueAt(task, jobs) }));
  }
  for (const [jobId, waiting] of queued) {
    const job = jobs.get(jobId) as JobRow;
    const places = await takePlaces(tx, job, waiting.length, now);
    for (const [index, task] of waiting.entries()) {
      if (index < places) {
        const changed = change(task, 'notified', now, { retry_at: null, due_at: null });
        if (changed) changes.push(changed);
        given.push(task);
      } else if (task.waiting_at === null) {
        changes.push(amend(task, { waiting_at: now }));
      }
    }
  }
  return { given, changes };
}

const dueAt = (task: TaskRow, jobs: ReadonlyMap<string, JobRow>) => timeoutAt(task, jobs.get(task.job_id) as JobRow);

/**
 * How many of `wanted` pushes the job may make now; counted in its row. Where some have to wait, it is written down when
 * they are called.
 * @param job the row, locked
 */
async function takePlaces(tx: Tx, job: JobRow, wanted: number, now: number): Promise<number> {
  const places = Math.min(wanted, placesLeft(job, now));
  const log = places > 0 ? logged(job, places, now) : job.push_log;
  const callAt = nextPlaceAt({ ...job, push_log: log }, now);
  const waits = places < wanted && (job.call_at === null || callAt < job.call_at);
  if (places > 0 || waits) await updateJob(tx, job.id, { push_log: log, ...(waits ? { call_at: callAt } : {}) });
  return places;
}
