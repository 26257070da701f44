import { countConsumerGroups } from '../store/queries/consumer-groups.ts';
import { countFirmware } from '../store/queries/firmware.ts';
import { countGroups } from '../store/queries/groups.ts';
import { countModules } from '../store/queries/ota-modules.ts';
import { countProducts } from '../store/queries/products.ts';
import { groupsOfSubscription } from '../store/queries/subscriptions.ts';
import { countWebhooks } from '../store/queries/webhooks.ts';
import type { Deps, Scope } from './deps.ts';
import { DYNAMIC, STATIC } from './groups.ts';
import { checkProductKey, requireProduct } from './products.ts';
import { MOST_WEBHOOKS } from './webhooks.ts';

/** How much of a limit is used. */
export interface QuotaUse {
  readonly name: string;
  readonly limit: number;
  readonly used: number;
}

type QuotaDeps = Pick<Deps, 'engine' | 'limits'>;

/** The limits of an instance whose use is known without a look at devices or tasks. */
export async function quotasOfInstance({ engine, limits }: QuotaDeps, { instanceId }: Scope): Promise<QuotaUse[]> {
  const db = engine.read;
  const [products, packages, groups, dynamicGroups, consumerGroups, webhooks] = await Promise.all([
    countProducts(db, instanceId),
    countFirmware(db, instanceId),
    countGroups(db, instanceId, { types: [STATIC] }),
    countGroups(db, instanceId, { types: [DYNAMIC] }),
    countConsumerGroups(db, instanceId),
    countWebhooks(db, instanceId),
  ]);
  return [
    { name: 'Products', limit: limits.products, used: products },
    { name: 'Packages', limit: limits.packages, used: packages },
    { name: 'DeviceGroups', limit: limits.groups, used: groups },
    { name: 'DynamicGroups', limit: limits.dynamicGroups, used: dynamicGroups },
    // the built-in one does not count
    { name: 'ConsumerGroups', limit: limits.consumerGroups, used: consumerGroups - 1 },
    { name: 'Webhooks', limit: MOST_WEBHOOKS, used: webhooks },
  ];
}

/** The limits of one product. @throws product.nullKey, product.malformedKey, product.notFound */
export async function quotasOfProduct({ engine, limits }: QuotaDeps, scope: Scope, key: string): Promise<QuotaUse[]> {
  const product = await requireProduct(engine.read, scope, checkProductKey(key));
  const [modules, groups] = await Promise.all([
    countModules(engine.read, product.key),
    groupsOfSubscription(engine.read, product.key),
  ]);
  return [
    { name: 'DevicesOfProduct', limit: limits.devicesPerProduct, used: product.device_count },
    // beside `default`, which is no row
    { name: 'ModulesOfProduct', limit: limits.modulesPerProduct, used: modules },
    { name: 'ConsumerGroupsOfProduct', limit: limits.groupsPerSubscription, used: groups.length },
  ];
}
