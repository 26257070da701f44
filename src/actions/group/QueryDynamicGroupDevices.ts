import { pageOfDynamicGroup } from '../../domain/dynamic-groups.ts';
import { pageCount } from '../../domain/paging.ts';
import { chinaTimeOf, utcOf } from '../device/members.ts';
import type { Handler } from '../handler.ts';

export const QueryDynamicGroupDevices: Handler<'QueryDynamicGroupDevices'> = async (deps, scope, request) => {
  const { page, total, devices, next } = await pageOfDynamicGroup(deps, scope, {
    groupId: request.GroupId,
    productKey: request.ProductKey,
    name: request.DeviceName,
    fuzzy: request.FuzzyName,
    status: request.Status,
    page: request.CurrentPage,
    pageSize: request.PageSize,
    after: request.NextToken,
  });
  return {
    Page: page.number,
    PageCount: pageCount(total, page.size),
    PageSize: page.size,
    Total: total,
    NextToken: next,
    Data: {
      SimpleDeviceInfo: devices.map((device) => ({
        IotId: device.id,
        ProductKey: device.productKey,
        ProductName: device.productName,
        CategoryKey: device.categoryKey,
        NodeType: device.nodeType,
        DeviceName: device.name,
        Nickname: device.nickname,
        Status: device.status,
        ActiveTime: chinaTimeOf(device.activeAt),
        UtcActiveTime: utcOf(device.activeAt),
        LastOnlineTime: chinaTimeOf(device.onlineAt),
        UtcLastOnlineTime: utcOf(device.onlineAt),
      })),
    },
  };
};
