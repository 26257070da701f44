import type { FailureCause } from '../contract/failure-causes.ts';
import type { Clock } from '../lib/clock.ts';
import type { OutcomeCount } from '../lib/meters.ts';
import {
  addToHistory,
  deleteOldestHistory,
  type HistoryFilter,
  ownersOfJobs,
  sumHistory,
} from '../store/queries/task-history.ts';
import type { TaskOutcome } from '../store/schema.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isOpaqueId, isProductKey } from './names.ts';

/*
 * How many tasks came into which state when: a statistic for those who watch, no record. Each node adds up what it has
 * committed and writes it down every few seconds under its own name, so that no two nodes wait for one row; a node
 * that is killed loses what it has not written (ADR 0029).
 */

const MINUTE = 60_000;
const BUCKET_MS = 5 * MINUTE;
const DAY_MS = 24 * 60 * MINUTE;
/** A week, and the part of a day that its first bucket may reach further back. */
const KEPT_MS = 8 * DAY_MS;

interface Counted extends OutcomeCount {
  /** When the bucket begins. */
  readonly at: number;
}

/** What a node has committed and not yet written down. */
export interface Transitions {
  count(outcome: OutcomeCount): void;
  /** All of it, which is the caller's from here on. */
  take(): Counted[];
  /** Takes back what could not be written. */
  giveBack(counted: readonly Counted[]): void;
}

export function createTransitions(clock: Pick<Clock, 'now'>): Transitions {
  let sums = new Map<string, Counted>();
  const add = (one: Counted) => {
    const key = `${one.at} ${one.jobId} ${one.outcome} ${one.cause}`;
    const before = sums.get(key)?.count ?? 0;
    sums.set(key, { ...one, count: before + one.count });
  };
  return {
    count: (outcome) => add({ ...outcome, at: Math.floor(clock.now() / BUCKET_MS) * BUCKET_MS }),
    take() {
      const taken = [...sums.values()];
      sums = new Map();
      return taken;
    },
    giveBack: (counted) => counted.forEach(add),
  };
}

/** Writes down what has been counted since the last time. */
export async function writeHistory(
  { engine }: Pick<Deps, 'engine'>,
  transitions: Transitions,
  nodeId: string,
): Promise<void> {
  const counted = transitions.take();
  if (counted.length === 0) return;
  try {
    const jobIds = [...new Set(counted.map(({ jobId }) => jobId))];
    await engine.transaction(async ({ db }) => {
      const owners = new Map((await ownersOfJobs(db, jobIds)).map((job) => [job.id, job]));
      const rows = counted.flatMap(({ at, jobId, outcome, cause, count }) => {
        const job = owners.get(jobId);
        return job
          ? [
              {
                instance_id: job.instance_id,
                at,
                job_id: jobId,
                outcome,
                cause,
                node_id: nodeId,
                product_key: job.product_key,
                count,
              },
            ]
          : [];
      });
      await addToHistory(db, rows);
    });
  } catch (error) {
    transitions.giveBack(counted);
    throw error;
  }
}

/** Deletes what is too old to be shown. @param renew is called between two steps */
export async function forgetOldHistory(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  renew: () => Promise<unknown>,
): Promise<void> {
  const before = clock.now() - KEPT_MS;
  while (await engine.transaction((tx) => deleteOldestHistory(tx.db, before))) await renew();
}

/** How far back a history goes, and how long its points are. */
const periods = {
  HOUR: { points: 12, pointMs: BUCKET_MS },
  DAY: { points: 96, pointMs: 15 * MINUTE },
  WEEK: { points: 84, pointMs: 120 * MINUTE },
} as const;

const isPeriod = (text: string): text is keyof typeof periods => Object.hasOwn(periods, text);

export type OutcomeCounts = Readonly<Record<TaskOutcome, number>>;

export interface History {
  readonly pointMs: number;
  /** The last one holds the present. */
  readonly points: readonly (OutcomeCounts & { readonly at: number })[];
  readonly totals: OutcomeCounts;
  /** The most frequent first. */
  readonly causes: readonly (readonly [cause: FailureCause, count: number])[];
}

const none: OutcomeCounts = { NOTIFIED: 0, SUCCEEDED: 0, FAILED: 0, CANCELED: 0 };

/**
 * How many tasks came into which state in the last hour, day or week, of an instance, a product or a job.
 * @throws common.invalidParameter
 */
export async function queryHistory(
  { engine, clock, figures }: Pick<Deps, 'engine' | 'clock' | 'figures'>,
  scope: Scope,
  { period, ...filter }: HistoryFilter & { readonly period: string },
): Promise<History> {
  if (!isPeriod(period)) return fail('common.invalidParameter', { Parameter: 'Period' });
  const { points: number, pointMs } = periods[period];
  const from = (Math.floor(clock.now() / pointMs) - number + 1) * pointMs;
  const points = Array.from({ length: number }, (_, index) => ({ ...none, at: from + index * pointMs }));
  const causes = new Map<FailureCause, number>();
  const totals = { ...none };
  const key = `history ${scope.instanceId} ${period} ${filter.productKey ?? ''} ${filter.jobId ?? ''}`;
  const rows = isPossible(filter)
    ? await figures.remember(key, () => read({ engine }, scope, { from, to: from + number * pointMs }, filter))
    : [];
  for (const { at, outcome, cause, count } of rows) {
    const point = points[Math.floor((at - from) / pointMs)];
    if (!point) continue;
    point[outcome] += count;
    totals[outcome] += count;
    if (outcome === 'FAILED') causes.set(cause as FailureCause, (causes.get(cause as FailureCause) ?? 0) + count);
  }
  return { pointMs, points, totals, causes: [...causes].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)) };
}

/** What can be no id is as unknown as any other. */
const isPossible = ({ productKey, jobId }: HistoryFilter) =>
  (productKey === undefined || isProductKey(productKey)) && (jobId === undefined || isOpaqueId(jobId));

/** A day at a time, so that no statement is long. */
async function read(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  { from, to }: { readonly from: number; readonly to: number },
  filter: HistoryFilter,
) {
  const rows = [];
  for (let day = from; day < to; day += DAY_MS) {
    const span = { from: day, to: Math.min(day + DAY_MS, to) };
    rows.push(...(await sumHistory(engine.read, scope.instanceId, span, filter)));
  }
  return rows;
}
