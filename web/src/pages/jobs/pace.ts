import type { AnswerOf } from '../../api/client.ts';

type Point = AnswerOf<'QueryOTAHistory'>['Data']['Points']['HistoryPoint'][number];

/** How many tasks of a job were over at a moment. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly ended: number;
}

export interface Pace {
  /** Tasks that end in a minute. */
  readonly perMinute: number;
  /** Milliseconds until the last of the open tasks ends, if it goes on like this; undefined while nothing ends. */
  readonly left: number | undefined;
}

/** What is looked back upon: long enough to even out bursts, short enough to show that a job stalls. */
const WINDOW_MS = 180_000;
/** Fewer seconds say nothing. */
const LEAST_MS = 8_000;
/** So long a look says more than what the server noted by the minute. */
const ENOUGH_MS = 60_000;

/** The samples that are still looked back upon, with a new one. Re-upgraded tasks are open again: then it begins anew. */
export function addSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && next.ended < last.ended) return [next];
  return [...samples.filter(({ at }) => at > next.at - WINDOW_MS), next];
}

const paceFrom = (ended: number, ms: number, open: number): Pace => ({
  perMinute: (ended / ms) * 60_000,
  left: ended > 0 ? (open * ms) / ended : undefined,
});

/**
 * @param open tasks that are not over
 * @returns undefined while too little was seen
 */
export function paceOf(samples: readonly Sample[], open: number): Pace | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < LEAST_MS) return undefined;
  return paceFrom(last.ended - first.ended, last.at - first.at, open);
}

/**
 * Whether the push rate may be what tasks wait for: since the start of the job not all of them could be told.
 * @param perMinute undefined if the job has no such rate
 * @param ms since the start
 */
export const isHeldByRate = (total: number, perMinute: number | undefined, ms: number): boolean =>
  perMinute !== undefined && total > perMinute * (Math.floor(ms / 60_000) + 1);

interface Noted {
  /** Of the job, the last hour in points of some minutes. */
  readonly points: readonly Point[];
  /** When they were told, and when the job began, in milliseconds. */
  readonly at: number;
  readonly startedAt: number;
}

/** The pace that the server noted of the last minutes: known at once, also when the page is loaded anew. */
export function paceNoted({ points, at, startedAt }: Noted, open: number): Pace | undefined {
  const last = points.slice(-2);
  const from = Math.max(startedAt, Date.parse(last[0]?.UtcTime ?? ''));
  // also without any points
  if (!(at - from >= LEAST_MS)) return undefined;
  const ended = last.reduce((sum, { Succeeded, Failed, Canceled }) => sum + Succeeded + Failed + Canceled, 0);
  return paceFrom(ended, at - from, open);
}

/** What was noted until enough was seen. What has only begun is not noted yet. */
export function bestPace(samples: readonly Sample[], noted: Noted | undefined, open: number): Pace | undefined {
  const seen = paceOf(samples, open);
  const isEnough = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0) >= ENOUGH_MS;
  const before = isEnough || !noted ? undefined : paceNoted(noted, open);
  return before && before.perMinute > 0 ? before : seen;
}
