import type { AnswerOf, RequestOf } from '../../../api/client.ts';
import type { TaskStatus } from '../../../ui/task-status.ts';

export type Task = AnswerOf<'ListOTATaskByJob'>['Data']['SimpleOTATaskInfo'][number];

/** Rows that the API gives at a time. */
export const PAGE_SIZE = 100;
/** Names that it looks for at a time. */
export const MOST_NAMES = 50;

/** Which tasks of a job are listed. */
export interface TaskFilter {
  readonly jobId: string;
  readonly status: TaskStatus | undefined;
  /** Only tasks of these devices; all without any. */
  readonly names: readonly string[];
}

/** @param page from 1; the names of a filter have only one */
export function askFor({ jobId, status, names }: TaskFilter, page: number): RequestOf<'ListOTATaskByJob'> {
  return names.length > 0
    ? { JobId: jobId, TaskStatus: status, DeviceNames: [...names] }
    : { JobId: jobId, TaskStatus: status, CurrentPage: page, PageSize: PAGE_SIZE };
}

/** What can be done with a task in each state. */
export const fits = {
  cancel: ['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS'],
  confirm: ['CONFIRM'],
  reupgrade: ['FAILED', 'CANCELED'],
} as const satisfies Record<string, readonly TaskStatus[]>;
export type TaskAction = keyof typeof fits;

/** Tasks that one call of an action takes. */
export const sliceOf: Readonly<Record<TaskAction, number>> = { cancel: 200, confirm: 10, reupgrade: 10 };
