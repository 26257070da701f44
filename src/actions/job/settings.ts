import type { JobSettings, RolloutSettings } from '../../domain/job-settings.ts';

/** The wire names of the settings that every job has (openapi-ota 3.2). */
interface EveryJob {
  readonly TimeoutInMinutes?: number | undefined;
  readonly NeedPush?: boolean | undefined;
  readonly NeedConfirm?: boolean | undefined;
  readonly DownloadProtocol?: string | undefined;
  readonly Tag?: readonly { readonly Key: string; readonly Value: string }[] | undefined;
}

export function jobSettings(request: EveryJob): JobSettings {
  return {
    timeoutMinutes: request.TimeoutInMinutes,
    needPush: request.NeedPush,
    needConfirm: request.NeedConfirm,
    downloadProtocol: request.DownloadProtocol,
    tags: request.Tag?.map((tag) => ({ key: tag.Key, value: tag.Value })),
  };
}

interface EveryRollout extends EveryJob {
  readonly RetryInterval?: number | undefined;
  readonly RetryCount?: number | undefined;
  readonly MaximumPerMinute?: number | undefined;
  readonly OverwriteMode?: number | undefined;
  readonly MultiModuleMode?: boolean | undefined;
}

export function rolloutSettings(request: EveryRollout): RolloutSettings {
  return {
    ...jobSettings(request),
    retryInterval: request.RetryInterval,
    retryCount: request.RetryCount,
    maximumPerMinute: request.MaximumPerMinute,
    overwriteMode: request.OverwriteMode,
    multiModule: request.MultiModuleMode,
  };
}

interface ScheduledRollout extends EveryRollout {
  readonly ScheduleTime?: number | undefined;
  readonly ScheduleFinishTime?: number | undefined;
}

export function scheduledSettings(request: ScheduledRollout): RolloutSettings {
  return {
    ...rolloutSettings(request),
    scheduleAt: request.ScheduleTime,
    scheduleFinishAt: request.ScheduleFinishTime,
  };
}

/** Tags in the form of the answers. */
export function tagDtos(json: string) {
  const tags = JSON.parse(json) as { key: string; value: string }[];
  return { OtaTagDTO: tags.map((tag) => ({ Key: tag.key, Value: tag.value })) };
}
