import type { JobRow } from '../store/queries/jobs.ts';

/**
 * Do the tasks of a job go on? Those of a running job do, and those that a dynamic job has made until it was canceled:
 * that ends its search for devices, not their updates (openapi-ota 4.17).
 */
export const runsTasks = (job: Pick<JobRow, 'status' | 'selection'>): boolean =>
  job.status === 'IN_PROGRESS' || (job.status === 'CANCELED' && job.selection === 'DYNAMIC');

/** The timeouts of tasks of a dynamic job that were made before the job was given another. */
export interface EarlierTimeout {
  /** Of tasks below this ordinal, as far as no entry before this one has them. */
  readonly before: number;
  readonly minutes: number | null;
}

export const earlierTimeouts = (job: Pick<JobRow, 'earlier_timeouts'>): EarlierTimeout[] =>
  job.earlier_timeouts === null ? [] : (JSON.parse(job.earlier_timeouts) as EarlierTimeout[]);

/** The timeout of a task, minutes: what the job had when it was made (openapi-ota 4.11). */
export function timeoutOf(job: Pick<JobRow, 'timeout_minutes' | 'earlier_timeouts'>, seq: number): number | null {
  const earlier = earlierTimeouts(job).find(({ before }) => seq < before);
  return earlier ? earlier.minutes : job.timeout_minutes;
}
