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

/** The samples that are still looked back upon, with a new one. Re-upgraded tasks are open again: then it begins anew. */
export function addSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && next.ended < last.ended) return [next];
  return [...samples.filter(({ at }) => at > next.at - WINDOW_MS), next];
}

/**
 * @param open tasks that are not over
 * @returns undefined while too little was seen
 */
export function paceOf(samples: readonly Sample[], open: number): Pace | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < LEAST_MS) return undefined;
  const perMs = (last.ended - first.ended) / (last.at - first.at);
  return { perMinute: perMs * 60_000, left: perMs > 0 ? open / perMs : undefined };
}
