import type { Tx } from '../store/engine.ts';
import { type JobRow, jobsToCall, lockJob, updateJob } from '../store/queries/jobs.ts';
import { lockTasks, waitingTasks } from '../store/queries/tasks.ts';
import type { Deps } from './deps.ts';
import type { EventDeps } from './events.ts';
import { runsTasks } from './job-state.ts';
import { nextPlaceAt, placesLeft } from './push-rate.ts';
import { amend, writeTasks } from './task-changes.ts';

type CallDeps = Pick<Deps, 'engine' | 'clock' | 'ids'>;

/** Devices of a job that are called at once. */
const CALLED_AT_ONCE = 1_000;
/** Who was called has taken its place by then, or is called again. */
const AGAIN_MS = 1_000;

/**
 * Calls devices that wait for a place in the push rates of their jobs, the longest waiting first. Each job that is due
 * has one turn, in a transaction of its own: none waits for another.
 * @param limit jobs that have a turn
 * @returns true when there are more devices to call at once
 */
export async function callWaiting(deps: CallDeps, limit: number): Promise<boolean> {
  const jobIds = await jobsToCall(deps.engine.read, deps.clock.now(), limit);
  let more = jobIds.length === limit;
  for (const jobId of jobIds) if (await callWaitingOf(deps, jobId)) more = true;
  return more;
}

async function callWaitingOf(deps: CallDeps, jobId: string): Promise<boolean> {
  return deps.engine.transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    const now = deps.clock.now();
    if (!job || job.call_at === null || job.call_at > now) return false;
    const callAt = runsTasks(job) ? await callSome(tx, deps, job, now) : null;
    await updateJob(tx, jobId, { call_at: callAt });
    return callAt === now;
  });
}

/** @returns when to look again; null when nobody waits any more */
async function callSome(tx: Tx, deps: EventDeps, job: JobRow, now: number): Promise<number | null> {
  const places = placesLeft(job, now);
  if (places === 0) return nextPlaceAt(job, now);
  const limit = Math.min(places, CALLED_AT_ONCE);
  const first = await waitingTasks(tx.db, job.id, limit);
  // who has gone is told when it comes back
  const absent = first.filter((task) => !task.connected).map((task) => task.seq);
  const tasks = await lockTasks(tx, job.id, absent);
  await writeTasks(
    tx,
    deps,
    tasks.map((task) => amend(task, { waiting_at: null })),
    new Map([[job.id, job]]),
  );
  const deviceIds = first.filter((task) => task.connected).map((task) => task.device_id);
  if (deviceIds.length > 0) {
    tx.nudge({ kind: 'push', deviceIds });
    return now + AGAIN_MS;
  }
  return first.length === limit ? now : null;
}
