import type { EventType } from '../contract/event-types.ts';
import type { Tx } from '../store/engine.ts';
import { type ConsumerGroupRow, lockConsumerGroups } from '../store/queries/consumer-groups.ts';
import { setRoutes } from '../store/queries/events.ts';
import { lockProduct } from '../store/queries/products.ts';
import {
  countSubscriptionsOf,
  deleteSubscription,
  findSubscription,
  groupsOfSubscription,
  insertSubscription,
  type SubscriptionRow,
  setSubscriptionFlags,
  setSubscriptionGroups,
} from '../store/queries/subscriptions.ts';
import { checkConsumerGroupId, requireConsumerGroup } from './consumer-groups.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { checkProductKey, requireProduct } from './products.ts';

/** What each flag of a subscription turns on (storage-and-events 3.6). Where there is none, nothing here causes such messages. */
const typesOfFlags = {
  DeviceDataFlag: [],
  DeviceStatusChangeFlag: ['device.online', 'device.offline'],
  DeviceTopoLifeCycleFlag: [],
  DeviceLifeCycleFlag: ['device.created', 'device.deleted', 'device.enabled', 'device.disabled'],
  FoundDeviceListFlag: [],
  ThingHistoryFlag: [],
  OtaEventFlag: ['ota.task.succeeded', 'ota.task.failed', 'ota.task.canceled', 'ota.task.progress'],
  DeviceTagFlag: [],
  OtaVersionFlag: ['ota.version.changed'],
  OtaJobFlag: ['ota.job.updated'],
} as const satisfies Record<string, readonly EventType[]>;

export type SubscriptionFlag = keyof typeof typesOfFlags;
export const subscriptionFlags = Object.keys(typesOfFlags) as SubscriptionFlag[];

/** A subscription as a client names it: there is one for each product and type. */
export interface SubscriptionRef {
  readonly productKey: string;
  readonly type: string;
}

export interface SubscriptionSettings {
  readonly groupIds: readonly string[];
  readonly flags: readonly SubscriptionFlag[];
}

type Write = Pick<Deps, 'engine' | 'clock' | 'limits'>;

/** @throws subscription.invalidType, subscription.mnsNotSupported */
function checkType(type: string): void {
  if (type === 'MNS') fail('subscription.mnsNotSupported');
  if (type !== 'AMQP') fail('subscription.invalidType');
}

/** @throws subscription.noFlag, subscription.noGroups, consumerGroup.notFound, subscription.tooManyGroups */
function checkSettings({ limits }: Pick<Deps, 'limits'>, { groupIds, flags }: SubscriptionSettings): string[] {
  const ids = [...new Set(groupIds)];
  if (ids.length === 0) fail('subscription.noGroups');
  if (ids.length > limits.groupsPerSubscription) fail('subscription.tooManyGroups');
  if (flags.length === 0) fail('subscription.noFlag');
  return ids;
}

/** Holds a product of the caller's, so that its subscription is changed by one caller at a time. */
async function holdProduct(tx: Tx, scope: Scope, productKey: string): Promise<void> {
  if (!(await lockProduct(tx, scope.instanceId, checkProductKey(productKey)))) fail('product.notFound');
}

async function holdSubscription(tx: Tx, scope: Scope, productKey: string): Promise<SubscriptionRow> {
  await holdProduct(tx, scope, productKey);
  return (await findSubscription(tx.db, productKey)) ?? fail('subscription.notFound');
}

