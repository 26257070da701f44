import type { JobRow } from '../../store/queries/jobs.ts';
import type { TaskStatus } from '../../store/schema.ts';
import { isUnfinished } from '../task-state.ts';

/** How often a running job is looked at without a nudge. */
export const JOB_CHECK_MS = 30_000;

/** What is to be done with a job now. Pure: the caller applies it in one transaction. */
export interface Plan {
  /** There are devices left to make tasks for. */
  readonly materialise: boolean;
  /** The schedule time of a planned job has come. */
  readonly start: boolean;
  /** The schedule's end has come: what is unfinished is canceled. */
  readonly finish: boolean;
  /** A dynamic job begins to look at all devices again. */
  readonly sweep?: true;
  /** The state of the job when it has ended. */
  readonly ended?: 'COMPLETED' | 'CANCELED';
  /** When to look again; null once the job has ended, and for a dynamic job that waits for reports only. */
  readonly dueAt: number | null;
}

type PlannedJob = Pick<
  JobRow,
  'status' | 'selection' | 'cursor' | 'task_total' | 'schedule_at' | 'schedule_finish_at' | 'sweep_at'
>;

export function plan(job: PlannedJob, counts: ReadonlyMap<TaskStatus, number>, now: number): Plan {
  const nothing = { materialise: false, start: false, finish: false };
  if (job.status === 'COMPLETED' || job.status === 'CANCELED') return { ...nothing, dueAt: null };
  const materialise = job.cursor !== null;
  if (materialise) return { ...nothing, materialise, dueAt: now };
  // it never ends by itself (openapi-ota 5.2)
  if (job.selection === 'DYNAMIC') {
    const isDue = job.sweep_at !== null && job.sweep_at <= now;
    return isDue ? { ...nothing, sweep: true, dueAt: now } : { ...nothing, dueAt: job.sweep_at };
  }
  if (job.schedule_finish_at !== null && now >= job.schedule_finish_at && unfinishedOf(counts) > 0) {
    return { ...nothing, finish: true, dueAt: now };
  }
  if (job.status === 'PLANNED' && job.schedule_at !== null && now < job.schedule_at) {
    return allCanceled(job, counts)
      ? { ...nothing, ended: 'CANCELED', dueAt: null }
      : { ...nothing, dueAt: Math.min(job.schedule_at, now + JOB_CHECK_MS) };
  }
  const start = job.status === 'PLANNED';
  if (unfinishedOf(counts) === 0) {
    return { ...nothing, start, ended: allCanceled(job, counts) ? 'CANCELED' : 'COMPLETED', dueAt: null };
  }
  return { ...nothing, start, dueAt: Math.min(job.schedule_finish_at ?? Number.POSITIVE_INFINITY, now + JOB_CHECK_MS) };
}

function unfinishedOf(counts: ReadonlyMap<TaskStatus, number>): number {
  let sum = 0;
  for (const [status, count] of counts) if (isUnfinished(status)) sum += count;
  return sum;
}

/** A job whose every task was canceled is itself CANCELED (openapi-ota 5.2, unconfirmed). */
function allCanceled(job: PlannedJob, counts: ReadonlyMap<TaskStatus, number>): boolean {
  return job.task_total > 0 && counts.get('CANCELED') === job.task_total;
}

/**
 * Does a device whose module is at `version` belong into the job (openapi-ota 6.2)? Devices at the target version
 * are passed over; a differential package fits its source version only.
 * @param version null when the device never reported one
 */
export function accepts(
  job: Pick<JobRow, 'dest_version' | 'src_version' | 'is_diff' | 'src_versions'>,
  version: string | null,
): boolean {
  if (version === job.dest_version) return false;
  if (job.is_diff && version !== job.src_version) return false;
  const wanted = JSON.parse(job.src_versions) as string[];
  return wanted.length === 0 || (version !== null && wanted.includes(version));
}
