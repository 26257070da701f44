import {
  connectionsOf,
  deleteConsumerConnections,
  deleteLostConnections,
  putConsumerConnections,
} from '../store/queries/consumer-connections.ts';
import {
  allConsumers,
  consumersThatExist,
  findConsumerGroup,
  lockConsumer,
  touchConsumerGroup,
} from '../store/queries/consumer-groups.ts';
import {
  claimDeliveries,
  delayDeliveries,
  forgetDeliveries,
  hasDue,
  oldestDeliveries,
} from '../store/queries/event-deliveries.ts';
import { parseConsumer, verifyConsumer } from '../wire/amqp-login.ts';
import { identify, scopeOfCall } from './accounts.ts';
import { isConsumerGroupId } from './consumer-groups.ts';
import type {
  ConsumerConnection,
  ConsumerLogin,
  ConsumerMessage,
  ConsumerOutcome,
  ConsumerServices,
} from './consumer-services.ts';
import type { Deps } from './deps.ts';
import { forgetEvents } from './event-deliveries.ts';
import { Failure } from './failure.ts';
import { permits } from './policy.ts';

/** A message that is not acknowledged within this has failed (storage-and-events 3.2). */
export const ACKNOWLEDGE_MS = 30_000;
/** What has failed is sent again after this, until it is too old. */
export const RETRY_MS = 60_000;
const RETENTION_MS = 86_400_000;
/** What has waited for longer is backlog. */
const FRESH_MS = 60_000;
/** Backlog gets this part of what there is room for before fresh messages get the rest. */
const BACKLOG_SHARE = 4;
const STEP = 500;

type ConsumerDeps = Pick<Deps, 'engine' | 'clock' | 'vault' | 'limits'>;

/** The rules as a listener for consumers on node `nodeId` sees them. */
export function createConsumerServices(deps: ConsumerDeps, nodeId: string): ConsumerServices {
  return {
    login: (userName, password) => loginConsumer(deps, userName, password),
    join: (connection) => joinGroup(deps, nodeId, connection),
    leave: (connectionIds) => leaveGroups(deps, connectionIds),
    claim: (consumer, limit) => claimMessages(deps, consumer, limit),
    settle: (consumer, outcome) => settleMessages(deps, consumer, outcome),
    refresh: (connections) => refreshConnections(deps, nodeId, connections),
  };
}

const refused = (detail: string): ConsumerLogin => ({ ok: false, detail });

/** Verifies user name and password of a consumer, its right to subscribe, and its group (storage-and-events 3.1). */
async function loginConsumer(deps: ConsumerDeps, userName: string, password: string): Promise<ConsumerLogin> {
  const claim = parseConsumer(userName);
  if (typeof claim === 'string') return refused(claim);
  if (claim.securityToken !== undefined) return refused('STS tokens are not served');
  try {
    const { caller, secret } = await identify(deps, claim.accessKeyId);
    if (!verifyConsumer(claim, password, secret)) return refused('wrong password');
    if (caller.policy && !permits(caller.policy, 'iot:sub', caller.accountId)) return refused('no right to iot:sub');
    const { instanceId } = await scopeOfCall(deps.engine.read, caller, claim.iotInstanceId);
    const group = isConsumerGroupId(claim.consumerGroupId)
      ? await findConsumerGroup(deps.engine.read, instanceId, claim.consumerGroupId)
      : undefined;
    if (!group) return refused('unknown consumer group');
    const { accessKeyId, clientId } = claim;
    return { ok: true, consumer: { consumer: group.consumer, accessKeyId, clientId } };
  } catch (error) {
    if (error instanceof Failure) return refused(error.key);
    throw error;
  }
}

const toRow = (nodeId: string, connection: ConsumerConnection, now: number) => ({
  id: connection.connectionId,
  consumer: connection.consumer,
  node_id: nodeId,
  client_id: connection.clientId,
  address: connection.address,
  connected_at: now,
  fresh_count: connection.fresh,
  backlog_count: connection.backlog,
});

async function joinGroup(
  { engine, clock, limits }: ConsumerDeps,
  nodeId: string,
  connection: ConsumerConnection,
): Promise<boolean> {
  const now = clock.now();
  return engine.transaction(async (tx) => {
    // held, so that of two who take the last place one is refused
    if (!(await lockConsumer(tx, connection.consumer))) return false;
    const others = await connectionsOf(tx.db, connection.consumer, now);
    if (others.length >= limits.consumersPerGroup) return false;
    await putConsumerConnections(tx.db, [toRow(nodeId, connection, now)]);
    return true;
  });
}

