import { base62, parseBase62 } from '../lib/ids.ts';

const SEQ_DIGITS = 6;
/** Six digits say more than an ordinal can be, and than its column takes. */
const MOST_SEQ = 2 ** 31 - 1;

/** The public id of a task is its job's id and its ordinal there, so it needs no index of its own. */
export function taskId(jobId: string, seq: number): string {
  return jobId + base62(seq, SEQ_DIGITS);
}

/** The task named by a public id; undefined when it cannot be one. */
export function parseTaskId(id: string): { readonly jobId: string; readonly seq: number } | undefined {
  if (id.length <= SEQ_DIGITS) return undefined;
  const seq = parseBase62(id.slice(-SEQ_DIGITS));
  return seq === undefined || seq > MOST_SEQ ? undefined : { jobId: id.slice(0, -SEQ_DIGITS), seq };
}
