import { cancelTasksOfDevices } from '../../domain/cancel.ts';
import type { Handler } from '../handler.ts';

export const CancelOTATaskByDevice: Handler<'CancelOTATaskByDevice'> = async (deps, scope, request) => {
  await cancelTasksOfDevices(deps, scope, {
    firmwareId: request.FirmwareId,
    productKey: request.ProductKey,
    deviceNames: request.DeviceName,
    jobId: request.JobId || undefined,
  });
  return {};
};
