import type { JobSettings } from '../../domain/job-settings.ts';

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

/** Tags in the form of the answers. */
export function tagDtos(json: string) {
  const tags = JSON.parse(json) as { key: string; value: string }[];
  return { OtaTagDTO: tags.map((tag) => ({ Key: tag.key, Value: tag.value })) };
}
