import { createVerifyJob } from '../../domain/jobs.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { jobSettings } from './settings.ts';

export const CreateOTAVerifyJob: Handler<'CreateOTAVerifyJob'> = async (deps, scope, request) => {
  const job = await createVerifyJob(deps, scope, {
    firmwareId: request.FirmwareId,
    productKey: request.ProductKey,
    deviceNames: request.TargetDeviceName,
    settings: jobSettings(request),
  });
  return { Data: { JobId: job.id, UtcCreate: utcText(job.createdAt) } };
};
