import { pageOfDevicesByStatus } from '../../domain/device-states.ts';
import { pageCount } from '../../domain/paging.ts';
import { chinaTimeText, utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';
import { identityMembers } from './members.ts';

export const QueryDeviceByStatus: Handler<'QueryDeviceByStatus'> = async (deps, scope, request) => {
  const { page, total, devices } = await pageOfDevicesByStatus(deps, scope, {
    status: request.Status,
    productKey: request.ProductKey,
    page: request.CurrentPage,
    pageSize: request.PageSize,
  });
  return {
    Page: page.number,
    PageCount: pageCount(total, page.size),
    PageSize: page.size,
    Total: total,
    Data: {
      SimpleDeviceInfo: devices.map((device) => ({
        ...identityMembers(device),
        Status: device.status,
        // named Gmt, but China time (openapi-devices 0)
        GmtCreate: chinaTimeText(device.createdAt),
        GmtModified: chinaTimeText(device.modifiedAt),
        UtcCreate: utcText(device.createdAt),
        UtcModified: utcText(device.modifiedAt),
      })),
    },
  };
};
