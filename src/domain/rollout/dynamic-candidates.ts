import type { Db } from '../../store/engine.ts';
import { foundAmong } from '../../store/queries/device-search.ts';
import { countTasksOfDevices } from '../../store/queries/dynamic-jobs.ts';
import {
  type Candidate,
  candidatesByProduct,
  findJobs,
  type JobRow,
  lockJob,
  updateJob,
} from '../../store/queries/jobs.ts';
import type { DeviceSearch } from '../../wire/device-search.ts';
import type { Deps } from '../deps.ts';
import { accepts } from './plan.ts';
import { type Strategy, strategiesFor } from './strategies.ts';

/** Devices looked at in one transaction, as in a static job. */
const CHUNK = 1_000;
/** Pages looked through in one step while they hold nothing to do, and how long: others wait for their turn. */
const PAGES_AHEAD = 20;
const AHEAD_MS = 500;

export interface DynamicLook {
  readonly candidates: readonly Candidate[];
  /** The name to go on after; null when there are no more devices. */
  readonly cursor: string | null;
}

/**
 * The next devices of a dynamic job, by name: those that match, that no newer job claims, and that have no task of the
 * job yet. What the job gave them once, only a report of another version gives them again.
 */
export async function dynamicLook(db: Db, job: JobRow, after: string): Promise<DynamicLook> {
  const page = await candidatesByProduct(db, {
    productKey: job.product_key,
    module: job.module,
    after,
    limit: CHUNK,
  });
  const cursor = page.length < CHUNK ? null : (page.at(-1)?.name ?? null);
  const strategies = await strategiesFor(db, job.product_key, job.module);
  const own = strategies.find((strategy) => strategy.job.id === job.id);
  const active = page.filter((device) => device.active_at !== null);
  let candidates: readonly Candidate[] = own ? await matching(db, own, active) : [];
  // a job of mode 2 claims nobody who is there already
  const newer = strategies.slice(0, own ? strategies.indexOf(own) : 0).filter((one) => one.job.dynamic_mode === 1);
  for (const strategy of newer) {
    const claimed = new Set((await matching(db, strategy, candidates)).map((device) => device.id));
    candidates = candidates.filter((device) => !claimed.has(device.id));
  }
  const given = await countTasksOfDevices(
    db,
    job.id,
    candidates.map((device) => device.name),
  );
  return { candidates: candidates.filter((device) => !given.has(device.id)), cursor };
}

async function matching(
  db: Db,
  { job, search }: Strategy,
  devices: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const accepted = devices.filter((device) => accepts(job, device.version));
  return search ? searched(db, search, accepted) : accepted;
}

/** Those of some devices that the rule of a group finds. */
export async function searched(
  db: Db,
  search: DeviceSearch,
  devices: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const ids = devices.map((device) => device.id);
  const found = await foundAmong(db, ids, search);
  return devices.filter((device) => found.has(device.id));
}

/**
 * Moves a dynamic job's cursor over devices for which there is nothing to do, without a transaction for each page: most
 * looks at all devices find none.
 * @returns true when there may be more devices
 */
export async function passOver({ engine, clock }: Pick<Deps, 'engine' | 'clock'>, jobId: string): Promise<boolean> {
  const until = clock.now() + AHEAD_MS;
  const job = (await findJobs(engine.read, [jobId])).get(jobId);
  if (job?.cursor == null) return false;
  let cursor: string | null = job.cursor;
  for (let page = 0; page < PAGES_AHEAD && cursor !== null && clock.now() < until; page += 1) {
    const look: DynamicLook = await dynamicLook(engine.read, job, cursor);
    if (look.candidates.length > 0) break;
    cursor = look.cursor;
  }
  if (cursor === job.cursor) return true;
  return engine.transaction(async (tx) => {
    const held = await lockJob(tx, jobId);
    // someone else has gone on, or has begun anew
    if (held?.cursor !== job.cursor) return true;
    await updateJob(tx, jobId, { cursor });
    return cursor !== null;
  });
}
