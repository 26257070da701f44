import { countFilteredJobs, countTasksOfJobs, type JobFilter, pageOfFilteredJobs } from '../store/queries/job-list.ts';
import type { JobTable } from '../store/schema.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isOpaqueId, isProductKey } from './names.ts';
import type { Page } from './paging.ts';

/**
 * Jobs whose tasks are counted in one statement: a job of a million tasks has up to 7,000 counters, and others wait for
 * the thread that reads them.
 */
const COUNTED_AT_ONCE = 10;

const illegal = (parameter: string) => fail('common.invalidParameter', { Parameter: parameter });

const statuses: readonly JobTable['status'][] = ['PLANNED', 'IN_PROGRESS', 'COMPLETED', 'CANCELED'];
const types: readonly JobTable['type'][] = ['VERIFY_FIRMWARE', 'UPGRADE_FIRMWARE'];
const selections: readonly JobTable['selection'][] = ['STATIC', 'DYNAMIC'];

/** @param parameter what the caller calls it */
function oneOf<T extends string>(known: readonly T[], text: string, parameter: string): T {
  return known.find((value) => value === text) ?? illegal(parameter);
}

export interface JobListFilter {
  readonly statuses?: readonly string[] | undefined;
  readonly type?: string | undefined;
  readonly selection?: string | undefined;
  readonly productKey?: string | undefined;
  readonly jobId?: string | undefined;
  readonly firmwareId?: string | undefined;
}

/** @throws common.invalidParameter */
function checkFilter({ statuses: wanted, type, selection, productKey, jobId, firmwareId }: JobListFilter): JobFilter {
  return {
    statuses: wanted?.map((status) => oneOf(statuses, status, 'JobStatus')),
    type: type === undefined ? undefined : oneOf(types, type, 'JobType'),
    selection: selection === undefined ? undefined : oneOf(selections, selection, 'SelectionType'),
    productKey,
    id: jobId,
    firmwareId,
  };
}

/**
 * A page of all jobs, newest first, each with how many of its tasks are in which state.
 * @throws common.invalidParameter
 */
export async function listJobs({ engine }: Pick<Deps, 'engine'>, scope: Scope, page: Page, wanted: JobListFilter) {
  const db = engine.read;
  const filter = checkFilter(wanted);
  const { productKey, id, firmwareId } = filter;
  // what can be no id is as unknown as any other
  if (productKey !== undefined && !isProductKey(productKey)) return { rows: [], total: 0 };
  if (id !== undefined && !isOpaqueId(id)) return { rows: [], total: 0 };
  if (firmwareId !== undefined && !isOpaqueId(firmwareId)) return { rows: [], total: 0 };
  const jobs = await pageOfFilteredJobs(db, scope.instanceId, filter, page.offset, page.size);
  const total = await countFilteredJobs(db, scope.instanceId, filter);
  const rows = [];
  for (let start = 0; start < jobs.length; start += COUNTED_AT_ONCE) {
    const some = jobs.slice(start, start + COUNTED_AT_ONCE);
    const counts = await countTasksOfJobs(
      db,
      some.map((job) => job.id),
    );
    rows.push(...some.map((job) => ({ job, counts: counts.get(job.id) ?? new Map<never, number>() })));
  }
  return { rows, total };
}