/** The groups of these ids, which are not deleted meanwhile. @throws consumerGroup.notFound */
async function holdGroups(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ConsumerGroupRow[]> {
  const groups = await lockConsumerGroups(tx, scope.instanceId, ids);
  if (groups.length < ids.length) fail('consumerGroup.notFound');
  return groups;
}

/** Makes these the receivers of a subscription; the routes of events follow from it. @throws subscription.tooManyProducts */
async function route(
  { limits }: Pick<Deps, 'limits'>,
  tx: Tx,
  { product_key: productKey, instance_id: instanceId, flags }: SubscriptionRow,
  consumers: readonly string[],
): Promise<void> {
  await setSubscriptionGroups(tx, productKey, consumers);
  for (const consumer of consumers) {
    const products = await countSubscriptionsOf(tx.db, consumer);
    if (products > limits.productsPerConsumerGroup) fail('subscription.tooManyProducts');
  }
  const types = flags.flatMap((flag) => typesOfFlags[flag as SubscriptionFlag] ?? []);
  await setRoutes(tx, { instanceId, productKey, kind: 'amqp' }, consumers, types);
}

/** @throws the errors of CreateSubscribeRelation */
export async function createSubscription(
  { engine, clock, limits }: Write,
  scope: Scope,
  { productKey, type }: SubscriptionRef,
  settings: SubscriptionSettings,
): Promise<void> {
  checkType(type);
  const now = clock.now();
  await engine.transaction(async (tx) => {
    await holdProduct(tx, scope, productKey);
    const ids = checkSettings({ limits }, settings);
    if (await findSubscription(tx.db, productKey)) fail('subscription.exists');
    const groups = await holdGroups(tx, scope, ids);
    const row = { product_key: productKey, instance_id: scope.instanceId, flags: settings.flags, created_at: now };
    await insertSubscription(tx.db, row);
    await route({ limits }, tx, row, groups.map(consumerOf));
  });
}

const consumerOf = ({ consumer }: { readonly consumer: string }) => consumer;

/** Replaces groups and flags. @throws the errors of UpdateSubscribeRelation */
export async function changeSubscription(
  { engine, limits }: Omit<Write, 'clock'>,
  scope: Scope,
  { productKey, type }: SubscriptionRef,
  settings: SubscriptionSettings,
): Promise<void> {
  checkType(type);
  await engine.transaction(async (tx) => {
    const row = await holdSubscription(tx, scope, productKey);
    const groups = await holdGroups(tx, scope, checkSettings({ limits }, settings));
    await setSubscriptionFlags(tx.db, productKey, settings.flags);
    await route({ limits }, tx, { ...row, flags: settings.flags }, groups.map(consumerOf));
  });
}

/** @throws the errors of QuerySubscribeRelation */
export async function getSubscription(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  { productKey, type }: SubscriptionRef,
): Promise<SubscriptionSettings> {
  checkType(type);
  await requireProduct(engine.read, scope, productKey);
  const row = (await findSubscription(engine.read, productKey)) ?? fail('subscription.notFound');
  const groups = await groupsOfSubscription(engine.read, productKey);
  return { groupIds: groups.map(({ id }) => id), flags: row.flags as readonly SubscriptionFlag[] };
}

/** Ends a subscription; what waits already is still delivered. @throws the errors of DeleteSubscribeRelation */
export async function removeSubscription(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  { productKey, type }: SubscriptionRef,
): Promise<void> {
  checkType(type);
  await engine.transaction(async (tx) => {
    const row = await holdSubscription(tx, scope, productKey);
    await deleteSubscription(tx.db, productKey);
    await setRoutes(tx, { instanceId: row.instance_id, productKey, kind: 'amqp' }, [], []);
  });
}

export interface SubscribedGroup {
  readonly groupId: string;
  readonly productKey: string;
}

/** Adds a group to a subscription; one that is in it already stays. @throws the errors of CreateConsumerGroupSubscribeRelation */
export async function subscribeGroup(
  { engine, limits }: Omit<Write, 'clock'>,
  scope: Scope,
  { groupId, productKey }: SubscribedGroup,
): Promise<void> {
  checkConsumerGroupId(groupId);
  await engine.transaction(async (tx) => {
    const row = await holdSubscription(tx, scope, productKey);
    const { consumer } = await requireConsumerGroup(tx, scope, groupId);
    const consumers = new Set((await groupsOfSubscription(tx.db, productKey)).map(consumerOf)).add(consumer);
    if (consumers.size > limits.groupsPerSubscription) fail('subscription.tooManyGroups');
    await route({ limits }, tx, row, [...consumers]);
  });
}

/** Takes a group out of a subscription. @throws the errors of DeleteConsumerGroupSubscribeRelation */
export async function unsubscribeGroup(
  { engine, limits }: Omit<Write, 'clock'>,
  scope: Scope,
  { groupId, productKey }: SubscribedGroup,
): Promise<void> {
  checkConsumerGroupId(groupId);
  await engine.transaction(async (tx) => {
    const row = await holdSubscription(tx, scope, productKey);
    const { consumer } = await requireConsumerGroup(tx, scope, groupId);
    const consumers = (await groupsOfSubscription(tx.db, productKey)).map(consumerOf);
    if (!consumers.includes(consumer)) fail('subscription.notSubscribed');
    if (consumers.length === 1) fail('subscription.lastGroup');
    await route(
      { limits },
      tx,
      row,
      consumers.filter((other) => other !== consumer),
    );
  });
}
