import { type OutcomeCounts, queryHistory } from '../../domain/history.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const QueryOTAHistory: Handler<'QueryOTAHistory'> = async (deps, scope, request) => {
  const { pointMs, points, totals, causes } = await queryHistory(deps, scope, {
    period: request.Period,
    productKey: request.ProductKey || undefined,
    jobId: request.JobId || undefined,
  });
  return {
    Data: {
      PointMinutes: pointMs / 60_000,
      Points: { HistoryPoint: points.map(({ at, ...counts }) => ({ UtcTime: utcText(at), ...outcomeCounts(counts) })) },
      Totals: outcomeCounts(totals),
      FailureCauses: { FailureCause: causes.map(([Cause, Count]) => ({ Cause, Count })) },
    },
  };
};

const outcomeCounts = (counts: OutcomeCounts) => ({
  Notified: counts.NOTIFIED,
  Succeeded: counts.SUCCEEDED,
  Failed: counts.FAILED,
  Canceled: counts.CANCELED,
});
