import { type Operation, page, textAt, UNKNOWN_PRODUCT } from './operation.ts';

export const productOperations: readonly Operation[] = [
  {
    action: 'CreateProduct',
    good: (_, via) => ({ ProductName: `灯_${via}`, NodeType: 0, Description: 'left & <right>' }),
    keep: (answer) => ({ product: textAt(answer, 'Data', 'ProductKey') }),
    refused: () => ({ ProductName: 'x', NodeType: 0 }),
    code: 'iot.prod.InvalidFormattedProductName',
  },
  {
    action: 'QueryProduct',
    good: ({ v3 }) => ({ ProductKey: v3['product'] }),
    same: true,
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT }),
    code: 'iot.prod.NotExistedProduct',
  },
  {
    action: 'QueryProductList',
    good: () => page,
    same: true,
    refused: () => ({ ...page, PageSize: 201 }),
    code: 'iot.common.InvalidPageParams',
  },
  {
    action: 'UpdateProduct',
    good: (world, via) => ({ ProductKey: world[via]['product'], ProductName: `lamp_${via}` }),
    refused: ({ v3 }) => ({ ProductKey: v3['product'], ProductName: 'x' }),
    code: 'iot.prod.InvalidFormattedProductName',
  },
  {
    action: 'DeleteProduct',
    good: async ({ call }, via) => {
      const made = await call('CreateProduct', { ProductName: `spare_${via}`, NodeType: 0 });
      return { ProductKey: made['ProductKey'] };
    },
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT }),
    code: 'iot.prod.NotExistedProduct',
  },
];