async function leaveGroups({ engine }: Pick<Deps, 'engine'>, connectionIds: readonly string[]): Promise<void> {
  if (connectionIds.length === 0) return;
  await engine.transaction((tx) => deleteConsumerConnections(tx.db, connectionIds));
}

/** Fresh messages first, backlog beside them, so that neither keeps the other waiting (storage-and-events 3.2). */
async function claimMessages(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  consumer: string,
  limit: number,
): Promise<ConsumerMessage[]> {
  if (!(await hasDue(engine.read, consumer, clock.now()))) return [];
  return engine.transaction(async (tx) => {
    const now = clock.now();
    // as if it had failed at the end of its time: a node that dies delays its messages no longer than others
    const bounds = { now, until: now + ACKNOWLEDGE_MS + RETRY_MS };
    const [old, young] = [{ dueBy: now - FRESH_MS }, { dueAfter: now - FRESH_MS }];
    const claimed = await claimDeliveries(tx, consumer, {
      ...bounds,
      ...old,
      limit: Math.floor(limit / BACKLOG_SHARE),
    });
    for (const range of [young, old]) {
      const room = limit - claimed.length;
      if (room > 0) claimed.push(...(await claimDeliveries(tx, consumer, { ...bounds, ...range, limit: room })));
    }
    return claimed.map(({ claim, event }) => ({
      eventId: event.id,
      topic: event.topic,
      payload: event.payload,
      createdAt: event.created_at,
      backlog: claim.attempts > 1 || event.created_at < now - FRESH_MS,
    }));
  });
}

async function settleMessages(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  consumer: string,
  { accepted, failed, unsent }: ConsumerOutcome,
): Promise<void> {
  await engine.transaction(async (tx) => {
    const now = clock.now();
    await forgetDeliveries(tx.db, consumer, accepted);
    const again = { now, dueAt: now + RETRY_MS, note: 'not acknowledged' };
    await delayDeliveries(tx.db, consumer, failed, again);
    await delayDeliveries(tx.db, consumer, unsent, { now, dueAt: now, note: '', begun: false });
    if (accepted.length > 0) await touchConsumerGroup(tx.db, consumer, now);
    // some other node may have a consumer that is there
    if (unsent.length > 0) tx.nudge({ kind: 'event', consumers: [consumer] });
  });
}

async function refreshConnections(
  deps: ConsumerDeps,
  nodeId: string,
  connections: readonly ConsumerConnection[],
): Promise<string[]> {
  if (connections.length === 0) return [];
  const { engine, clock } = deps;
  const groups = new Set(await consumersThatExist(engine.read, [...new Set(connections.map((one) => one.consumer))]));
  const keys = new Set<string>();
  for (const key of new Set(connections.map((one) => one.accessKeyId))) if (await mayStay(deps, key)) keys.add(key);
  const welcome = connections.filter((one) => groups.has(one.consumer) && keys.has(one.accessKeyId));
  if (welcome.length > 0) {
    const now = clock.now();
    const rows = welcome.map((connection) => toRow(nodeId, connection, now));
    await engine.transaction(async (tx) => {
      for (let at = 0; at < rows.length; at += STEP) await putConsumerConnections(tx.db, rows.slice(at, at + STEP));
    });
  }
  const stays = new Set(welcome);
  return connections.filter((one) => !stays.has(one)).map((one) => one.connectionId);
}

/** Whether a key that has logged in may still subscribe. */
async function mayStay(deps: ConsumerDeps, accessKeyId: string): Promise<boolean> {
  try {
    const { caller } = await identify(deps, accessKeyId);
    return !caller.policy || permits(caller.policy, 'iot:sub', caller.accountId);
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** Drops messages that nobody took for a day, and the connections of nodes that died. */
export async function sweepConsumers({ engine, clock }: Pick<Deps, 'engine' | 'clock'>): Promise<void> {
  const before = clock.now() - RETENTION_MS;
  for (const consumer of await allConsumers(engine.read)) {
    let oldest = await oldestDeliveries(engine.read, consumer, 1);
    while (oldest.some((event) => event.created_at < before)) {
      oldest = await oldestDeliveries(engine.read, consumer, STEP);
      const expired = oldest.filter((event) => event.created_at < before).map((event) => event.id);
      await forgetEvents({ engine }, consumer, expired);
      oldest = await oldestDeliveries(engine.read, consumer, 1);
    }
  }
  await engine.transaction((tx) => deleteLostConnections(tx, clock.now()));
}
