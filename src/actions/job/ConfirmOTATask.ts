import { confirmTasks } from '../../domain/confirm.ts';
import type { Handler } from '../handler.ts';

export const ConfirmOTATask: Handler<'ConfirmOTATask'> = async (deps, scope, request) => {
  await confirmTasks(deps, scope, request.TaskId);
  return {};
};
