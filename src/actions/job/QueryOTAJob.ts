import { queryJob } from '../../domain/jobs.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { tagDtos } from './settings.ts';

const utcOrAbsent = (ms: number | null) => (ms === null ? undefined : utcText(ms));

/** No operation sets a description (openapi-ota 4.12): the one place to say what was passed over. */
const describe = ({ unknown_names: count }: { readonly unknown_names: number }) =>
  count === 0 ? '' : `unknown names in the device list: ${count}`;

export const QueryOTAJob: Handler<'QueryOTAJob'> = async (deps, scope, request) => {
  const job = await queryJob(deps, scope, request.JobId);
  return {
    Data: {
      JobId: job.id,
      JobStatus: job.status,
      JobType: job.type,
      JobDesc: describe(job),
      Name: job.firmware_name,
      FirmwareId: job.firmware_id,
      ProductKey: job.product_key,
      DestVersion: job.dest_version,
      SelectionType: job.selection,
      TargetSelection: job.target,
      SrcVersions: { SrcVersion: JSON.parse(job.src_versions) as string[] },
      Tags: tagDtos(job.tags),
      GrayPercent: job.gray_percent ?? undefined,
      DynamicMode: job.dynamic_mode ?? undefined,
      OverwriteMode: job.overwrite_mode,
      MaximumPerMinute: job.maximum_per_minute,
      RetryInterval: job.retry_interval ?? undefined,
      RetryCount: job.retry_count ?? undefined,
      TimeoutInMinutes: job.timeout_minutes ?? undefined,
      NeedPush: job.need_push === 1,
      NeedConfirm: job.need_confirm === 1,
      MultiModuleMode: job.multi_module === 1,
      DownloadProtocol: job.download_protocol,
      GroupId: job.group_id ?? '',
      GroupName: job.group_name ?? '',
      UtcCreate: utcText(job.created_at),
      UtcModified: utcText(job.modified_at),
      UtcStartTime: utcOrAbsent(job.started_at),
      UtcEndTime: utcOrAbsent(job.ended_at),
      UtcScheduleTime: utcOrAbsent(job.schedule_at),
      UtcScheduleFinishTime: utcOrAbsent(job.schedule_finish_at),
    },
  };
};
