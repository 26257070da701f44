import { createModule } from '../../domain/modules.ts';
import type { Handler } from '../handler.ts';

export const CreateOTAModule: Handler<'CreateOTAModule'> = async (deps, scope, request) => {
  await createModule(deps, scope, {
    productKey: request.ProductKey,
    name: request.ModuleName,
    alias: request.AliasName,
    description: request.Desc,
  });
  return {};
};
