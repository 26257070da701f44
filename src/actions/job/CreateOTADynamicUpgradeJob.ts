import { createDynamicJob } from '../../domain/dynamic-jobs.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { dynamicSelection } from './selection.ts';
import { rolloutSettings } from './settings.ts';

export const CreateOTADynamicUpgradeJob: Handler<'CreateOTADynamicUpgradeJob'> = async (deps, scope, request) => {
  const job = await createDynamicJob(deps, scope, {
    firmwareId: request.FirmwareId,
    productKey: request.ProductKey,
    selection: dynamicSelection(request),
    settings: rolloutSettings(request),
  });
  return { Data: { JobId: job.id, UtcCreate: utcText(job.createdAt) } };
};
