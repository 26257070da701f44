import { findDevicesByName } from '../store/queries/devices.ts';
import { findFirmware } from '../store/queries/firmware.ts';
import { findJob, findJobs, lockJob, updateJob } from '../store/queries/jobs.ts';
import { findProduct } from '../store/queries/products.ts';
import { lockActiveTasks } from '../store/queries/tasks.ts';
import type { TaskStatus } from '../store/schema.ts';
import { CANCELED_TEXT, canceled, cancellationOf, cancelStep, continueCancellation } from './cancellation.ts';
import type { Deps, Scope } from './deps.ts';
import { emitJobStatus } from './events.ts';
import { fail } from './failure.ts';
import { isDeviceName } from './names.ts';
import { writeTasks } from './task-changes.ts';
import { unfinishedStatuses } from './task-state.ts';

type CancelDeps = Pick<Deps, 'engine' | 'clock' | 'ids'>;

/** The flags of CancelOTATaskByJob as sent; what was not sent is undefined, which is not the same as false. */
export interface CancelFlags {
  readonly scheduled: boolean | undefined;
  readonly queued: boolean | undefined;
  readonly notified: boolean | undefined;
  readonly inProgress: boolean | undefined;
  readonly unconfirmed: boolean | undefined;
}

/** The states that the flags mean (the truth table of openapi-ota 4.18). */
export function statesToCancel(flags: CancelFlags, isScheduled: boolean): TaskStatus[] {
  // of a scheduled job the waiting tasks: those that have begun have flags of their own
  const waiting = flags.queued === true || (flags.scheduled === true && isScheduled);
  const wanted: Partial<Record<TaskStatus, boolean | undefined>> = {
    CONFIRM: flags.unconfirmed ?? waiting,
    QUEUED: waiting,
    NOTIFIED: flags.notified,
    IN_PROGRESS: flags.inProgress,
  };
  return unfinishedStatuses.filter((status) => wanted[status] === true);
}

/** Steps that a call takes itself; a job of some thousand tasks is done when it returns, a scheduler does the rest of a larger one. */
const STEPS_IN_CALL = 10;
/** No step is begun after this: a database that is busy lets nobody wait for ten of them. */
const CALL_MS = 500;

/**
 * Cancels the tasks of a job that are in certain states. When this resolves the wish is durable: no device is told of
 * such a task any more, though the rows of a large job may take a while to show it.
 * @throws system.illegalRequest without any flag, ota.jobNotFound
 */
export async function cancelTasksOfJob(
  deps: CancelDeps,
  scope: Scope,
  jobId: string,
  flags: CancelFlags,
): Promise<void> {
  if (Object.values(flags).every((flag) => flag === undefined)) fail('system.illegalRequest');
  const until = deps.clock.now() + CALL_MS;
  let more = await deps.engine.transaction(async (tx) => {
    if (!(await findJob(tx.db, scope.instanceId, jobId))) fail('ota.jobNotFound');
    const job = (await lockJob(tx, jobId)) ?? fail('ota.jobNotFound');
    const states = statesToCancel(flags, job.schedule_at !== null);
    if (states.length === 0) return false;
    // a dynamic job goes on to make tasks, and those are not meant (openapi-ota 4.18)
    const before = job.selection === 'DYNAMIC' ? job.task_total : null;
    // an earlier cancellation that is not through stands beside this one, its other states up to where it ended
    const { states: earlier = [], text = CANCELED_TEXT } = cancellationOf(job) ?? {};
    const bounds = new Map([...earlier, ...states.map((status) => [status, before] as const)]);
    return cancelStep(tx, deps, job, { states: bounds, text });
  });
  for (let step = 1; more && step < STEPS_IN_CALL && deps.clock.now() < until; step += 1) {
    more = await continueCancellation(deps, jobId);
  }
}

/** Devices whose tasks are canceled in one transaction. */
const DEVICES_AT_ONCE = 500;

/**
 * Cancels what devices still have to do of a package, in one job or in all.
 * @throws product.notFound, ota.firmwareNotFound, ota.firmwareProductMismatch, ota.jobNotFound, device.noNames,
 * device.tooManyNames, device.malformedNameInList, device.notFound, common.invalidParameter for a duplicate
 */
export async function cancelTasksOfDevices(
  deps: CancelDeps & Pick<Deps, 'limits'>,
  scope: Scope,
  input: {
    readonly firmwareId: string;
    readonly productKey: string;
    readonly deviceNames: readonly string[];
    readonly jobId: string | undefined;
  },
): Promise<void> {
  const { engine, clock, limits } = deps;
  const { firmwareId, productKey, deviceNames: names, jobId } = input;
  if (names.length === 0) fail('device.noNames');
  // as many as a static job may name (openapi-ota 7)
  if (names.length > limits.staticTargets) fail('device.tooManyNames');
  if (!names.every(isDeviceName)) fail('device.malformedNameInList');
  if (new Set(names).size !== names.length) fail('common.invalidParameter', { Parameter: 'DeviceName' });
  const db = engine.read;
  if (!(await findProduct(db, scope.instanceId, productKey))) fail('product.notFound');
  const firmware = (await findFirmware(db, scope.instanceId, firmwareId)) ?? fail('ota.firmwareNotFound');
  if (firmware.product_key !== productKey) fail('ota.firmwareProductMismatch');
  if (jobId !== undefined) {
    const job = await findJob(db, scope.instanceId, jobId);
    if (job?.firmware_id !== firmwareId) fail('ota.jobNotFound');
  }
  const devices = await findDevicesByName(db, scope.instanceId, productKey, names);
  if (devices.length < names.length) fail('device.notFound');
  const ids = devices.map((device) => device.id);
  for (let from = 0; from < ids.length; from += DEVICES_AT_ONCE) {
    await engine.transaction(async (tx) => {
      const now = clock.now();
      const tasks = await lockActiveTasks(tx, ids.slice(from, from + DEVICES_AT_ONCE));
      const jobs = await findJobs(
        tx.db,
        tasks.map((task) => task.job_id),
      );
      const meant = tasks.filter(
        (task) => jobs.get(task.job_id)?.firmware_id === firmwareId && (jobId === undefined || task.job_id === jobId),
      );
      await writeTasks(
        tx,
        deps,
        meant.map((task) => canceled(task, now)),
        jobs,
      );
    });
  }
}

/**
 * Ends the strategy of a dynamic job: it finds no more devices, and the tasks that it has made go on. Other jobs have
 * none and are left as they are (openapi-ota 4.17).
 * @throws ota.jobNotFound
 */
export async function cancelStrategy(deps: CancelDeps, scope: Scope, jobId: string): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    if (!(await findJob(tx.db, scope.instanceId, jobId))) fail('ota.jobNotFound');
    const job = (await lockJob(tx, jobId)) ?? fail('ota.jobNotFound');
    if (job.selection !== 'DYNAMIC' || job.status !== 'IN_PROGRESS') return;
    const now = deps.clock.now();
    await updateJob(tx, jobId, {
      status: 'CANCELED',
      ended_at: now,
      modified_at: now,
      cursor: null,
      sweep_at: null,
      // what was canceled before this is still to be worked off
      due_at: job.cancel_states === null ? null : now,
    });
    await emitJobStatus(tx, deps, job, 'CANCELED');
  });
}
