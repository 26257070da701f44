import { action } from '../action.ts';
import { bool, long, object, required, text, wrapped } from '../schema.ts';
import { instance } from './parts.ts';

/** Limits and their use. */
export const quotaActions = [
  action({
    name: 'ListQuotas',
    family: 'quota',
    summary:
      'Lists the limits of the instance, or of one of its products, that `OTARU_LIMITS` sets, and how much of each is used.',
    extension: true,
    service: 'iot',
    qps: 5,
    changes: false,
    request: { ProductKey: text('The limits of this product; those of the instance if left out.'), ...instance },
    response: {
      Data: required(
        object({
          Quotas: required(
            wrapped(
              'Quota',
              object({
                Name: required(
                  text(
                    '`Products`, `Packages`, `DeviceGroups`, `DynamicGroups`, `ConsumerGroups`, `Webhooks`; of a product `DevicesOfProduct`, `ModulesOfProduct`, `ConsumerGroupsOfProduct`.',
                  ),
                ),
                Limit: required(long('How many there may be.')),
                Used: required(long('How many there are.')),
              }),
            ),
          ),
          CallsLimited: required(
            bool('Whether the calls per second that each operation names are enforced, over all nodes.'),
          ),
        }),
      ),
    },
    errors: ['product.nullKey', 'product.malformedKey', 'product.notFound'],
  }),
] as const;
