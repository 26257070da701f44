import { findJob, type JobRow, lockJob, updateJob } from '../store/queries/jobs.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { checkTags, type Tag } from './job-settings.ts';
import { earlierTimeouts } from './job-state.ts';
import { firstLook } from './rollout/strategies.ts';
import { checkSrcVersions } from './selection.ts';

export interface JobUpdate {
  readonly maximumPerMinute: number;
  readonly target: string;
  readonly upgradeType: string;
  readonly timeoutMinutes: number | undefined;
  /** Source versions that the job goes by from now on. */
  readonly srcVersions?: readonly string[] | undefined;
  /** All tags that the job has from now on. */
  readonly tags: readonly Tag[];
}

const targets: ReadonlySet<string> = new Set(['ALL', 'SPECIFIC', 'GRAY', 'GROUP']);

/**
 * Changes the push rate and the tags of a running job (openapi-ota 4.11); both hold for what is pushed from now on. Of a
 * dynamic job also the timeout of tasks to come, and the source versions.
 * @throws ota.jobToUpdateNotFound, ota.invalidStrategyType, ota.invalidUpgradeType, ota.jobNotDynamic,
 * ota.invalidMaximumPerMinute, ota.invalidTimeout, ota.jobTagTooLong, common.invalidParameter, ota.jobHasFinished,
 * ota.jobHasCanceled, ota.unfitSrcVersions, ota.emptySrcVersions, system.illegalRequest before the job has started
 */
export async function changeJob(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  jobId: string,
  update: JobUpdate,
): Promise<void> {
  // a sample writes `All`. It describes the job and changes nothing, so it is not compared with it (openapi-ota 10.9)
  if (!targets.has(update.target.toUpperCase())) fail('ota.invalidStrategyType');
  if (update.upgradeType !== 'STATIC' && update.upgradeType !== 'DYNAMIC') fail('ota.invalidUpgradeType');
  if (update.maximumPerMinute < 10 || update.maximumPerMinute > 10_000) fail('ota.invalidMaximumPerMinute');
  checkTags(update.tags, 'Tags');
  await engine.transaction(async (tx) => {
    const seen = await findJob(tx.db, scope.instanceId, jobId);
    // static and dynamic jobs only: a verification has no push rate
    if (seen?.type !== 'UPGRADE_FIRMWARE') fail('ota.jobToUpdateNotFound');
    const job = (await lockJob(tx, jobId)) ?? fail('ota.jobToUpdateNotFound');
    if (job.selection !== update.upgradeType) {
      fail(job.selection === 'STATIC' ? 'ota.jobNotDynamic' : 'ota.invalidUpgradeType');
    }
    // dynamic jobs only
    if (update.timeoutMinutes !== undefined && job.selection === 'STATIC') fail('ota.invalidTimeout');
    if (job.status === 'COMPLETED') fail('ota.jobHasFinished');
    if (job.status === 'CANCELED') fail('ota.jobHasCanceled');
    if (job.status === 'PLANNED') fail('system.illegalRequest');
    const now = clock.now();
    await updateJob(tx, jobId, {
      maximum_per_minute: update.maximumPerMinute,
      // there may be more places now
      call_at: job.call_at === null ? null : now,
      tags: JSON.stringify(update.tags),
      modified_at: now,
      ...(job.selection === 'DYNAMIC' ? { ...newTimeout(job, update), ...newVersions(job, update, now) } : {}),
    });
    tx.nudge({ kind: 'job', jobId });
  });
}

/** Another timeout is that of tasks which are made from now on (openapi-ota 4.11). */
function newTimeout(job: JobRow, { timeoutMinutes: minutes }: JobUpdate) {
  if (minutes === undefined || minutes === job.timeout_minutes) return {};
  if (minutes < 1 || minutes > 1440) fail('ota.invalidTimeout');
  // as when a job is made (openapi-ota 3.2)
  if (job.retry_interval !== null && job.retry_interval >= minutes) fail('ota.invalidTimeout');
  const earlier = earlierTimeouts(job);
  if (job.task_total > (earlier.at(-1)?.before ?? 0)) {
    earlier.push({ before: job.task_total, minutes: job.timeout_minutes });
  }
  return { timeout_minutes: minutes, earlier_timeouts: earlier.length > 0 ? JSON.stringify(earlier) : null };
}

/** Source versions of one call (openapi-ota 4.11). */
const MOST_VERSIONS = 30;

/** With other source versions a job that looks at devices there are looks at all of them again. */
function newVersions(job: JobRow, { srcVersions: versions }: JobUpdate, now: number) {
  if (versions === undefined) return {};
  if (job.group_id !== null) fail('ota.unfitSrcVersions');
  if (versions.every((version) => version === '')) fail('ota.emptySrcVersions');
  checkSrcVersions(versions, { most: MOST_VERSIONS, parameter: 'SrcVersionList' });
  if (job.is_diff && versions.some((version) => version !== job.src_version)) {
    fail('common.invalidParameter', { Parameter: 'SrcVersionList' });
  }
  const text = JSON.stringify(versions);
  if (text === job.src_versions) return {};
  return { src_versions: text, ...(job.dynamic_mode === 1 ? firstLook(job, now) : {}) };
}
