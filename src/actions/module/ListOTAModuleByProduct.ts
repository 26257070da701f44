import { modulesOfProduct } from '../../domain/modules.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

/** `2020-10-13T09:46Z`, the newer of the two documented forms (openapi-ota 1.9). */
const toTheMinute = (ms: number) => `${utcText(ms).slice(0, 16)}Z`;

export const ListOTAModuleByProduct: Handler<'ListOTAModuleByProduct'> = async (deps, scope, request) => {
  const modules = await modulesOfProduct(deps, scope, request.ProductKey);
  return {
    Data: modules.map((module) => ({
      ProductKey: module.productKey,
      ModuleName: module.name,
      AliasName: module.alias,
      Desc: module.description,
      GmtCreate: toTheMinute(module.createdAt),
      GmtModified: toTheMinute(module.modifiedAt),
    })),
  };
};
