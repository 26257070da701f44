import type { Tx } from '../../store/engine.ts';
import { setFirmwareStatus } from '../../store/queries/firmware.ts';
import { dueJobs, findJobs, type JobRow, lockJob, updateJob } from '../../store/queries/jobs.ts';
import { connectedQueuedDevices, countTasks } from '../../store/queries/tasks.ts';
import { type Cancellation, cancelStep, continueCancellation } from '../cancellation.ts';
import type { Deps } from '../deps.ts';
import { type EventDeps, emitJobStatus } from '../events.ts';
import { packageStatus } from '../firmware.ts';
import { runsTasks } from '../job-state.ts';
import { unfinishedStatuses } from '../task-state.ts';
import { passOver } from './dynamic-candidates.ts';
import { materialiseChunk } from './materialise.ts';
import { type Plan, plan } from './plan.ts';
import { nextSweep } from './strategies.ts';

type AdvanceDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'blobs'>;

/** Tasks looked at in one step, when devices are rung for. */
const SPAN = 10_000;
/** Devices rung for in one step. */
const RUNG_AT_ONCE = 1_000;

/** What is unfinished at the end of the schedule is canceled; the state is unconfirmed (openapi-ota 6.8). */
const endOfSchedule: Cancellation = {
  states: new Map(unfinishedStatuses.map((status) => [status, null])),
  text: 'the scheduled end was reached',
};

/** Jobs that a scheduler has to look at now, by id. */
export async function jobsToAdvance(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  limit: number,
): Promise<string[]> {
  return dueJobs(engine.read, clock.now(), limit);
}

/**
 * Takes a job one step further; the caller holds its lease.
 * @returns true when there is more to do at once
 */
export async function advanceJob(deps: AdvanceDeps, jobId: string): Promise<boolean> {
  const { engine, clock } = deps;
  const seen = (await findJobs(engine.read, [jobId])).get(jobId);
  if (!seen) return false;
  if (seen.cancel_states !== null && (await continueCancellation(deps, jobId))) return true;
  if (plan(seen, new Map(), clock.now()).materialise) {
    if (seen.selection === 'STATIC' || (await passOver(deps, jobId))) await materialiseChunk(deps, jobId);
    return true;
  }
  if (seen.call_from !== null) {
    await callConnected(deps, seen, seen.call_from);
    return true;
  }
  const step = await engine.transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (!job) return undefined;
    const now = clock.now();
    const next = plan(job, await countTasks(tx.db, jobId), now);
    if (next.finish) await cancelStep(tx, deps, job, endOfSchedule);
    await applyPlan(tx, deps, job, next, now);
    return next;
  });
  if (!step) return false;
  const rings = step.start && !step.ended;
  return step.materialise || step.finish || step.sweep === true || rings;
}

const nothingLeft = { cancel_states: null, cancel_before: null, cancel_text: null, call_from: null };

async function applyPlan(tx: Tx, deps: EventDeps, job: JobRow, next: Plan, now: number): Promise<void> {
  const changed = {
    ...(next.start ? { status: 'IN_PROGRESS' as const, started_at: now, modified_at: now, call_from: 0 } : {}),
    ...(next.sweep ? { cursor: '', sweep_at: nextSweep(job, now) } : {}),
    ...(next.ended ? { status: next.ended, ended_at: now, modified_at: now, ...nothingLeft } : {}),
  };
  // who is still to be rung for is rung for at once, by whichever node takes the job on
  const dueAt = next.start && !next.ended ? now : next.dueAt;
  await updateJob(tx, job.id, { ...changed, due_at: dueAt });
  const status = next.ended ?? changed.status;
  if (status) await emitJobStatus(tx, deps, job, status);
  if (next.ended && job.type === 'VERIFY_FIRMWARE') await settlePackage(tx, job, now);
}

/** The package is verified when all test devices succeeded (openapi-ota 4.8). */
async function settlePackage(tx: Tx, job: JobRow, now: number): Promise<void> {
  const counts = await countTasks(tx.db, job.id);
  const verified = counts.get('SUCCEEDED') === job.task_total;
  await setFirmwareStatus(tx, job.firmware_id, verified ? packageStatus.verified : packageStatus.failed, now);
}

/**
 * Rings for connected devices of a job that has started, a bounded number of tasks further; others are told when they
 * connect.
 * @param from the ordinal to go on at
 */
async function callConnected({ engine }: Pick<Deps, 'engine'>, job: JobRow, from: number): Promise<void> {
  const range = { from, to: from + SPAN, limit: RUNG_AT_ONCE };
  const found = runsTasks(job) && job.need_push ? await connectedQueuedDevices(engine.read, job.id, range) : [];
  const last = found.length === RUNG_AT_ONCE ? found.at(-1) : undefined;
  const next = last ? last.seq + 1 : range.to;
  await engine.transaction(async (tx) => {
    const held = await lockJob(tx, job.id);
    // someone else has gone on
    if (held?.call_from !== from) return;
    await updateJob(tx, job.id, { call_from: next < held.task_total ? next : null });
    if (found.length > 0) tx.nudge({ kind: 'push', deviceIds: found.map((task) => task.device_id) });
  });
}
