import { type Operation, UNKNOWN_PRODUCT } from './operation.ts';

export const accountOperations: readonly Operation[] = [
  {
    action: 'ListAuditRecords',
    good: () => ({ ActionName: 'CreateProduct', PageSize: 1, Result: 'Success' }),
    same: true,
    refused: () => ({ PageSize: 101 }),
    code: 'iot.common.InvalidPageParams',
  },
  {
    action: 'ListQuotas',
    good: () => ({}),
    same: true,
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT }),
    code: 'iot.prod.NotExistedProduct',
  },
];
