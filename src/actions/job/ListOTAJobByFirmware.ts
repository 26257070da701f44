import { listJobsOfFirmware } from '../../domain/jobs.ts';
import { page, pagingAnswer } from '../../domain/paging.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { tagDtos } from './settings.ts';

export const ListOTAJobByFirmware: Handler<'ListOTAJobByFirmware'> = async (deps, scope, request) => {
  const wanted = page(request.CurrentPage, request.PageSize, { maxSize: 200 });
  const { rows, total } = await listJobsOfFirmware(deps, scope, request.FirmwareId, wanted);
  return {
    ...pagingAnswer(wanted, total),
    Data: {
      SimpleOTAJobInfo: rows.map((job) => ({
        JobId: job.id,
        FirmwareId: job.firmware_id,
        ProductKey: job.product_key,
        JobStatus: job.status,
        JobType: job.type,
        SelectionType: job.selection,
        TargetSelection: job.target,
        UtcCreate: utcText(job.created_at),
        UtcModified: utcText(job.modified_at),
        UtcStartTime: job.started_at === null ? undefined : utcText(job.started_at),
        UtcEndTime: job.ended_at === null ? undefined : utcText(job.ended_at),
        Tags: tagDtos(job.tags),
      })),
    },
  };
};
