import { removeModule } from '../../domain/modules.ts';
import type { Handler } from '../handler.ts';

export const DeleteOTAModule: Handler<'DeleteOTAModule'> = async (deps, scope, request) => {
  await removeModule(deps, scope, { productKey: request.ProductKey, name: request.ModuleName });
  return {};
};
