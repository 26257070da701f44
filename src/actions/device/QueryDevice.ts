import { pageOfDevices } from '../../domain/devices.ts';
import { pageCount } from '../../domain/paging.ts';
import { gmtText, utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const QueryDevice: Handler<'QueryDevice'> = async (deps, scope, request) => {
  const { page, total, devices, nextToken } = await pageOfDevices(deps, scope, {
    productKey: request.ProductKey,
    page: request.CurrentPage,
    pageSize: request.PageSize,
    token: request.NextToken,
  });
  return {
    Page: page.number,
    PageCount: pageCount(total, page.size),
    PageSize: page.size,
    Total: total,
    NextToken: nextToken,
    Data: {
      DeviceInfo: devices.map((device) => ({
        IotId: device.id,
        DeviceId: device.id,
        ProductKey: device.productKey,
        DeviceName: device.name,
        DeviceSecret: device.secret,
        Nickname: device.nickname,
        DeviceStatus: device.status,
        GmtCreate: gmtText(device.createdAt),
        GmtModified: gmtText(device.modifiedAt),
        UtcCreate: utcText(device.createdAt),
        UtcModified: utcText(device.modifiedAt),
      })),
    },
  };
};
