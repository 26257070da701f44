import { findJobs, type JobRow } from '../store/queries/jobs.ts';
import { lockActiveTasks } from '../store/queries/tasks.ts';
import { DEFAULT_MODULE, type DeviceMessage } from '../wire/device-messages.ts';
import { isBeingCanceled } from './cancellation.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef, DeviceServices, Push, Reply, Report } from './device-services.ts';
import { type Given, give, upgrade } from './giving.ts';
import { isPullable, isPushable, lockForHandout } from './handout.ts';
import { createLane } from './lane.ts';
import { packageNotices } from './package-notices.ts';
import { recordProgress } from './progress-reports.ts';
import { change, writeTasks } from './task-changes.ts';
import { taskId } from './task-id.ts';
import { recordVersions } from './version-reports.ts';

type Said<Kind extends DeviceMessage['kind']> = Extract<DeviceMessage, { kind: Kind }>;
type DeliveryDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl' | 'limits'>;

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

/** Records what devices say, durably, and answers them. Reports of many devices share transactions. */
export function createReporter(deps: DeliveryDeps): DeviceServices['report'] {
  const keyOf = ({ device }: Report) => device.deviceId;
  const recordVersion = createLane<Report<Said<'inform'>>, Reply[]>({
    keyOf,
    work: (reports) => recordVersions(deps, reports),
  });
  const recordStep = createLane<Report<Said<'progress'>>, Reply[]>({
    keyOf,
    async work(reports) {
      await recordProgress(deps, reports);
      return reports.map(() => []);
    },
  });
  return (device, message) => {
    switch (message.kind) {
      case 'inform':
        return recordVersion({ device, message });
      case 'progress':
        return recordStep({ device, message });
      case 'get':
        return answerGet(deps, device, message);
      case 'request':
        return answerRequest(deps, device);
      case 'other':
        return Promise.resolve([]);
    }
  };
}

/**
 * Records what a device said where nothing can be told it: a question has no answer there and changes nothing
 * (device-protocol 7).
 */
export async function recordUplink(deps: DeliveryDeps, device: DeviceRef, message: DeviceMessage): Promise<void> {
  if (message.kind === 'inform') await recordVersions(deps, [{ device, message }], false);
  if (message.kind === 'progress') await recordProgress(deps, [{ device, message }]);
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
