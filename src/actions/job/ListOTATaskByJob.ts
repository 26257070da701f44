import { timeoutOf } from '../../domain/job-state.ts';
import { page, pagingAnswer } from '../../domain/paging.ts';
import { taskId } from '../../domain/task-id.ts';
import { listTasks, listTasksOfDevices, readStatus } from '../../domain/tasks.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

const MOST_NAMES = 50;

export const ListOTATaskByJob: Handler<'ListOTATaskByJob'> = async (deps, scope, request) => {
  const status = readStatus(request.TaskStatus);
  const names = request.DeviceNames;
  // with names, paging is ignored (openapi-ota 4.15)
  const wanted = names
    ? page(1, MOST_NAMES, { maxSize: MOST_NAMES })
    : page(request.CurrentPage, request.PageSize, { maxSize: 100, maxDepth: deps.limits.taskDepth });
  const { job, rows, total } = names
    ? await listTasksOfDevices(deps, scope, request.JobId, names, MOST_NAMES, status)
    : await listTasks(deps, scope, request.JobId, wanted, status);
  return {
    ...pagingAnswer(wanted, total),
    Data: {
      SimpleOTATaskInfo: rows.map((task) => ({
        TaskId: taskId(job.id, task.seq),
        JobId: job.id,
        FirmwareId: job.firmware_id,
        IotId: task.device_id,
        ProductKey: job.product_key,
        ProductName: job.product_name,
        DeviceName: task.device_name,
        SrcVersion: task.src_version,
        DestVersion: job.dest_version,
        TaskStatus: task.status,
        TaskDesc: task.description,
        Progress: task.progress.toFixed(2),
        Timeout: String(timeoutOf(job, task.seq) ?? ''),
        UtcCreate: utcText(task.created_at),
        UtcModified: utcText(task.modified_at),
      })),
    },
  };
};
