import { changeProduct } from '../../domain/products.ts';
import type { Handler } from '../handler.ts';

export const UpdateProduct: Handler<'UpdateProduct'> = async (deps, scope, request) => {
  await changeProduct(deps, scope, {
    key: request.ProductKey,
    name: request.ProductName,
    description: request.Description,
  });
  return {};
};
