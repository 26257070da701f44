import type { JobRow } from '../../store/queries/jobs.ts';
import { utcText } from '../../wire/time.ts';
import { tagDtos } from './settings.ts';

/** What every list of jobs shows of one. */
export const jobInfo = (job: JobRow) => ({
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
});
