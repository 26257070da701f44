import type { Db } from '../../store/engine.ts';
import { type Candidate, connectedAmong, findJobs, type JobRow } from '../../store/queries/jobs.ts';
import { activeTasks, type TaskRow } from '../../store/queries/tasks.ts';
import { settle } from './materialise.ts';
import { accepts } from './plan.ts';

/** What decides which devices a job reaches and what becomes of those that are busy. */
export type JobRules = Pick<
  JobRow,
  | 'id'
  | 'firmware_id'
  | 'product_key'
  | 'module'
  | 'dest_version'
  | 'src_version'
  | 'is_diff'
  | 'src_versions'
  | 'overwrite_mode'
  | 'multi_module'
>;

/** Some of the devices that a target means, whatever version they run. */
export interface Slice {
  readonly devices: readonly Candidate[];
  /** So many devices or names were looked at for it. */
  readonly looked: number;
  /** Of those looked at, devices that are not meant since they have never connected. */
  readonly inactive?: number;
  /** Names that are no devices of the product. */
  readonly unknown?: readonly string[];
}

/** Numbers of devices, except where it says otherwise. */
export interface Survey {
  /** Devices or names that were looked at. */
  readonly looked: number;
  /** Whether these are all. */
  readonly isWhole: boolean;
  /** Would get a task. */
  readonly hit: number;
  /** Of those hit: have an unfinished task that the job may not replace; their tasks would fail at once. */
  readonly busy: number;
  /** Those hit and not busy by the version that they run; empty for those that reported none. */
  readonly versions: ReadonlyMap<string, number>;
  /** Of those hit and not busy: connected now. */
  readonly online: number;
  /** Of those hit: have an unfinished task that the job would replace. */
  readonly replaced: number;
  /** Are passed over, since they run the version of the package. */
  readonly arrived: number;
  /** Are passed over, since they run another version than the job or a differential package is for. */
  readonly unfit: number;
  /** Are passed over, since they have never connected. */
  readonly inactive: number;
  readonly unknown: number;
  /** Of those hit and not busy. */
  readonly sample: readonly string[];
  readonly unknownSample: readonly string[];
}

/** Names shown. */
const SAMPLE = 20;

/**
 * Looks at devices as materialising would, and changes nothing.
 * @param isOver asked after each slice: whether it is time to stop
 */
export async function survey(
  db: Db,
  job: JobRules,
  slices: AsyncIterable<Slice>,
  { now, isOver }: { readonly now: number; readonly isOver: (looked: number) => boolean },
): Promise<Survey> {
  const sum = { looked: 0, hit: 0, online: 0, busy: 0, replaced: 0, arrived: 0, unfit: 0, inactive: 0, unknown: 0 };
  const versions = new Map<string, number>();
  const sample: string[] = [];
  const unknownSample: string[] = [];
  let isWhole = true;
  for await (const { devices, looked, inactive = 0, unknown = [] } of slices) {
    // there is more, and no more time
    if (isOver(sum.looked)) {
      isWhole = false;
      break;
    }
    const wanted = devices.filter((device) => accepts(job, device.version));
    const arrived = devices.filter((device) => device.version === job.dest_version).length;
    sum.looked += looked;
    sum.hit += wanted.length;
    sum.arrived += arrived;
    sum.unfit += devices.length - wanted.length - arrived;
    sum.inactive += inactive;
    sum.unknown += unknown.length;
    unknownSample.push(...unknown.slice(0, SAMPLE - unknownSample.length));
    const rivals = await rivalsOf(
      db,
      job,
      wanted.map((device) => device.id),
      now,
    );
    sum.busy += rivals.busy.size;
    sum.replaced += rivals.replaced;
    const served = wanted.filter((device) => !rivals.busy.has(device.id));
    for (const { version } of served) versions.set(version ?? '', (versions.get(version ?? '') ?? 0) + 1);
    sample.push(...served.slice(0, SAMPLE - sample.length).map((device) => device.name));
    const online = await connectedAmong(
      db,
      served.map((device) => device.id),
    );
    sum.online += online.length;
  }
  return { ...sum, isWhole, versions, sample, unknownSample };
}

/** Which of the devices have unfinished tasks that stand against the job, and how many have some that would make way for it. */
async function rivalsOf(db: Db, job: JobRules, ids: readonly string[], now: number) {
  const tasks = await activeTasks(db, ids);
  const jobs = await findJobs(
    db,
    tasks.map((task) => task.job_id),
  );
  const byDevice = Map.groupBy(tasks, (task: TaskRow) => task.device_id);
  const settled = [...byDevice].map(([id, active]) => ({ id, ...settle(job, active, jobs, now) }));
  return {
    busy: new Set(settled.filter(({ refused }) => refused).map(({ id }) => id)),
    replaced: settled.filter(({ replaced }) => replaced.length > 0).length,
  };
}
