import { cancelTasksOfJob } from '../../domain/cancel.ts';
import type { Handler } from '../handler.ts';

export const CancelOTATaskByJob: Handler<'CancelOTATaskByJob'> = async (deps, scope, request) => {
  await cancelTasksOfJob(deps, scope, request.JobId, {
    scheduled: request.CancelScheduledTask,
    queued: request.CancelQueuedTask,
    notified: request.CancelNotifiedTask,
    inProgress: request.CancelInProgressTask,
    unconfirmed: request.CancelUnconfirmedTask,
  });
  return {};
};
