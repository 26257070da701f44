import { pageOfAppliedDevices } from '../../domain/device-applications.ts';
import { pageCount } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';

export const QueryPageByApplyId: Handler<'QueryPageByApplyId'> = async (deps, scope, request) => {
  const { page, total, devices } = await pageOfAppliedDevices(deps, scope, {
    id: request.ApplyId,
    page: request.CurrentPage,
    pageSize: request.PageSize,
  });
  return {
    Page: page.number,
    PageCount: pageCount(total, page.size),
    PageSize: page.size,
    Total: total,
    ApplyDeviceList: {
      ApplyDeviceInfo: devices.map((device) => ({
        DeviceId: device.id,
        DeviceName: device.name,
        DeviceSecret: device.secret,
        IotId: device.id,
      })),
    },
  };
};
