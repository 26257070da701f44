import type { Tx } from '../store/engine.ts';
import { connectionsOf } from '../store/queries/consumer-connections.ts';
import {
  type ConsumerGroupRow,
  countConsumerGroups,
  deleteConsumerGroup,
  findConsumerGroup,
  insertConsumerGroup,
  listConsumerGroups,
  lockConsumerGroup,
  renameConsumerGroup,
} from '../store/queries/consumer-groups.ts';
import { countDue } from '../store/queries/event-deliveries.ts';
import { lockInstance } from '../store/queries/products.ts';
import { countSubscriptionsOf } from '../store/queries/subscriptions.ts';
import type { Deps, Scope } from './deps.ts';
import { forgetAllEvents } from './event-deliveries.ts';
import { fail } from './failure.ts';
import { isCarriable, isConsumerGroupName } from './names.ts';
import { type Page, page } from './paging.ts';

export interface ConsumerGroup {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

/** Id and name of the group that every instance has from its beginning. */
const BUILT_IN = 'DEFAULT_GROUP';
const LARGEST_PAGE = 1_000;

const toConsumerGroup = ({ id, name, created_at }: ConsumerGroupRow): ConsumerGroup => ({
  id,
  name,
  createdAt: created_at,
});

/** Adds the built-in group of an instance that is being made. */
export async function addBuiltInGroup(tx: Tx, instanceId: string, now: number): Promise<void> {
  await insertConsumerGroup(tx.db, {
    consumer: `amqp:${instanceId}:${BUILT_IN}`,
    instance_id: instanceId,
    id: BUILT_IN,
    name: BUILT_IN,
    created_at: now,
  });
}

/** Could be the id of a consumer group. */
export const isConsumerGroupId = (text: string): boolean => /^[A-Za-z0-9_]{1,64}$/.test(text);

/** @throws consumerGroup.invalidId */
export function checkConsumerGroupId(id: string): string {
  if (!isConsumerGroupId(id)) fail('consumerGroup.invalidId');
  return id;
}

/** A group of the caller's, held until the end of the transaction. @throws consumerGroup.invalidId, consumerGroup.notFound */
export async function requireConsumerGroup(tx: Tx, scope: Scope, id: string): Promise<ConsumerGroupRow> {
  return (await lockConsumerGroup(tx, scope.instanceId, checkConsumerGroupId(id))) ?? fail('consumerGroup.notFound');
}

/** @throws consumerGroup.invalidId, consumerGroup.notFound */
async function lookUp({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<ConsumerGroupRow> {
  const row = await findConsumerGroup(engine.read, scope.instanceId, checkConsumerGroupId(id));
  return row ?? fail('consumerGroup.notFound');
}

/** @throws consumerGroup.invalidName, consumerGroup.nameTaken, consumerGroup.countExceeded */
export async function createConsumerGroup(
  { engine, clock, ids, limits }: Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits'>,
  scope: Scope,
  name: string,
): Promise<string> {
  if (!isConsumerGroupName(name)) fail('consumerGroup.invalidName');
  const id = ids.id();
  const now = clock.now();
  try {
    await engine.transaction(async (tx) => {
      await lockInstance(tx, scope.instanceId);
      // the built-in one does not count
      const count = (await countConsumerGroups(tx.db, scope.instanceId)) - 1;
      if (count >= limits.consumerGroups) fail('consumerGroup.countExceeded');
      const consumer = `amqp:${id}`;
      await insertConsumerGroup(tx.db, { consumer, instance_id: scope.instanceId, id, name, created_at: now });
      tx.made(id);
    });
  } catch (error) {
    if (engine.isUniqueViolation(error)) fail('consumerGroup.nameTaken');
    throw error;
  }
  return id;
}

/** @throws consumerGroup.* */
export async function renameGroup(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  try {
    await engine.transaction(async (tx) => {
      const group = await requireConsumerGroup(tx, scope, id);
      if (group.id === BUILT_IN) fail('consumerGroup.builtIn');
      if (!isConsumerGroupName(name)) fail('consumerGroup.invalidName');
      await renameConsumerGroup(tx.db, group.consumer, name);
    });
  } catch (error) {
    if (engine.isUniqueViolation(error)) fail('consumerGroup.nameTaken');
    throw error;
  }
}

/** Deletes a group that nothing is subscribed to, and its backlog. @throws consumerGroup.* */
export async function removeConsumerGroup({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<void> {
  const consumer = await engine.transaction(async (tx) => {
    const group = await requireConsumerGroup(tx, scope, id);
    if (group.id === BUILT_IN) fail('consumerGroup.builtIn');
    if ((await countSubscriptionsOf(tx.db, group.consumer)) > 0) fail('consumerGroup.inUse');
    await deleteConsumerGroup(tx.db, group.consumer);
    return group.consumer;
  });
  await forgetAllEvents({ engine }, consumer);
}

/** @throws consumerGroup.invalidId, consumerGroup.notFound */
export async function getConsumerGroup(deps: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<ConsumerGroup> {
  return toConsumerGroup(await lookUp(deps, scope, id));
}

/** Newest first; a name that no group could have finds none. @throws common.invalidPage */
export async function pageOfConsumerGroups(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: {
    readonly page: number;
    readonly pageSize: number;
    readonly name?: string | undefined;
    readonly fuzzy?: boolean | undefined;
  },
): Promise<{ readonly page: Page; readonly total: number; readonly groups: ConsumerGroup[] }> {
  const wanted = page(input.page, input.pageSize, { maxSize: LARGEST_PAGE });
  const filter = { name: input.name || undefined, fuzzy: input.fuzzy };
  // a database that cannot hold such a text cannot be asked for it
  if (filter.name !== undefined && !isCarriable(filter.name)) return { page: wanted, total: 0, groups: [] };
  const total = await countConsumerGroups(engine.read, scope.instanceId, filter);
  const rows = await listConsumerGroups(engine.read, scope.instanceId, filter, {
    offset: wanted.offset,
    limit: wanted.size,
  });
  return { page: wanted, total, groups: rows.map(toConsumerGroup) };
}

export interface ConsumerGroupStatus {
  readonly backlog: number;
  readonly lastConsumedAt: number | undefined;
  readonly connections: readonly {
    readonly clientId: string;
    readonly address: string;
    readonly connectedAt: number;
    /** Messages acknowledged within the last minute. */
    readonly fresh: number;
    readonly backlog: number;
  }[];
}

/** Who is connected, over all nodes, and what waits. @throws consumerGroup.invalidId, consumerGroup.notFound */
export async function statusOfConsumerGroup(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  id: string,
): Promise<ConsumerGroupStatus> {
  const group = await lookUp({ engine }, scope, id);
  const rows = await connectionsOf(engine.read, group.consumer, clock.now());
  return {
    backlog: await countDue(engine.read, group.consumer),
    lastConsumedAt: group.consumed_at ?? undefined,
    connections: rows.map((row) => ({
      clientId: row.client_id,
      address: row.address,
      connectedAt: row.connected_at,
      fresh: row.fresh_count,
      backlog: row.backlog_count,
    })),
  };
}

/** Empties the backlog of a group. @throws consumerGroup.invalidId, consumerGroup.notFound */
export async function resetConsumerGroup(deps: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<void> {
  const { consumer } = await lookUp(deps, scope, id);
  await forgetAllEvents(deps, consumer);
}
