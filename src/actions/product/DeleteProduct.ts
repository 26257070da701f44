import { removeProduct } from '../../domain/product-removal.ts';
import type { Handler } from '../handler.ts';

export const DeleteProduct: Handler<'DeleteProduct'> = async (deps, scope, request) => {
  await removeProduct(deps, scope, request.ProductKey);
  return {};
};
