import type { TaskChange, TaskRow } from '../store/queries/tasks.ts';
import type { TaskStatus } from '../store/schema.ts';
import { carriable, isCarriable } from './names.ts';
import { isUnfinished, type TaskEvent, transition } from './task-state.ts';

/** A task's next row together with the state it had, as `updateTasks` wants it. */
export interface Changed {
  readonly from: TaskStatus;
  readonly task: TaskChange;
}

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
      'description' | 'progress' | 'active_module' | 'retries' | 'first_progress_at' | 'retry_at' | 'due_at'
    >
  > = {},
): Changed | undefined {
  const status = transition(task.status, event);
  if (status === undefined) return undefined;
  const next = { ...task, ...members, status, modified_at: now };
  if (!isUnfinished(status)) Object.assign(next, { active_module: null, retry_at: null, due_at: null });
  return { from: task.status, task: next };
}

/** Longest text of a device that is kept in a task. */
const MAX_DESCRIPTION = 512;

/** A device's text as it is kept: cut to a bounded length, without characters that a database or XML cannot carry. */
export function clip(text: string): string {
  const cut = text.length > MAX_DESCRIPTION ? text.slice(0, MAX_DESCRIPTION) : text;
  return isCarriable(cut) ? cut : carriable(cut);
}
