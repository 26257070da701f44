import { causesOfFailures } from '../../domain/failure-causes.ts';
import type { Handler } from '../handler.ts';

const MOST_SHOWN = 50;

export const ListOTAFailureCauses: Handler<'ListOTAFailureCauses'> = async (deps, scope, request) => {
  const { failed, looked, causes } = await causesOfFailures(deps, scope, request.JobId);
  const shown = causes.slice(0, MOST_SHOWN);
  return {
    Data: {
      FailedCount: failed,
      LookedAt: looked,
      Causes: {
        FailureCause: shown.map(({ cause, text, count, devices }) => ({
          Cause: cause,
          Description: text,
          Count: count,
          Devices: { DeviceName: [...devices] },
        })),
      },
      OtherCount: shown.reduce((rest, { count }) => rest - count, looked),
    },
  };
};
