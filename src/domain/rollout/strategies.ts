import type { Db } from '../../store/engine.ts';
import { runningDynamicJobs } from '../../store/queries/dynamic-jobs.ts';
import type { JobRow } from '../../store/queries/jobs.ts';
import { type DeviceSearch, finds, type SearchedDevice } from '../../wire/device-search.ts';
import { searchOf } from '../group-rules.ts';
import { accepts } from './plan.ts';

/** How often a dynamic job of a group looks at all devices again, for those that its rule has come to find. */
export const SWEEP_MS = 5 * 60_000;
/**
 * When a dynamic job by versions looks at all devices once more: a report that was being written while the job was made
 * may have seen nothing of the job, and the job nothing of the report. No transaction takes that long.
 */
export const SECOND_LOOK_MS = 60_000;

/** A running dynamic job and whom it is for. */
export interface Strategy {
  readonly job: JobRow;
  /** The rule of its group; undefined when it goes by versions only. */
  readonly search: DeviceSearch | undefined;
}

/** The running dynamic jobs for a module of a product, newest first. One whose group was deleted finds nothing any more. */
export async function strategiesFor(db: Db, productKey: string, module: string): Promise<Strategy[]> {
  const rows = await runningDynamicJobs(db, productKey, module);
  return rows.flatMap(({ rule, ...job }) => {
    const search = searchOf({ expression: rule });
    return job.group_id !== null && !search ? [] : [{ job, search }];
  });
}

/**
 * The job that a device belongs to: of several that match, the newest (openapi-ota 6.5).
 * @param device undefined is of no job that has a rule
 */
export function newestMatch(
  strategies: readonly Strategy[],
  version: string | null,
  device: SearchedDevice | undefined,
): Strategy | undefined {
  return strategies.find(
    ({ job, search }) => accepts(job, version) && (!search || (device !== undefined && finds(search, device))),
  );
}

/** When a job that has begun to look at all devices does so again; null for never. */
export function nextSweep(job: Pick<JobRow, 'dynamic_mode' | 'group_id'>, now: number): number | null {
  // mode 2 is for those only that report a new version (openapi-ota 4.10)
  return job.dynamic_mode === 1 && job.group_id !== null ? now + SWEEP_MS : null;
}

/** What makes a job look at all devices now, and when again: at its start, and when other versions are asked for. */
export function firstLook(job: Pick<JobRow, 'dynamic_mode' | 'group_id'>, now: number) {
  if (job.dynamic_mode !== 1) return { cursor: null, sweep_at: null, due_at: null };
  return { cursor: '', sweep_at: nextSweep(job, now) ?? now + SECOND_LOOK_MS, due_at: now };
}
