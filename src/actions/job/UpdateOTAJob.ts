import { changeJob } from '../../domain/update-job.ts';
import type { Handler } from '../handler.ts';

export const UpdateOTAJob: Handler<'UpdateOTAJob'> = async (deps, scope, request) => {
  await changeJob(deps, scope, request.JobId, {
    maximumPerMinute: request.MaximumPerMinute,
    target: request.TargetSelection,
    upgradeType: request.UpgradeType,
    timeoutMinutes: request.TimeoutInMinutes,
    srcVersions: request.SrcVersionList?.length ? request.SrcVersionList : undefined,
    tags: (request.Tags ?? []).map((tag) => ({ key: tag.Key, value: tag.Value })),
  });
  return {};
};
