import type { Db, Tx } from '../../store/engine.ts';
import {
  type Candidate,
  candidatesByGroup,
  candidatesByProduct,
  candidatesByTarget,
  countTargets,
  type JobRow,
  lockCandidatesByName,
} from '../../store/queries/jobs.ts';
import { namesWithTask } from '../../store/queries/tasks.ts';
import { isHeading } from '../../wire/name-list.ts';
import type { Deps } from '../deps.ts';
import { namesFrom } from '../name-lists.ts';
import { dynamicLook } from './dynamic-candidates.ts';
import { choose, grayCount, readPercent } from './gray.ts';
import { accepts } from './plan.ts';

/** Devices looked at in one transaction: large enough to be fast, small enough to keep the event loop and other writers going. */
const CHUNK = 1_000;
/** Devices counted in one: nothing is written for them. */
const COUNT_CHUNK = 5_000;

/** The next devices that a job may reach. */
export interface Look {
  readonly candidates: readonly Candidate[];
  /** The candidates are locked, and their versions are those that hold. */
  readonly held?: true;
  /**
   * The cursor to go on from; null when there are no more devices. Only this file knows its forms.
   * @param added how many of the candidates got a task
   */
  next(added: number): string | null;
  /** Names of its list that are no devices of the product. */
  readonly unknown?: number;
}

/**
 * Where to go on in a list: a byte of the file, with a plus where no name comes again, so that none is looked for among
 * the tasks that there are. As a number it is the same with it and without.
 */
export const listCursor = (byte: number, ascends: boolean): string => `${ascends ? '+' : ''}${byte}`;

/** What a look needs that is no row; to be had before a transaction, which does no blob I/O. */
export interface Ahead {
  /** Names of the job's list from its cursor on. */
  readonly names: readonly string[];
  /** A name of the list may have come before. */
  readonly repeats: boolean;
  readonly cursor: string | null;
}

/** Reads ahead in the list of a job. @returns undefined for a job without one */
export async function readAhead(
  deps: Pick<Deps, 'engine' | 'blobs'>,
  job: JobRow,
  cursor: string,
): Promise<Ahead | undefined> {
  if (job.list_key === null) return undefined;
  const { names, end } = await namesFrom(deps, job.list_key, Number(cursor), CHUNK);
  const ascends = cursor.startsWith('+');
  return { names, repeats: !ascends, cursor: end === undefined ? null : listCursor(end, ascends) };
}

/**
 * The next devices of a job, locked by the caller.
 * @param cursor the job's
 */
export async function look(tx: Tx, job: JobRow, cursor: string, ahead: Ahead | undefined): Promise<Look> {
  if (ahead) return listed(tx, job, ahead);
  if (job.selection === 'DYNAMIC') {
    const { candidates, cursor: after } = await dynamicLook(tx.db, job, cursor);
    return { candidates, next: () => after };
  }
  switch (job.target) {
    case 'ALL':
      return everyone(tx, job, cursor);
    case 'GRAY':
      return some(tx, job, readGrayCursor(cursor));
    case 'GROUP':
      return members(tx, job, cursor);
    case 'SPECIFIC':
      return named(tx, job, Number(cursor));
  }
}

/** A job as far as it says where its devices come from. */
type Of = Pick<JobRow, 'product_key' | 'module'>;

const common = (job: Of) => ({ productKey: job.product_key, module: job.module });

/** Some of the devices that a target means, whatever version they run. */
export interface Meant {
  readonly devices: readonly Candidate[];
  /** Devices that were looked at for it. */
  readonly looked: number;
  /** What the next page follows; null when there is none. */
  readonly after: string | null;
}

/** A page of the product's devices that ALL and GRAY mean, by name: those that connected at least once. */
export async function meantByProduct(db: Db, job: Of, after: string, limit: number): Promise<Meant> {
  const devices = await candidatesByProduct(db, { ...common(job), after, limit });
  return {
    devices: devices.filter((device) => device.active_at !== null),
    looked: devices.length,
    after: devices.length < limit ? null : (devices.at(-1)?.name ?? null),
  };
}

/** A page of the devices directly in a static group, oldest first. */
export async function meantByGroup(
  db: Db,
  job: Of & Pick<JobRow, 'group_id'>,
  after: string,
  limit: number,
): Promise<Meant> {
  const devices = await candidatesByGroup(db, { ...common(job), groupId: job.group_id ?? '', after, limit });
  return {
    devices: devices.filter((device) => device.product_key === job.product_key),
    looked: devices.length,
    after: devices.length < limit ? null : (devices.at(-1)?.id ?? null),
  };
}

