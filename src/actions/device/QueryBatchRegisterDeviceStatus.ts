import { applicationState } from '../../domain/device-applications.ts';
import type { Handler } from '../handler.ts';
import { badNameMembers } from './members.ts';

export const QueryBatchRegisterDeviceStatus: Handler<'QueryBatchRegisterDeviceStatus'> = async (
  deps,
  scope,
  request,
) => {
  const { status, valid, bad } = await applicationState(deps, scope, {
    productKey: request.ProductKey,
    id: request.ApplyId,
  });
  return {
    Data: {
      Status: status,
      ValidList: { Name: valid },
      InvalidList: { Name: bad.map(({ name }) => name) },
      InvalidDetailList: { invalidDetailList: bad.map(badNameMembers) },
    },
  };
};
