import { changeModule } from '../../domain/modules.ts';
import type { Handler } from '../handler.ts';

export const UpdateOTAModule: Handler<'UpdateOTAModule'> = async (deps, scope, request) => {
  await changeModule(deps, scope, {
    productKey: request.ProductKey,
    name: request.ModuleName,
    alias: request.AliasName,
    description: request.Desc,
  });
  return {};
};
