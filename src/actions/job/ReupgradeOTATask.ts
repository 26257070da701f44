import { reupgradeTasks } from '../../domain/reupgrade.ts';
import type { Handler } from '../handler.ts';

export const ReupgradeOTATask: Handler<'ReupgradeOTATask'> = async (deps, scope, request) => {
  await reupgradeTasks(deps, scope, request.JobId, request.TaskId);
  return {};
};
