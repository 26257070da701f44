import type { Tx } from '../store/engine.ts';
import { type JobRow, lockJob, updateJob } from '../store/queries/jobs.ts';
import { lockTasks, seqsInStatus, type TaskRow } from '../store/queries/tasks.ts';
import type { TaskStatus } from '../store/schema.ts';
import type { Deps } from './deps.ts';
import type { EventDeps } from './events.ts';
import { type Changed, change, writeTasks } from './task-changes.ts';
import { initialStatus, unfinishedStatuses } from './task-state.ts';

/** Tasks canceled in one transaction. */
const CHUNK = 500;

/** Which tasks of a job are to be canceled. */
export interface Cancellation {
  /**
   * The states meant. In each, tasks from an ordinal on are left alone; null for none, so that those not made yet are
   * canceled too.
   */
  readonly states: ReadonlyMap<TaskStatus, number | null>;
  /** What is written into the tasks: why. */
  readonly text: string;
}

type CanceledJob = Pick<JobRow, 'cancel_states' | 'cancel_before' | 'cancel_text'>;

export const CANCELED_TEXT = 'canceled on request';

/** An entry of `cancel_states`: a state up to `cancel_before`, or, after these, one that ends earlier. */
type StateEntry = TaskStatus | { readonly status: TaskStatus; readonly before: number };

/** What is still to be canceled in a job, as its row says. */
export function cancellationOf(job: CanceledJob): Cancellation | undefined {
  if (job.cancel_states === null) return undefined;
  const states = new Map<TaskStatus, number | null>();
  for (const entry of JSON.parse(job.cancel_states) as StateEntry[]) {
    if (typeof entry === 'string') states.set(entry, job.cancel_before);
    else states.set(entry.status, entry.before);
  }
  return { states, text: job.cancel_text ?? CANCELED_TEXT };
}

/**
 * A cancellation as the job's row keeps it. Every state is named; a release that knows one bound for all passes over
 * the bounds that follow.
 */
function columnsOf({ states, text }: Cancellation): CanceledJob {
  const bounds = [...states.values()];
  const widest = bounds.includes(null) ? null : Math.max(...bounds.map(Number));
  const earlier = [...states].flatMap(([status, before]) =>
    before === null || before === widest ? [] : [{ status, before }],
  );
  const entries: StateEntry[] = [...states.keys(), ...earlier];
  return { cancel_states: JSON.stringify(entries), cancel_before: widest, cancel_text: text };
}

/**
 * Was this task canceled, by a call that has been answered or by the end of the schedule, although its row does not
 * say so yet? Nobody may be told of it, and what its device reports means nothing any more.
 */
export function isBeingCanceled(job: CanceledJob, task: Pick<TaskRow, 'status' | 'seq'>): boolean {
  const cancellation = cancellationOf(job);
  return cancellation !== undefined && covers(cancellation, task);
}

function covers({ states }: Cancellation, { status, seq }: Pick<TaskRow, 'status' | 'seq'>): boolean {
  const before = states.get(status);
  return before !== undefined && (before === null || seq < before);
}

/** The task canceled, for the reason given. */
export function canceled(task: TaskRow, now: number, text = CANCELED_TEXT): Changed | undefined {
  return change(task, 'canceled', now, { description: text });
}

/** The task as its row is going to say; undefined when it is not being canceled. */
export function canceledWithJob(job: CanceledJob, task: TaskRow, now: number): Changed | undefined {
  const cancellation = cancellationOf(job);
  return cancellation && covers(cancellation, task) ? canceled(task, now, cancellation.text) : undefined;
}

/**
 * Cancels a bounded number of tasks and writes down what is left of the cancellation.
 * @param job the row, locked
 * @returns true when there is more to cancel at once
 */
export async function cancelStep(tx: Tx, deps: EventDeps, job: JobRow, wanted: Cancellation): Promise<boolean> {
  const now = deps.clock.now();
  const left = new Map<TaskStatus, number | null>();
  let room = CHUNK;
  // in the order of a task's life: one that moves on meanwhile is met again
  for (const status of unfinishedStatuses) {
    const before = wanted.states.get(status);
    if (before === undefined) continue;
    const seqs = room === 0 ? [] : await seqsInStatus(tx.db, job.id, status, before, room);
    const tasks = await lockTasks(tx, job.id, seqs);
    const changes = tasks.map((task) => (covers(wanted, task) ? canceled(task, now, wanted.text) : undefined));
    await writeTasks(tx, deps, changes, new Map([[job.id, job]]));
    const more = seqs.length === room;
    // devices for which no task was made yet get a canceled one: the set of a static job is fixed (openapi-ota 6.2)
    const toCome = job.cursor !== null && before === null && status === initialStatus(job);
    if (more || toCome) left.set(status, before);
    room -= seqs.length;
  }
  if (left.size > 0) {
    await updateJob(tx, job.id, { ...columnsOf({ states: left, text: wanted.text }), due_at: now });
  } else if (job.cancel_states !== null) {
    await updateJob(tx, job.id, { cancel_states: null, cancel_before: null, cancel_text: null });
  }
  if (room < CHUNK || left.size > 0) tx.nudge({ kind: 'job', jobId: job.id });
  return room === 0;
}

/** Takes the cancellation of a job a step further. @returns true when there is more to cancel at once */
export async function continueCancellation(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  jobId: string,
): Promise<boolean> {
  return deps.engine.transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    const wanted = job && cancellationOf(job);
    return job && wanted ? cancelStep(tx, deps, job, wanted) : false;
  });
}
