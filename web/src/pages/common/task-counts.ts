import type { AnswerOf } from '../../api/client.ts';
import type { TaskStatus } from '../../ui/status.tsx';

type TaskCounts = AnswerOf<'ListOTAJob'>['Data']['SimpleOTAJobInfo'][number]['TaskCounts'];

/** The counts of ListOTAJob by the names that tasks have. */
export function taskCounts(counts: TaskCounts): Record<TaskStatus, number> {
  return {
    CONFIRM: counts.Confirm,
    QUEUED: counts.Queued,
    NOTIFIED: counts.Notified,
    IN_PROGRESS: counts.InProgress,
    SUCCEEDED: counts.Succeeded,
    FAILED: counts.Failed,
    CANCELED: counts.Canceled,
  };
}
