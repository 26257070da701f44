import { findJob, lockJob, updateJob } from '../store/queries/jobs.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { checkTags, type Tag } from './job-settings.ts';

export interface JobUpdate {
  readonly maximumPerMinute: number;
  readonly target: string;
  readonly upgradeType: string;
  readonly timeoutMinutes: number | undefined;
  /** All tags that the job has from now on. */
  readonly tags: readonly Tag[];
}

const targets: ReadonlySet<string> = new Set(['ALL', 'SPECIFIC', 'GRAY', 'GROUP']);

/**
 * Changes the push rate and the tags of a running job (openapi-ota 4.11); both hold for what is pushed from now on.
 * @throws ota.jobToUpdateNotFound, ota.invalidStrategyType, ota.invalidUpgradeType, ota.jobNotDynamic,
 * ota.invalidMaximumPerMinute, ota.invalidTimeout, ota.jobTagTooLong, common.invalidParameter, ota.jobHasFinished,
 * ota.jobHasCanceled, system.illegalRequest before the job has started
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
    await updateJob(tx, jobId, {
      maximum_per_minute: update.maximumPerMinute,
      tags: JSON.stringify(update.tags),
      modified_at: clock.now(),
    });
  });
}
