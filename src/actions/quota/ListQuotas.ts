import { quotasOfInstance, quotasOfProduct } from '../../domain/quota-uses.ts';
import type { Handler } from '../handler.ts';

export const ListQuotas: Handler<'ListQuotas'> = async (deps, scope, { ProductKey: key }) => {
  const quotas = await (key === undefined ? quotasOfInstance(deps, scope) : quotasOfProduct(deps, scope, key));
  return {
    Data: {
      Quotas: { Quota: quotas.map(({ name, limit, used }) => ({ Name: name, Limit: limit, Used: used })) },
      CallsLimited: deps.limits.quotas,
    },
  };
};
