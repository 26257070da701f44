import type { Tx } from '../store/engine.ts';
import { findJobs, type JobRow } from '../store/queries/jobs.ts';
import { putTaskAttempts, type TaskAttemptRow } from '../store/queries/task-attempts.ts';
import { type TaskChange, type TaskRow, updateTasks } from '../store/queries/tasks.ts';
import type { TaskOutcome, TaskStatus } from '../store/schema.ts';
import { type EventMessage, type EventTask, taskEndedEvent } from '../wire/event-messages.ts';
import { type EventDeps, emit } from './events.ts';
import { carriable, isCarriable } from './names.ts';
import { taskId } from './task-id.ts';
import { isUnfinished, type TaskEvent, transition } from './task-state.ts';

declare const byTheTable: unique symbol;

/**
 * A task's next row together with the row it had. {@link change} and {@link amend} alone make one, so that nothing
 * changes a state beside the table of `task-state.ts`.
 */
export interface Changed {
  readonly was: TaskRow;
  readonly task: TaskRow;
  /** What failed before, when the task goes on or begins anew. */
  readonly failed?: FailedAttempt | undefined;
  readonly [byTheTable]: true;
}

/** An attempt that failed, as it is kept. */
export type FailedAttempt = Pick<TaskAttemptRow, 'at' | 'cause' | 'description' | 'progress' | 'src_version'>;

/** Failed attempts of a task that are kept, the newest; its last failure stands in the task itself. */
export const KEPT_ATTEMPTS = 10;

/**
 * Writes changed tasks with all that follows from it in the same transaction: the counters move, the jobs of tasks that
 * end are looked at, and who listens hears of it. Every change of a task goes this way.
 * @param changes those undefined, of events that meant nothing, are passed over
 * @param known jobs that the caller has at hand; those missing are looked up when they are needed
 * @param said what else the transaction has to tell, before what became of the tasks: one look-up serves both
 */
export async function writeTasks(
  tx: Tx,
  deps: EventDeps,
  changes: readonly (Changed | undefined)[],
  known: ReadonlyMap<string, JobRow> = new Map(),
  said: readonly EventMessage[] = [],
): Promise<void> {
  const meant = changes.filter((changed) => changed !== undefined);
  await updateTasks(tx, meant);
  await putTaskAttempts(
    tx.db,
    meant.flatMap(({ task, failed }) => (failed ? [attemptRow(task, failed)] : [])),
  );
  const entered = meant.filter(({ was, task }) => was.status !== task.status);
  countStates(
    tx,
    entered.map(({ task }) => task),
  );
  const ended = meant.flatMap(({ was, task }) =>
    isUnfinished(was.status) && !isUnfinished(task.status) ? [task] : [],
  );
  const jobIds = [...new Set(ended.map((task) => task.job_id))];
  for (const jobId of jobIds) tx.nudge({ kind: 'job', jobId });
  const missing = await findJobs(
    tx.db,
    jobIds.filter((id) => !known.has(id)),
  );
  const messages = ended.flatMap((task) => {
    const job = known.get(task.job_id) ?? missing.get(task.job_id);
    const status = task.status as 'SUCCEEDED' | 'FAILED' | 'CANCELED';
    return job ? [taskEndedEvent(eventTask(task, job), status, task.description, deps.clock.now())] : [];
  });
  await emit(tx, deps, [...said, ...messages]);
}

const attemptRow = ({ job_id, seq, attempts }: TaskRow, failed: FailedAttempt): TaskAttemptRow => ({
  ...failed,
  job_id,
  seq,
  slot: attempts % KEPT_ATTEMPTS,
  number: attempts,
});

/** Counts tasks that have come into their states, for metrics and for the history of rollouts. */
export function countStates(tx: Tx, tasks: readonly Pick<TaskRow, 'job_id' | 'status' | 'cause'>[]): void {
  for (const [status, same] of Map.groupBy(tasks, (task) => task.status)) {
    tx.measure((meters) => meters.tasks(status, same.length));
    if (!isTold(status)) continue;
    for (const alike of Map.groupBy(same, (task) => `${task.job_id} ${task.cause}`).values()) {
      const [{ job_id: jobId, cause }] = alike as [TaskRow];
      const count = alike.length;
      tx.measure((meters) => meters.outcome({ jobId, outcome: status, cause: cause ?? '', count }));
    }
  }
}

const isTold = (status: TaskStatus): status is TaskOutcome => status === 'NOTIFIED' || !isUnfinished(status);

/** What events tell of a task. */
export const eventTask = (task: TaskRow, job: JobRow): EventTask => ({
  deviceId: task.device_id,
  productKey: job.product_key,
  deviceName: task.device_name,
  module: job.module,
  srcVersion: task.src_version,
  destVersion: job.dest_version,
  jobId: job.id,
  taskId: taskId(job.id, task.seq),
});

/**
 * The task after `event`, or undefined when the event means nothing in its state.
 * Ending a task frees its device and takes it out of every waiting list.
 */
export function change(
  task: TaskRow,
  event: TaskEvent,
  now: number,
  members: Partial<
    Pick<
      TaskChange,
      'description' | 'progress' | 'active_module' | 'retries' | 'first_progress_at' | 'retry_at' | 'due_at' | 'cause'
    >
  > = {},
): Changed | undefined {
  const status = transition(task.status, event);
  if (status === undefined) return undefined;
  // what comes after a failure is another attempt
  const failed = task.status === 'FAILED' ? lastAttempt(task) : undefined;
  const attempts = task.attempts + (failed ? 1 : 0);
  const next = { ...task, cause: null, ...members, status, attempts, modified_at: now };
  if (status !== 'QUEUED') next.waiting_at = null;
  if (!isUnfinished(status)) Object.assign(next, { active_module: null, retry_at: null, due_at: null });
  return { was: task, task: next, failed } as Changed;
}

/** The task in the state that it has, with other members. */
export function amend(
  task: TaskRow,
  members: Partial<Pick<TaskChange, 'description' | 'retries' | 'modified_at' | 'retry_at' | 'due_at' | 'waiting_at'>>,
): Changed {
  return { was: task, task: { ...task, ...members } } as Changed;
}

/** The task after an attempt that failed and is to be repeated: the state that it has, with other members. */
export function retried(
  task: TaskRow,
  members: Pick<TaskChange, 'description' | 'retries' | 'modified_at' | 'retry_at' | 'due_at'>,
  failed: FailedAttempt,
): Changed {
  return { was: task, task: { ...task, ...members, attempts: task.attempts + 1 }, failed } as Changed;
}

/** How the last attempt of a task that has failed went. */
export const lastAttempt = (task: TaskRow): FailedAttempt => ({
  at: task.modified_at,
  cause: task.cause ?? 'OTHER',
  description: task.description,
  progress: task.first_progress_at === null ? null : task.progress,
  src_version: task.src_version,
});

/** Longest text of a device that is kept in a task. */
const MAX_DESCRIPTION = 512;

/** A device's text as it is kept: cut to a bounded length, without characters that a database or XML cannot carry. */
export function clip(text: string): string {
  const cut = text.length > MAX_DESCRIPTION ? text.slice(0, MAX_DESCRIPTION) : text;
  return isCarriable(cut) ? cut : carriable(cut);
}
