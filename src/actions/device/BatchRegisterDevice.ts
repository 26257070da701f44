import { applyForDevices } from '../../domain/device-applications.ts';
import type { Handler } from '../handler.ts';

export const BatchRegisterDevice: Handler<'BatchRegisterDevice'> = async (deps, scope, request) => {
  const id = await applyForDevices(deps, scope, { productKey: request.ProductKey, count: request.Count });
  return { Data: { ApplyId: id } };
};
