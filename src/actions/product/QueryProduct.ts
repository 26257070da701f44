import { getProduct } from '../../domain/products.ts';
import type { Handler } from '../handler.ts';

const OTHER_NET = 8;
/** This answer numbers what CreateProduct spells (openapi-devices 2); LORA has no number of its own. */
const netTypes: Readonly<Record<string, number>> = { WIFI: 3, CELLULAR: 6, ETHERNET: 7 };

export const QueryProduct: Handler<'QueryProduct'> = async (deps, scope, request) => {
  const product = await getProduct(deps, scope, request.ProductKey);
  return {
    Data: {
      ProductKey: product.key,
      ProductName: product.name,
      ProductSecret: product.secret,
      ProductStatus: 'DEVELOPMENT_STATUS',
      Owner: true,
      DeviceCount: product.deviceCount,
      GmtCreate: product.createdAt,
      NodeType: product.nodeType,
      DataFormat: product.dataFormat,
      NetType: netTypes[product.netType] ?? OTHER_NET,
      AuthType: product.authType,
      AliyunCommodityCode: product.commodityCode,
      CategoryKey: product.categoryKey,
      CategoryName: '',
      ProtocolType: product.protocolType,
      ValidateType: product.validateType,
      Id2: false,
      Description: product.description,
    },
  };
};
