import type { Tx } from '../store/engine.ts';
import type { JobRow } from '../store/queries/jobs.ts';
import { setModuleVersions } from '../store/queries/modules.ts';
import type { TaskRow } from '../store/queries/tasks.ts';
import type { DeviceMessage } from '../wire/device-messages.ts';
import { versionChangedEvent } from '../wire/event-messages.ts';
import type { Deps } from './deps.ts';
import type { Reply, Report } from './device-services.ts';
import type { EventDeps } from './events.ts';
import { type Given, give, upgrade } from './giving.ts';
import { isPushable, lockJobsOfDevices, lockTasksOfDevices, withJobsSince } from './handout.ts';
import { packageNotices } from './package-notices.ts';
import { failOrRetry, HANDED_OUT, waitsForRetry } from './retry.ts';
import { addLateTask, findLateMatches, holdLateMatch } from './rollout/late-match.ts';
import { type Changed, change, writeTasks } from './task-changes.ts';
import { isUnfinished } from './task-state.ts';

type VersionDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl' | 'limits'>;
type VersionReport = Report<Extract<DeviceMessage, { kind: 'inform' }>>;

/**
 * Version reports, one of each device, in one transaction: the only proof of success. A device that still has an update
 * before it is told again (device-protocol 3.10, 5.2).
 * @param listens whether the devices can be told anything now
 * @returns what to answer each; undefined for one of several that has to be recorded by itself, because it brings its
 * device into a dynamic job
 */
export async function recordVersions(
  deps: VersionDeps,
  reports: readonly VersionReport[],
  listens = true,
): Promise<(Reply[] | undefined)[]> {
  const outcome = await deps.engine.transaction(async (tx) => {
    const matches = await findLateMatches(tx.db, reports);
    const [only] = reports.length === 1 ? reports : [];
    const joins = only && matches.get(only.device.deviceId);
    const recorded = joins ? reports : reports.filter(({ device }) => !matches.has(device.deviceId));
    return { recorded: new Set(recorded), given: await record(tx, deps, recorded, { joins, listens }) };
  });
  const answers = await replies(deps, outcome.given);
  return reports.map((report) =>
    outcome.recorded.has(report) ? (answers.get(report.device.deviceId) ?? []) : undefined,
  );
}

/** @param joins the dynamic job that the report, which is the only one, brings its device into */
async function record(
  tx: Tx,
  deps: EventDeps,
  reports: readonly VersionReport[],
  { joins, listens }: { readonly joins: JobRow | undefined; readonly listens: boolean },
): Promise<Given[]> {
  const [first] = reports;
  if (!first) return [];
  const now = deps.clock.now();
  const deviceIds = reports.map(({ device }) => device.deviceId);
  const held = await lockJobsOfDevices(tx, deviceIds, joins ? [joins.id] : []);
  const joined =
    joins && (await holdLateMatch(tx, first.device, first.message.module)) ? held.jobs.get(joins.id) : undefined;
  const rows = reports.map(({ device, message: { module, version } }) => ({
    device_id: device.deviceId,
    module,
    version,
    reported_at: now,
  }));
  const changed = await setModuleVersions(tx.db, rows);
  // a task made since the jobs were looked for was made for the version before, and such a report is about it, too
  const jobs = await withJobsSince(tx, [...changed], held.jobs);
  const tasks = await lockTasksOfDevices(tx, deviceIds, jobs);
  const byDevice = Map.groupBy(tasks, (task) => task.device_id);
  const heard = reports.map(({ device, message: { module, version } }) => {
    const isNew = changed.has(device.deviceId);
    const task = byDevice.get(device.deviceId)?.find((candidate) => candidate.active_module === module);
    const job = task && jobs.get(task.job_id);
    const ended = task && job && verdict(task, job, { version, isNew }, now);
    const news = isNew ? [versionChangedEvent(device, { module, version }, now)] : [];
    return { version, task, job, ended, news };
  });
  const news = { changes: heard.map(({ ended }) => ended), said: heard.flatMap((one) => one.news) };
  // what has ended makes room for the new task; of others it is written with what is handed out
  if (joined) await writeTasks(tx, deps, news.changes, jobs, news.said);
  const gone = new Set(heard.flatMap(({ task, ended }) => (ended && !isUnfinished(ended.task.status) ? [task] : [])));
  const unended = tasks.filter((task) => !gone.has(task));
  const reported = { version: first.message.version, isNew: changed.has(first.device.deviceId) };
  // a task of a dynamic job is pushed as any other that is made, and may have taken the place of the one there was
  const left = new Set(
    joined ? await addLateTask(tx, deps, joined, first.device, { ...reported, active: unended }) : unended,
  );
  const again = heard.flatMap(({ version, task, job, ended }) => {
    // who has just made a task rings for it, and counts its push with the job locked
    if (!task || !job || ended || !left.has(task) || !held.jobs.has(job.id)) return [];
    // a differential package is of no use to a device at another version
    if (job.is_diff && version !== job.src_version) return [];
    return listens && isPushable(task, job, now, 'all') ? [task] : [];
  });
  return give(tx, deps, again, { ...held, jobs }, now, joined ? undefined : news);
}

async function replies(deps: VersionDeps, given: readonly Given[]): Promise<ReadonlyMap<string, Reply[]>> {
  const notices = await packageNotices(
    deps,
    given.map(({ job }) => job),
  );
  const answers = given.flatMap(({ task, job }) => {
    const notice = notices.get(job.id);
    return notice ? [{ deviceId: task.device_id, reply: upgrade(deps, task, notice) }] : [];
  });
  return new Map(answers.map(({ deviceId, reply }) => [deviceId, [reply]]));
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
    return failOrRetry(task, job, { cause: 'VERSION', text: 'report version is not conform' }, now);
  }
  return undefined;
}
