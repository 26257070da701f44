import { fits, type Task, type TaskAction } from './task.ts';

/** Chosen tasks; or all of a list, whichever they are when something is done with them. */
export interface Selection {
  readonly everything: boolean;
  readonly chosen: ReadonlyMap<string, Task>;
}

export const nothing: Selection = { everything: false, chosen: new Map() };

export const isChosen = ({ everything, chosen }: Selection, task: Task): boolean =>
  everything || chosen.has(task.TaskId);

export function toggled({ chosen }: Selection, task: Task): Selection {
  const next = new Map(chosen);
  if (!next.delete(task.TaskId)) next.set(task.TaskId, task);
  return { everything: false, chosen: next };
}

export function withTasks({ chosen }: Selection, tasks: readonly Task[]): Selection {
  return { everything: false, chosen: new Map([...chosen, ...tasks.map((task) => [task.TaskId, task] as const)]) };
}

/** The selection with what was learned of its tasks since; the same one when that is nothing. */
export function refreshed(selection: Selection, seen: readonly Task[]): Selection {
  const news = seen.filter((task) => {
    const known = selection.chosen.get(task.TaskId);
    return known !== undefined && known.TaskStatus !== task.TaskStatus;
  });
  return news.length === 0 ? selection : { ...selection, chosen: withTasks(selection, news).chosen };
}

/** Those with which an action can be done. */
export function fitting(tasks: Iterable<Task>, action: TaskAction): Task[] {
  const states: readonly string[] = fits[action];
  return [...tasks].filter(({ TaskStatus }) => states.includes(TaskStatus));
}
