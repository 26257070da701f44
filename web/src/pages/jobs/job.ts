import type { AnswerOf } from '../../api/client.ts';
import type { TaskStatus } from '../../ui/task-status.ts';

export type ListedJob = AnswerOf<'ListOTAJob'>['Data']['SimpleOTAJobInfo'][number];
export type JobDetails = AnswerOf<'QueryOTAJob'>['Data'];
export type TaskCounts = Readonly<Record<TaskStatus, number>>;

/** Who may call none of them makes no jobs. */
export const jobCreations = ['CreateOTAVerifyJob', 'CreateOTAStaticUpgradeJob', 'CreateOTADynamicUpgradeJob'] as const;

export const jobStatuses = ['PLANNED', 'IN_PROGRESS', 'COMPLETED', 'CANCELED'] as const;

export const countsOf = ({ TaskCounts: counts }: Pick<ListedJob, 'TaskCounts'>): TaskCounts => ({
  CONFIRM: counts.Confirm,
  QUEUED: counts.Queued,
  NOTIFIED: counts.Notified,
  IN_PROGRESS: counts.InProgress,
  SUCCEEDED: counts.Succeeded,
  FAILED: counts.Failed,
  CANCELED: counts.Canceled,
});

/** Tasks that are over, whatever came of them. */
export const endedIn = (counts: TaskCounts): number => counts.SUCCEEDED + counts.FAILED + counts.CANCELED;

/** Tasks that still wait or run. */
export const openIn = (counts: TaskCounts): number =>
  counts.CONFIRM + counts.QUEUED + counts.NOTIFIED + counts.IN_PROGRESS;

export type JobKind = 'verify' | 'static' | 'dynamic';

export const kindOf = (job: Pick<ListedJob, 'JobType' | 'SelectionType'>): JobKind =>
  job.JobType === 'VERIFY_FIRMWARE' ? 'verify' : job.SelectionType === 'DYNAMIC' ? 'dynamic' : 'static';

/**
 * The status that is shown: a dynamic job that finds no devices any more is called CANCELED by the API, whatever became
 * of its tasks, and a job whose tasks failed COMPLETED.
 */
export function shownStatus(job: Pick<ListedJob, 'JobStatus' | 'JobType' | 'SelectionType' | 'TaskCounts'>): string {
  if (job.JobStatus === 'CANCELED' && kindOf(job) === 'dynamic') return 'SEARCH_ENDED';
  return job.JobStatus === 'COMPLETED' && job.TaskCounts.Failed > 0 ? 'FAULTY' : job.JobStatus;
}

/** What tells a job from the others of its package. */
export const titleOf = (job: ListedJob, kinds: Readonly<Record<JobKind, string>>): string =>
  `${job.FirmwareName} · ${job.DestVersion} · ${kinds[kindOf(job)]}`;

/** Milliseconds after which a job is asked for anew: soon while it goes on, at once while its end is still to be noted. */
export function askAgainIn(answer: AnswerOf<'ListOTAJob'> | undefined): number {
  const job = answer?.Data.SimpleOTAJobInfo[0];
  if (!job) return 3_000;
  const counts = countsOf(job);
  if (!isLive(job, counts)) return 15_000;
  return kindOf(job) !== 'dynamic' && endedIn(counts) > 0 && openIn(counts) === 0 ? 700 : 3_000;
}

/** A dynamic job that still runs finds new devices; a canceled job's tasks may go on. */
export const isLive = (job: Pick<ListedJob, 'JobStatus'>, counts: TaskCounts): boolean =>
  job.JobStatus === 'PLANNED' || job.JobStatus === 'IN_PROGRESS' || openIn(counts) > 0;
