import { createStaticJob } from '../../domain/jobs.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { staticSelection } from './selection.ts';
import { scheduledSettings } from './settings.ts';

export const CreateOTAStaticUpgradeJob: Handler<'CreateOTAStaticUpgradeJob'> = async (deps, scope, request) => {
  const job = await createStaticJob(deps, scope, {
    firmwareId: request.FirmwareId,
    productKey: request.ProductKey,
    selection: staticSelection(request.TargetSelection, request),
    settings: scheduledSettings(request),
  });
  return { Data: { JobId: job.id, UtcCreate: utcText(job.createdAt) } };
};
