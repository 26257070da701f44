import { listJobs } from '../../domain/job-list.ts';
import { page, pagingAnswer } from '../../domain/paging.ts';
import type { TaskStatus } from '../../store/schema.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { jobInfo } from '../job/members.ts';

export const ListOTAJob: Handler<'ListOTAJob'> = async (deps, scope, request) => {
  const wanted = page(request.CurrentPage, request.PageSize, { maxSize: 100 });
  const { rows, total } = await listJobs(deps, scope, wanted, {
    statuses: request.JobStatus,
    type: request.JobType || undefined,
    selection: request.SelectionType || undefined,
    productKey: request.ProductKey || undefined,
    jobId: request.JobId || undefined,
    firmwareId: request.FirmwareId || undefined,
  });
  return {
    ...pagingAnswer(wanted, total),
    Data: {
      SimpleOTAJobInfo: rows.map(({ job, counts }) => ({
        ...jobInfo(job),
        FirmwareName: job.firmware_name,
        DestVersion: job.dest_version,
        ModuleName: job.module,
        ProductName: job.product_name ?? '',
        UtcScheduleTime: job.schedule_at === null ? undefined : utcText(job.schedule_at),
        MaximumPerMinute: job.maximum_per_minute,
        TaskTotal: job.task_total,
        TaskCounts: taskCounts(counts),
      })),
    },
  };
};

const taskCounts = (counts: ReadonlyMap<TaskStatus, number>) => ({
  Confirm: counts.get('CONFIRM') ?? 0,
  Queued: counts.get('QUEUED') ?? 0,
  Notified: counts.get('NOTIFIED') ?? 0,
  InProgress: counts.get('IN_PROGRESS') ?? 0,
  Succeeded: counts.get('SUCCEEDED') ?? 0,
  Failed: counts.get('FAILED') ?? 0,
  Canceled: counts.get('CANCELED') ?? 0,
});
