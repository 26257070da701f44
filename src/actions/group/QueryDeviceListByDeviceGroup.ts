import { pageOfMembers } from '../../domain/group-members.ts';
import { pageCount } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';

export const QueryDeviceListByDeviceGroup: Handler<'QueryDeviceListByDeviceGroup'> = async (deps, scope, request) => {
  const { page, total, members } = await pageOfMembers(deps, scope, {
    groupId: request.GroupId,
    page: request.CurrentPage,
    pageSize: request.PageSize,
  });
  return {
    Page: page.number,
    PageCount: pageCount(total, page.size),
    PageSize: page.size,
    Total: total,
    Data: {
      SimpleDeviceInfo: members.map((member) => ({
        IotId: member.id,
        ProductKey: member.productKey,
        ProductName: member.productName,
        DeviceName: member.name,
      })),
    },
  };
};
