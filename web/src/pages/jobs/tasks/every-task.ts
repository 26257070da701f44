import { callAction } from '../../../api/client.ts';
import { askFor, PAGE_SIZE, type Task, type TaskFilter } from './task.ts';

/** Tasks of a filter page by page, from the page that holds row `from` to the one that holds the row before `to`. */
export async function* everyTask(
  filter: TaskFilter,
  signal: AbortSignal,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Task[]> {
  const first = Math.floor(from / PAGE_SIZE) + 1;
  for (let page = first; (page - 1) * PAGE_SIZE < to; page += 1) {
    const answer = await callAction('ListOTATaskByJob', askFor(filter, page), signal);
    const tasks = answer.Data.SimpleOTATaskInfo;
    // rows before and after the wanted ones
    const start = (page - 1) * PAGE_SIZE;
    yield tasks.slice(Math.max(0, from - start), Math.max(0, to - start));
    if (filter.names.length > 0 || page >= answer.PageCount) return;
  }
}
