import { registerApplied } from '../../domain/device-applications.ts';
import type { Handler } from '../handler.ts';

export const BatchRegisterDeviceWithApplyId: Handler<'BatchRegisterDeviceWithApplyId'> = async (
  deps,
  scope,
  request,
) => {
  await registerApplied(deps, scope, { productKey: request.ProductKey, id: request.ApplyId });
  return { Data: { ApplyId: request.ApplyId } };
};
