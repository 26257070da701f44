import {
  countDue,
  countEnded,
  type DeliveryFilter,
  type DeliveryOfEvent,
  listDeliveries,
} from '../store/queries/event-deliveries.ts';
import { findWebhook, listWebhooks } from '../store/queries/webhooks.ts';
import type { Deps } from './deps.ts';
import { replayEnded, replayEvents, STEPS_OF_CALL, webhookConsumer } from './event-deliveries.ts';
import { fail } from './failure.ts';
import { isOpaqueId } from './names.ts';
import { type Position, positionToken, readPositionToken } from './paging.ts';

type LogDeps = Pick<Deps, 'engine' | 'clock'>;

/**
 * Endpoints with how much waits for each and how much was given up: every one, or those of an instance.
 * @param most is not counted beyond
 */
export async function overviewOfWebhooks(
  { engine }: Pick<Deps, 'engine'>,
  { instanceId, most }: { readonly instanceId?: string; readonly most?: number } = {},
) {
  const webhooks = await listWebhooks(engine.read, instanceId);
  return Promise.all(
    webhooks.map(async (webhook) => {
      const consumer = webhookConsumer(webhook.id);
      const [waiting, dead] = await Promise.all([
        countDue(engine.read, consumer, most),
        countEnded(engine.read, consumer, 'dead', most),
      ]);
      return { ...webhook, waiting, dead };
    }),
  );
}

/**
 * What an endpoint was told, is to be told and could not be told: all, the newest events first, or those in a state, by
 * its time.
 * @returns undefined when there is no such endpoint
 */
export async function deliveriesOfWebhook(
  { engine }: Pick<Deps, 'engine'>,
  id: string,
  filter: DeliveryFilter,
): Promise<DeliveryOfEvent[] | undefined> {
  if (!(await findWebhook(engine.read, id))) return undefined;
  return listDeliveries(engine.read, webhookConsumer(id), filter);
}

/**
 * As {@link deliveriesOfWebhook}, page by page: each costs the same, however many there are.
 * @param token of the page before
 * @throws common.illegalPageToken
 */
export async function pageOfDeliveries(
  deps: Pick<Deps, 'engine'>,
  id: string,
  {
    state,
    size,
    token,
  }: { readonly state?: DeliveryFilter['state']; readonly size: number; readonly token?: string | undefined },
): Promise<{ readonly deliveries: DeliveryOfEvent[]; readonly nextToken: string } | undefined> {
  const list = `${id} ${state ?? ''}`;
  const last = token ? readPositionToken(token, list) : undefined;
  const after = last && { at: last.at, eventId: last.id };
  // one row more tells whether there is a next page
  const rows = await deliveriesOfWebhook(deps, id, { state, limit: size + 1, after });
  if (!rows) return undefined;
  const deliveries = rows.slice(0, size);
  const end = rows.length > size ? deliveries.at(-1) : undefined;
  return { deliveries, nextToken: end ? positionToken(list, positionOf(end, state)) : '' };
}

function positionOf(row: DeliveryOfEvent, state: DeliveryFilter['state']): Position {
  if (state === undefined) return { at: 0, id: row.event_id };
  return { at: (state === 'due' ? row.due_at : row.modified_at) ?? 0, id: row.event_id };
}

export interface Replay {
  /** Only these, whatever came of them. */
  readonly eventIds?: readonly string[] | undefined;
  /** Also what was delivered. */
  readonly delivered?: boolean | undefined;
  /** Only what ended at this time or later. */
  readonly since?: number | undefined;
  /** Only what ended before this time, which is after `since`. */
  readonly before?: number | undefined;
}

/**
 * Tells an endpoint anew: of certain events, of all that was given up, or of that and all that was delivered.
 * @param steps of 500 events, no more than so many
 * @returns how many events that are, and whether there may be more; undefined when there is no such endpoint
 * @throws common.invalidParameter when the range of time has no length
 */
export async function replayWebhook(
  deps: LogDeps,
  id: string,
  { eventIds, delivered = false, since, before: end = Number.POSITIVE_INFINITY }: Replay,
  steps = Number.POSITIVE_INFINITY,
): Promise<{ readonly total: number; readonly hasMore: boolean; readonly before: number } | undefined> {
  if (!(await findWebhook(deps.engine.read, id))) return undefined;
  // what is told and ends once more meanwhile is not meant
  const before = Math.min(end, deps.clock.now());
  if (since !== undefined && since >= before) fail('common.invalidParameter', { Parameter: 'Since' });
  const range = { since: since ?? 0, before };
  const consumer = webhookConsumer(id);
  if (eventIds) {
    return { total: await replayEvents(deps, consumer, eventIds.filter(isOpaqueId)), hasMore: false, before };
  }
  const dead = await replayEnded(deps, consumer, 'dead', { ...range, steps });
  if (!delivered || dead.hasMore) return { total: dead.total, hasMore: dead.hasMore, before };
  const done = await replayEnded(deps, consumer, 'done', { ...range, steps: steps - dead.steps });
  return { total: dead.total + done.total, hasMore: done.hasMore, before };
}

/** As {@link replayWebhook}, as much as a call of the API has time for. */
export const replaySome = (deps: LogDeps, id: string, replay: Replay) => replayWebhook(deps, id, replay, STEPS_OF_CALL);
