import { createProduct } from '../../domain/products.ts';
import type { Handler } from '../handler.ts';

export const CreateProduct: Handler<'CreateProduct'> = async (deps, scope, request) => {
  const product = await createProduct(deps, scope, {
    name: request.ProductName,
    nodeType: request.NodeType,
    description: request.Description,
    commodityCode: request.AliyunCommodityCode,
    dataFormat: request.DataFormat,
    netType: request.NetType,
    protocolType: request.ProtocolType,
    authType: request.AuthType,
    categoryKey: request.CategoryKey,
    validateType: request.ValidateType,
  });
  return {
    ProductKey: product.key,
    Data: {
      ProductKey: product.key,
      ProductName: product.name,
      ProductSecret: product.secret,
      NodeType: product.nodeType,
      DataFormat: product.dataFormat,
      AuthType: product.authType,
      AliyunCommodityCode: product.commodityCode,
      Description: product.description,
      Id2: false,
      ProtocolType: product.protocolType,
    },
  };
};
