import type { Tx } from '../store/engine.ts';
import { findJobHeard, findJobs, type JobRow } from '../store/queries/jobs.ts';
import { setModuleVersion } from '../store/queries/modules.ts';
import { lockActiveTasks, type TaskRow } from '../store/queries/tasks.ts';
import { DEFAULT_MODULE, type DeviceMessage, type PackageNotice } from '../wire/device-messages.ts';
import { taskProgressEvent, versionChangedEvent } from '../wire/event-messages.ts';
import { isBeingCanceled } from './cancellation.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef, Push, Reply } from './device-services.ts';
import {
  type HeldJobs,
  handOut,
  isPullable,
  isPushable,
  lockForHandout,
  lockJobsOfDevices,
  lockTasksOfDevices,
  withJobsSince,
} from './handout.ts';
import { runsTasks } from './job-state.ts';
import { packageNotices } from './package-notices.ts';
import { failOrRetry, HANDED_OUT, timeoutAt, waitsForRetry } from './retry.ts';
import { addLateTask, findLateMatch, holdLateMatch } from './rollout/late-match.ts';
import { type Changed, change, clip, eventTask, writeTasks } from './task-changes.ts';
import { taskId } from './task-id.ts';
import { isUnfinished } from './task-state.ts';

type DeliveryDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl' | 'limits'>;

interface Given {
  readonly task: TaskRow;
  readonly job: JobRow;
}

/** What each device is to be told now; QUEUED tasks become NOTIFIED in the same transaction (device-protocol 3.10). */
export async function claimPushes(
  deps: DeliveryDeps,
  devices: readonly DeviceRef[],
  scope: 'fresh' | 'all',
): Promise<Push[]> {
  const byId = new Map(devices.map((device) => [device.deviceId, device]));
  const given = await deps.engine.transaction(async (tx) => {
    const held = await lockForHandout(tx, [...byId.keys()]);
    const now = deps.clock.now();
    const pushable = held.tasks.filter((task) => isPushable(task, held.jobs.get(task.job_id) as JobRow, now, scope));
    return give(tx, deps, pushable, held, now);
  });
  const notices = await packageNotices(
    deps,
    given.map(({ job }) => job),
  );
  return given.flatMap(({ task, job }) => {
    const device = byId.get(task.device_id);
    const notice = notices.get(job.id);
    return device && notice ? [{ device, ...upgrade(deps, task, notice) }] : [];
  });
}

async function give(
  tx: Tx,
  deps: DeliveryDeps,
  tasks: readonly TaskRow[],
  held: HeldJobs,
  now: number,
): Promise<Given[]> {
  const { given, changes } = await handOut(tx, tasks, held, now);
  await writeTasks(tx, deps, changes, held.jobs);
  return given.map((task) => ({ task, job: held.jobs.get(task.job_id) as JobRow }));
}

function upgrade({ clock }: Pick<Deps, 'clock'>, task: TaskRow, notice: PackageNotice) {
  return {
    taskId: taskId(task.job_id, task.seq),
    notice: { kind: 'upgrade', messageId: clock.now(), package: notice } as const,
    // the row as it was before it was handed out
    ...(task.status === 'QUEUED' ? { fresh: true } : {}),
  };
}

/** Records what a device said, durably, and returns what to answer it. */
export async function recordReport(deps: DeliveryDeps, device: DeviceRef, message: DeviceMessage): Promise<Reply[]> {
  switch (message.kind) {
    case 'inform':
      return recordInform(deps, device, message);
    case 'progress':
      await recordProgress(deps, device, message);
      return [];
    case 'get':
      return answerGet(deps, device, message);
    case 'request':
      return answerRequest(deps, device);
    case 'other':
      return [];
  }
}

/**
 * Records what a device said where nothing can be told it: a question has no answer there and changes nothing
 * (device-protocol 7).
 */
export async function recordUplink(deps: DeliveryDeps, device: DeviceRef, message: DeviceMessage): Promise<void> {
  if (message.kind === 'inform') await recordInform(deps, device, message, false);
  if (message.kind === 'progress') await recordProgress(deps, device, message);
}

/**
 * A version report: the only proof of success. A device that still has an update before it is told again
 * (device-protocol 3.10, 5.2).
 * @param listens whether the device can be told anything now
 */
async function recordInform(
  deps: DeliveryDeps,
  device: DeviceRef,
  { module, version }: Extract<DeviceMessage, { kind: 'inform' }>,
  listens = true,
): Promise<Reply[]> {
  const given = await deps.engine.transaction(async (tx) => {
    const now = deps.clock.now();
    const match = await findLateMatch(tx.db, device, { module, version });
    const held = await lockJobsOfDevices(tx, [device.deviceId], match ? [match.id] : []);
    const matched = match && (await holdLateMatch(tx, device, module)) ? held.jobs.get(match.id) : undefined;
    const isNew = await setModuleVersion(tx.db, { device_id: device.deviceId, module, version, reported_at: now });
    // a task made since the jobs were looked for was made for the version before, and this report is about it, too
    const jobs = isNew ? await withJobsSince(tx, device.deviceId, held.jobs) : held.jobs;
    const tasks = await lockTasksOfDevices(tx, [device.deviceId], jobs);
    const task = tasks.find((candidate) => candidate.active_module === module);
    const job = task && jobs.get(task.job_id);
    const ended = task && job && verdict(task, job, { version, isNew }, now);
    await writeTasks(tx, deps, [ended], jobs, isNew ? [versionChangedEvent(device, { module, version }, now)] : []);
    const unended = ended && !isUnfinished(ended.task.status) ? tasks.filter((other) => other !== task) : tasks;
    // a task of a dynamic job is pushed as any other that is made, and may have taken the place of the one there was
    const left = matched ? await addLateTask(tx, deps, matched, device, { version, isNew, active: unended }) : unended;
    // who has just made a task rings for it, and counts its push with the job locked
    if (!task || !job || ended || !left.includes(task) || !held.jobs.has(job.id)) return [];
    // a differential package is of no use to a device at another version
    if (job.is_diff && version !== job.src_version) return [];
    return listens && isPushable(task, job, now, 'all') ? give(tx, deps, [task], held, now) : [];
  });
  return replies(deps, given);
}

