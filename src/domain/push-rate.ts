import type { JobRow } from '../store/queries/jobs.ts';

/** What MaximumPerMinute is measured over (openapi-ota 3.2). */
const WINDOW_MS = 60_000;
/** Pushes of one second share an entry, which so counts a second too long at most. */
const STEP_MS = 1_000;

type Rated = Pick<JobRow, 'push_log' | 'maximum_per_minute'>;
/** When, in milliseconds since 1970, and how many; oldest first. */
type Entry = readonly [at: number, count: number];

const entriesSince = ({ push_log: log }: Pick<JobRow, 'push_log'>, now: number): Entry[] =>
  (JSON.parse(log) as Entry[]).filter(([at]) => at > now - WINDOW_MS);

const sum = (entries: readonly Entry[]): number => entries.reduce((total, [, count]) => total + count, 0);

/** How many devices may be told now, so that within no 60 seconds more are told than the job allows. */
export function placesLeft(job: Rated, now: number): number {
  return Math.max(0, job.maximum_per_minute - sum(entriesSince(job, now)));
}

/** When the next device may be told. */
export function nextPlaceAt(job: Rated, now: number): number {
  const entries = entriesSince(job, now);
  let standing = sum(entries);
  let next = now;
  for (const [at, count] of entries) {
    if (standing < job.maximum_per_minute) break;
    standing -= count;
    next = at + WINDOW_MS;
  }
  return next;
}

/** The log after some more pushes; at most 61 entries. */
export function logged(job: Pick<JobRow, 'push_log'>, count: number, now: number): string {
  const entries = entriesSince(job, now);
  const last = entries.at(-1);
  // the clock of another node may be ahead
  const at = Math.max(now, last?.[0] ?? 0);
  const isSameStep = last !== undefined && Math.floor(last[0] / STEP_MS) === Math.floor(at / STEP_MS);
  const entry: Entry = [at, count + (isSameStep ? last[1] : 0)];
  return JSON.stringify([...(isSameStep ? entries.slice(0, -1) : entries), entry]);
}
