import type { Tx } from '../../store/engine.ts';
import {
  type Candidate,
  connectedAmong,
  findJobs,
  type JobRow,
  lockCandidates,
  lockJob,
  updateJob,
} from '../../store/queries/jobs.ts';
import { insertTasks, lockActiveTasks, type TaskRow } from '../../store/queries/tasks.ts';
import { taskEndedEvent } from '../../wire/event-messages.ts';
import { canceledWithJob, cancellationOf, isBeingCanceled } from '../cancellation.ts';
import type { Deps } from '../deps.ts';
import type { EventDeps } from '../events.ts';
import { releaseNameList } from '../name-lists.ts';
import { type Changed, change, countStates, eventTask, writeTasks } from '../task-changes.ts';
import { begin, initialStatus } from '../task-state.ts';
import { type Look, look, readAhead } from './candidates.ts';
import { accepts } from './plan.ts';

/**
 * Makes the tasks of the next devices of a job and moves its cursor, in one transaction.
 * @returns true while there are devices left
 */
export async function materialiseChunk(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'blobs'>,
  jobId: string,
): Promise<boolean> {
  const { engine } = deps;
  const seen = (await findJobs(engine.read, [jobId])).get(jobId);
  const ahead = seen && isGrowing(seen) ? await readAhead(deps, seen, seen.cursor) : undefined;
  return engine.transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (!job || !isGrowing(job)) return false;
    // what was read ahead is of no use when someone else has gone on
    if (job.list_key !== null && job.cursor !== seen?.cursor) return true;
    const next = await look(tx, job, job.cursor, ahead);
    const added = await addTasks(tx, deps, job, await settleCandidates(tx, job, next));
    const cursor = next.next(added);
    await updateJob(tx, job.id, {
      task_total: job.task_total + added,
      cursor,
      list_key: cursor === null ? null : job.list_key,
      unknown_names: job.unknown_names + (next.unknown ?? 0),
    });
    if (cursor !== null) return true;
    tx.nudge({ kind: 'job', jobId });
    if (job.list_key !== null) await releaseNameList(tx, job.list_key);
    return false;
  });
}

const isGrowing = (job: JobRow): job is JobRow & { readonly cursor: string } =>
  job.cursor !== null && (job.status === 'IN_PROGRESS' || job.status === 'PLANNED');

/** Those of the devices that get a task, in their order, held still until the end of the transaction. */
async function settleCandidates(tx: Tx, job: JobRow, { candidates, held: areHeld }: Look): Promise<Candidate[]> {
  const wanted = candidates.filter((candidate) => accepts(job, candidate.version));
  if (areHeld) return wanted;
  const ids = wanted.map((candidate) => candidate.id);
  const held = await lockCandidates(tx, ids, job.module);
  // what was true when they were found need not be true any more
  return wanted.flatMap((candidate) => {
    const version = held.get(candidate.id);
    return version !== undefined && accepts(job, version) ? [{ ...candidate, version }] : [];
  });
}

/**
 * Adds a task for each device, in their order; busy devices are settled by the job's overwrite rule.
 * @param job the row, locked; the caller adds to its `task_total`
 * @param devices locked before their tasks
 */
export async function addTasks(tx: Tx, deps: EventDeps, job: JobRow, devices: readonly Candidate[]): Promise<number> {
  const now = deps.clock.now();
  const ids = devices.map((device) => device.id);
  const busy = await lockActiveTasks(tx, ids);
  const rivals = new Map<string, TaskRow[]>();
  for (const task of busy) rivals.set(task.device_id, [...(rivals.get(task.device_id) ?? []), task]);
  const rivalJobs = await findJobs(
    tx.db,
    busy.map((task) => task.job_id),
  );
  const replaced: Changed[] = [];
  const canceled = { status: begin('canceled'), description: cancellationOf(job)?.text ?? '', cause: null };
  const tasks = devices.map((device, index) => {
    const seq = job.task_total + index;
    // canceled before it was made: it takes no place and nobody else's
    if (isBeingCanceled(job, { status: initialStatus(job), seq })) return newTask(job, device, seq, now, canceled);
    const settled = settle(job, rivals.get(device.id) ?? [], rivalJobs, now);
    replaced.push(...settled.replaced);
    return newTask(job, device, seq, now, settled.refused ? refused : undefined);
  });
  // one that is canceled before it is made has its end as any other; one that is refused is told to nobody (storage-and-events 3.5)
  const ended = tasks
    .filter((task) => task.status === 'CANCELED')
    .map((task) => taskEndedEvent(eventTask(task, job), 'CANCELED', task.description, now));
  await writeTasks(tx, deps, replaced, rivalJobs, ended);
  await insertTasks(tx, tasks);
  countStates(tx, tasks);
  if (job.need_push && job.status === 'IN_PROGRESS') {
    const queued = tasks.filter((task) => task.status === 'QUEUED').map((task) => task.device_id);
    const connected = await connectedAmong(tx.db, queued);
    if (connected.length > 0) tx.nudge({ kind: 'push', deviceIds: connected });
  }
  return tasks.length;
}

/**
 * One active task per device, or per module between jobs that both allow several modules (openapi-ota 6.3, 6.4).
 * A task in progress is never replaced.
 */
export function settle(
  job: Pick<JobRow, 'id' | 'module' | 'overwrite_mode' | 'multi_module'>,
  active: readonly TaskRow[],
  jobs: ReadonlyMap<string, JobRow>,
  now: number,
): { readonly replaced: Changed[]; readonly refused: boolean } {
  const conflicts = active.filter(
    (task) => task.active_module === job.module || !job.multi_module || !jobs.get(task.job_id)?.multi_module,
  );
  const mayReplace = (task: TaskRow) =>
    job.overwrite_mode === 2 || (job.multi_module === 1 && task.active_module === job.module);
  const replaced = conflicts.map((task) => {
    const other = jobs.get(task.job_id);
    const gone = other && canceledWithJob(other, task, now);
    if (gone) return gone;
    return mayReplace(task)
      ? change(task, 'overwritten', now, { description: `replaced by job ${job.id}` })
      : undefined;
  });
  if (replaced.some((changed) => changed === undefined)) return { replaced: [], refused: true };
  return { replaced: replaced.filter((changed) => changed !== undefined), refused: false };
}

/** How a task may end as it begins. */
type Ending = Pick<TaskRow, 'status' | 'description' | 'cause'>;

const refused: Ending = {
  status: begin('refused'),
  description: 'the device has an unfinished task of another job',
  cause: 'BUSY',
};

function newTask(job: JobRow, device: Candidate, seq: number, now: number, ended: Ending | undefined): TaskRow {
  return {
    job_id: job.id,
    seq,
    device_id: device.id,
    device_name: device.name,
    src_version: device.version ?? '',
    status: ended?.status ?? initialStatus(job),
    description: ended?.description ?? '',
    progress: 0,
    active_module: ended ? null : job.module,
    retries: 0,
    created_at: now,
    modified_at: now,
    first_progress_at: null,
    retry_at: null,
    due_at: null,
    waiting_at: null,
    cause: ended?.cause ?? null,
    attempts: 0,
  };
}