/** Those of a page of the product's devices that the job accepts. */
async function pageOfProduct(tx: Tx, job: JobRow, cursor: string, limit: number) {
  const { devices, after } = await meantByProduct(tx.db, job, cursor, limit);
  return { candidates: devices.filter((device) => accepts(job, device.version)), after };
}

async function everyone(tx: Tx, job: JobRow, cursor: string): Promise<Look> {
  const { candidates, after } = await pageOfProduct(tx, job, cursor, CHUNK);
  return { candidates, next: () => after };
}

/** Devices named in the call, in the order given. */
async function named(tx: Tx, job: JobRow, from: number): Promise<Look> {
  const to = from + CHUNK;
  const candidates = await candidatesByTarget(tx.db, { ...common(job), jobId: job.id, from, to });
  const next = to < (await countTargets(tx.db, job.id)) ? String(to) : null;
  return { candidates, next: () => next };
}

async function members(tx: Tx, job: JobRow, cursor: string): Promise<Look> {
  const { devices, after } = await meantByGroup(tx.db, job, cursor, CHUNK);
  return { candidates: devices, next: () => after };
}

/** Devices of a list file, in its order; a name that comes again is passed over. */
async function listed(tx: Tx, job: JobRow, { names, repeats, cursor }: Ahead): Promise<Look> {
  const fresh = new Set(names);
  if (repeats) for (const name of await namesWithTask(tx.db, job.id, names)) fresh.delete(name);
  const found = await lockCandidatesByName(tx, { ...common(job), names: [...fresh] });
  const byName = new Map(found.map((device) => [device.name, device]));
  // one that comes again in a later chunk counts again
  const unknown = [...fresh].filter((name) => !byName.has(name) && !isHeading(name)).length;
  const candidates = [...fresh].flatMap((name) => byName.get(name) ?? []);
  return { candidates, held: true, unknown, next: () => cursor };
}

/** GRAY counts its candidates first and then chooses among them. Both go through the product by name. */
type GrayCursor = { readonly after: string } & (
  | { readonly step: 'count'; readonly counted: number }
  | {
      readonly step: 'choose';
      /** Candidates counted. */
      readonly of: number;
      /** Those still to come, and how many of them are to be chosen. */
      readonly left: number;
      readonly wanted: number;
      /** Chosen devices are met again. */
      readonly again?: true;
    }
);

const readGrayCursor = (cursor: string): GrayCursor =>
  cursor === '' ? { step: 'count', counted: 0, after: '' } : (JSON.parse(cursor) as GrayCursor);

const text = (cursor: GrayCursor): string => JSON.stringify(cursor);

async function some(tx: Tx, job: JobRow, cursor: GrayCursor): Promise<Look> {
  const percent = readPercent(job.gray_percent ?? '') ?? 0;
  if (cursor.step === 'count') {
    const { candidates, after } = await pageOfProduct(tx, job, cursor.after, COUNT_CHUNK);
    const counted = cursor.counted + candidates.length;
    const wanted = grayCount(percent, counted);
    const choosing = wanted === 0 ? null : text({ step: 'choose', of: counted, left: counted, wanted, after: '' });
    return {
      candidates: [],
      next: () => (after === null ? choosing : text({ step: 'count', counted, after })),
    };
  }
  const { candidates, after } = await pageOfProduct(tx, job, cursor.after, CHUNK);
  const names = candidates.map((device) => device.name);
  const taken = cursor.again ? await namesWithTask(tx.db, job.id, names) : new Set<string>();
  const eligible = candidates.filter((device) => !taken.has(device.name));
  return {
    candidates: choose(job.id, eligible, cursor),
    next(added) {
      const wanted = cursor.wanted - added;
      if (wanted <= 0) return null;
      const left = Math.max(0, cursor.left - eligible.length);
      if (after !== null) return text({ ...cursor, left, wanted, after });
      // devices that were counted have gone: the percentage is of those that are left
      const of = cursor.of - left;
      const made = job.task_total + added;
      const missing = grayCount(percent, of) - made;
      return missing <= 0 || of <= made
        ? null
        : text({ step: 'choose', of, left: of - made, wanted: missing, again: true, after: '' });
    },
  };
}
