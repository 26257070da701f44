import { taskId } from '../../domain/task-id.ts';
import { listUnfinishedTasks, readUnfinishedStatuses } from '../../domain/unfinished.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const ListOTAUnfinishedTaskByDevice: Handler<'ListOTAUnfinishedTaskByDevice'> = async (deps, scope, request) => {
  const { device, rows } = await listUnfinishedTasks(deps, scope, {
    device: { id: request.IotId, productKey: request.ProductKey, name: request.DeviceName },
    module: request.ModuleName,
    statuses: readUnfinishedStatuses(request.TaskStatus, request.TaskStatusList),
  });
  return {
    Data: {
      SimpleOTATaskInfo: rows.map(({ task, job }) => ({
        TaskId: taskId(job.id, task.seq),
        JobId: job.id,
        FirmwareId: job.firmware_id,
        IotId: task.device_id,
        ProductKey: job.product_key,
        ProductName: device.product_name,
        DeviceName: task.device_name,
        ModuleName: job.module,
        SrcVersion: task.src_version,
        DestVersion: job.dest_version,
        TaskStatus: task.status,
        UtcCreate: utcText(task.created_at),
        UtcModified: utcText(task.modified_at),
      })),
    },
  };
};
