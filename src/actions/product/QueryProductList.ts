import { pagingAnswer } from '../../domain/paging.ts';
import { pageOfProducts } from '../../domain/products.ts';
import type { Handler } from '../handler.ts';

export const QueryProductList: Handler<'QueryProductList'> = async (deps, scope, request) => {
  const { page, total, products } = await pageOfProducts(deps, scope, {
    page: request.CurrentPage,
    pageSize: request.PageSize,
    commodityCode: request.AliyunCommodityCode,
  });
  return {
    Data: {
      ...pagingAnswer(page, total),
      List: {
        ProductInfo: products.map((product) => ({
          ProductKey: product.key,
          ProductName: product.name,
          NodeType: product.nodeType,
          DataFormat: product.dataFormat,
          AuthType: product.authType,
          DeviceCount: product.deviceCount,
          GmtCreate: product.createdAt,
          Description: product.description,
        })),
      },
    },
  };
};
