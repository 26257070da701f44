import { cancelStrategy } from '../../domain/cancel.ts';
import type { Handler } from '../handler.ts';

export const CancelOTAStrategyByJob: Handler<'CancelOTAStrategyByJob'> = async (deps, scope, request) => {
  await cancelStrategy(deps, scope, request.JobId);
  return {};
};