/** What a version report means for the device's task: success, failure, or nothing. */
function verdict(
  task: TaskRow,
  job: JobRow,
  { version, isNew }: { readonly version: string; readonly isNew: boolean },
  now: number,
): Changed | undefined {
  if (version === job.dest_version) return change(task, 'arrived', now, { description: '', progress: 100 });
  // a third version is a failure only once the update has begun; older texts were stricter (openapi-ota 6.7).
  // Where the source is unknown, because the device reported none before the task was made, any version may be it
  if (task.status === 'IN_PROGRESS' && task.src_version !== '' && version !== task.src_version) {
    // where the repeated attempt starts from: a C device says so twice within 10 ms of connecting (device-protocol 3.10)
    const isStart = task.retry_at === HANDED_OUT && !isNew;
    if (isStart || waitsForRetry(task)) return undefined;
    return failOrRetry(task, job, 'report version is not conform', now);
  }
  return undefined;
}

/** Texts for a failure that the device did not explain (device-protocol 3.5). */
const failureTexts: Readonly<Record<number, string>> = {
  [-1]: 'update failed',
  [-2]: 'download failed',
  [-3]: 'verification failed',
  [-4]: 'flashing failed',
};

async function recordProgress(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  device: DeviceRef,
  { module, step, description }: Extract<DeviceMessage, { kind: 'progress' }>,
): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    const tasks = await lockActiveTasks(tx, [device.deviceId]);
    const task = tasks.find((candidate) => candidate.active_module === module);
    const found = task && (await findJobHeard(tx.db, task.job_id, 'ota.task.progress'));
    if (!task || !found || !runsTasks(found.job) || isBeingCanceled(found.job, task)) return;
    const { job, heard } = found;
    const now = deps.clock.now();
    const changed =
      step < 0
        ? !waitsForRetry(task) && failOrRetry(task, job, description || (failureTexts[step] ?? ''), now)
        : progressed(task, job, step, description, now);
    if (!changed) return;
    const said = heard ? [taskProgressEvent(eventTask(task, job), step, clip(description), now)] : [];
    await writeTasks(tx, deps, [changed], new Map([[job.id, job]]), said);
  });
}

function progressed(task: TaskRow, job: JobRow, step: number, description: string, now: number): Changed | undefined {
  const firstProgressAt = task.first_progress_at ?? now;
  return change(task, 'progressed', now, {
    progress: step,
    description: clip(description),
    first_progress_at: firstProgressAt,
    // a report that an attempt goes on calls off a waiting retry
    retry_at: null,
    due_at: timeoutAt({ ...task, first_progress_at: firstProgressAt }, job),
  });
}

/** The device asks for its package (device-protocol 3.6). */
async function answerGet(
  deps: DeliveryDeps,
  device: DeviceRef,
  { id, module }: Extract<DeviceMessage, { kind: 'get' }>,
): Promise<Reply[]> {
  const [given] = await pull(deps, device, module ?? DEFAULT_MODULE);
  if (!given) return [{ notice: { kind: 'getReply', id, package: undefined } }];
  const notice = (await packageNotices(deps, [given.job])).get(given.job.id);
  return [{ taskId: taskId(given.task.job_id, given.task.seq), notice: { kind: 'getReply', id, package: notice } }];
}

/** The legacy question; without a package the answer is silence (device-protocol 3.7). */
async function answerRequest(deps: DeliveryDeps, device: DeviceRef): Promise<Reply[]> {
  const [given] = await pull(deps, device, DEFAULT_MODULE);
  const notice = given && (await packageNotices(deps, [given.job])).get(given.job.id);
  if (!given || !notice) return [];
  const messageId = deps.clock.now();
  return [
    { taskId: taskId(given.task.job_id, given.task.seq), notice: { kind: 'requestReply', messageId, package: notice } },
  ];
}

/** Hands out what a device asks for. A pull is not a push: MaximumPerMinute does not hold it back. */
async function pull(deps: DeliveryDeps, device: DeviceRef, module: string): Promise<Given[]> {
  return deps.engine.transaction(async (tx) => {
    const tasks = await lockActiveTasks(tx, [device.deviceId]);
    const jobs = await findJobs(
      tx.db,
      tasks.map((task) => task.job_id),
    );
    const task = tasks.find((candidate) => candidate.active_module === module);
    const job = task && jobs.get(task.job_id);
    if (!task || !job || isBeingCanceled(job, task) || !isPullable(task, job)) return [];
    if (task.status === 'QUEUED') {
      await writeTasks(tx, deps, [change(task, 'notified', deps.clock.now(), { retry_at: null, due_at: null })]);
    }
    return [{ task, job }];
  });
}

async function replies(deps: DeliveryDeps, given: readonly Given[]): Promise<Reply[]> {
  const notices = await packageNotices(
    deps,
    given.map(({ job }) => job),
  );
  return given.flatMap(({ task, job }) => {
    const notice = notices.get(job.id);
    return notice ? [upgrade(deps, task, notice)] : [];
  });
}
