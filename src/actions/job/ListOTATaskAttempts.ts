import { type TaskAttempt, triedTask } from '../../domain/task-attempts.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const ListOTATaskAttempts: Handler<'ListOTATaskAttempts'> = async (deps, scope, request) => {
  const { task, failed, attempts, nextAt } = await triedTask(deps, scope, request.TaskId);
  return {
    Data: {
      TaskId: request.TaskId,
      TaskStatus: task.status,
      TaskDesc: task.description,
      FailedCount: failed,
      UtcNextAttempt: nextAt === undefined ? undefined : utcText(nextAt),
      Attempts: { TaskAttempt: attempts.map(members) },
    },
  };
};

const members = (attempt: TaskAttempt) => ({
  Number: attempt.number,
  UtcFailed: utcText(attempt.at),
  Cause: attempt.cause,
  Description: attempt.description,
  Progress: attempt.progress?.toFixed(2),
  SrcVersion: attempt.src_version,
});
