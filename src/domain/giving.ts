import type { Tx } from '../store/engine.ts';
import type { JobRow } from '../store/queries/jobs.ts';
import type { TaskRow } from '../store/queries/tasks.ts';
import type { PackageNotice } from '../wire/device-messages.ts';
import type { EventMessage } from '../wire/event-messages.ts';
import type { Deps } from './deps.ts';
import type { EventDeps } from './events.ts';
import { type HeldJobs, handOut } from './handout.ts';
import { type Changed, writeTasks } from './task-changes.ts';
import { taskId } from './task-id.ts';

/** A task that its device is told about, as its row was before that. */
export interface Given {
  readonly task: TaskRow;
  readonly job: JobRow;
}

/** What a transaction has to write and to tell beside the tasks that it hands out. */
interface Beside {
  readonly changes: readonly (Changed | undefined)[];
  readonly said: readonly EventMessage[];
}

/**
 * Hands out tasks as far as their jobs allow, and writes that down.
 * @param beside written in the same go: only within one are counters locked in the order of their keys
 */
export async function give(
  tx: Tx,
  deps: EventDeps,
  tasks: readonly TaskRow[],
  held: HeldJobs,
  now: number,
  beside: Beside = { changes: [], said: [] },
): Promise<Given[]> {
  const { given, changes } = await handOut(tx, tasks, held, now);
  await writeTasks(tx, deps, [...beside.changes, ...changes], held.jobs, beside.said);
  return given.map((task) => ({ task, job: held.jobs.get(task.job_id) as JobRow }));
}

/** What the device is told. */
export function upgrade({ clock }: Pick<Deps, 'clock'>, task: TaskRow, notice: PackageNotice) {
  return {
    taskId: taskId(task.job_id, task.seq),
    notice: { kind: 'upgrade', messageId: clock.now(), package: notice } as const,
    // the row as it was before it was handed out
    ...(task.status === 'QUEUED' ? { fresh: true } : {}),
  };
}
