import type { Db, Tx } from '../../store/engine.ts';
import { countTasksOfDevices } from '../../store/queries/dynamic-jobs.ts';
import { type JobRow, lockCandidates, updateJob } from '../../store/queries/jobs.ts';
import { findModuleVersion } from '../../store/queries/modules.ts';
import { searchedDevice } from '../../store/queries/searched-devices.ts';
import { activeTasks, type TaskRow } from '../../store/queries/tasks.ts';
import type { DeviceRef } from '../device-services.ts';
import type { EventDeps } from '../events.ts';
import { addTasks } from './materialise.ts';
import { accepts } from './plan.ts';
import { newestMatch, type Strategy, strategiesFor } from './strategies.ts';

/** Tasks that a dynamic job by versions gives one device (openapi-ota 6.5). */
const MOST_MATCHES = 10;

interface Report {
  readonly device: DeviceRef;
  readonly message: { readonly module: string; readonly version: string };
}

/**
 * The dynamic jobs that version reports bring their devices into, by device: looked for before anything is locked or
 * written. Where a product has no such job that is one look-up for all of its devices.
 */
export async function findLateMatches(db: Db, reports: readonly Report[]): Promise<ReadonlyMap<string, JobRow>> {
  const matches = new Map<string, JobRow>();
  for (const [, alike] of Map.groupBy(reports, ({ device, message }) => `${device.productKey} ${message.module}`)) {
    const [first] = alike;
    const strategies = first ? await strategiesFor(db, first.device.productKey, first.message.module) : [];
    if (strategies.length === 0) continue;
    for (const report of alike) {
      const match = await findLateMatch(db, report, strategies);
      if (match) matches.set(report.device.deviceId, match);
    }
  }
  return matches;
}

/**
 * A version that the device had before brings it into a job only if the job has a rule that finds it since: then the
 * device gets its first task of the job.
 */
async function findLateMatch(
  db: Db,
  { device, message: { module, version } }: Report,
  strategies: readonly Strategy[],
): Promise<JobRow | undefined> {
  const before = await findModuleVersion(db, device.deviceId, module);
  const isNew = before !== version;
  if (!isNew && !strategies.some(({ search }) => search)) return undefined;
  const known = strategies.some(({ search }) => search) ? await searchedDevice(db, device.deviceId) : undefined;
  const searched = known && {
    ...known,
    module: [...known.module.filter(({ name }) => name !== module), { name: module, value: version }],
  };
  const match = newestMatch(strategies, version, searched);
  if (!match) return undefined;
  const { job, search } = match;
  // a group's job of mode 1 gives one that it has come to find its first task, and is looked for no further
  if (!isNew && !(search && job.dynamic_mode === 1)) return undefined;
  return (await hasPlace(db, job, device, isNew)) ? job : undefined;
}

/** May the device get one more task of the job? */
async function hasPlace(db: Db, job: JobRow, device: DeviceRef, isNew: boolean): Promise<boolean> {
  const given = (await countTasksOfDevices(db, job.id, [device.deviceName])).get(device.deviceId) ?? 0;
  if (isNew) return job.group_id !== null || given < MOST_MATCHES;
  return given === 0;
}

/**
 * Holds a device that a report may bring into a job, as materialisation does: after the job, before its tasks.
 * @returns false when it was deleted meanwhile
 */
export async function holdLateMatch(tx: Tx, device: DeviceRef, module: string): Promise<boolean> {
  return (await lockCandidates(tx, [device.deviceId], module)).has(device.deviceId);
}

/**
 * Gives the device its task.
 * @param job the row, locked after it was found to match
 * @param active unfinished tasks of the device, locked
 * @returns the unfinished tasks that the device still has beside it
 */
export async function addLateTask(
  tx: Tx,
  deps: EventDeps,
  job: JobRow,
  device: DeviceRef,
  {
    version,
    isNew,
    active,
  }: { readonly version: string; readonly isNew: boolean; readonly active: readonly TaskRow[] },
): Promise<readonly TaskRow[]> {
  // ended, or given other versions, while its lock was waited for; or the device is at it
  if (job.status !== 'IN_PROGRESS' || !accepts(job, version)) return active;
  if (active.some((task) => task.job_id === job.id)) return active;
  // a look at all devices may have given it one meanwhile, which has ended already
  if (!(await hasPlace(tx.db, job, device, isNew))) return active;
  const candidate = { id: device.deviceId, name: device.deviceName, version };
  const added = await addTasks(tx, deps, job, [candidate]);
  await updateJob(tx, job.id, { task_total: job.task_total + added });
  const left = await activeTasks(tx.db, [device.deviceId]);
  return active.filter((task) => left.some((one) => one.job_id === task.job_id && one.seq === task.seq));
}
