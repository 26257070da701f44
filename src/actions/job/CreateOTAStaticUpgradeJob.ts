import { createStaticJob } from '../../domain/jobs.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { rolloutSettings } from './settings.ts';

export const CreateOTAStaticUpgradeJob: Handler<'CreateOTAStaticUpgradeJob'> = async (deps, scope, request) => {
  const job = await createStaticJob(deps, scope, {
    firmwareId: request.FirmwareId,
    productKey: request.ProductKey,
    selection: {
      target: request.TargetSelection,
      srcVersions: request.SrcVersion,
      deviceNames: request.TargetDeviceName,
      listFileUrl: request.DnListFileUrl || undefined,
      grayPercent: request.GrayPercent || undefined,
      groupId: request.GroupId || undefined,
      groupType: request.GroupType || undefined,
    },
    settings: {
      ...rolloutSettings(request),
      scheduleAt: request.ScheduleTime,
      scheduleFinishAt: request.ScheduleFinishTime,
    },
  });
  return { Data: { JobId: job.id, UtcCreate: utcText(job.createdAt) } };
};
