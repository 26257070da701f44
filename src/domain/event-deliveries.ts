import {
  deleteEventsBefore,
  deliveriesOf,
  endedDeliveries,
  forgetDeliveries,
  nextConsumer,
  restartDeliveries,
} from '../store/queries/event-deliveries.ts';
import { findWebhook, listWebhooks } from '../store/queries/webhooks.ts';
import type { Deps } from './deps.ts';

const DAY = 86_400_000;
/** What was delivered can be looked at, and sent again, for so long. */
export const DONE_KEPT_MS = 3 * DAY;
/** An event is told to nobody later than this, whether it was given up, held back, or never asked for. */
export const EVENT_KEPT_MS = 30 * DAY;
const STEP = 500;
/** Steps that a call of the API takes time for. */
export const STEPS_OF_CALL = 10;

/** The name of an endpoint among the consumers of events. */
export const webhookConsumer = (id: string): string => `webhook:${id}`;

/** The endpoint that a consumer of events is, if it is one. */
export function webhookOfConsumer(consumer: string): string | undefined {
  return consumer.startsWith('webhook:') ? consumer.slice('webhook:'.length) : undefined;
}

type EventDeps = Pick<Deps, 'engine' | 'clock'>;

/** Forgets what a consumer has been told, or is never to be told. */
export async function forgetEvents(
  { engine }: Pick<Deps, 'engine'>,
  consumer: string,
  eventIds: readonly string[],
): Promise<void> {
  await engine.transaction((tx) => forgetDeliveries(tx.db, consumer, eventIds));
}

/** @returns false when nothing is left */
async function forgetStep({ engine }: Pick<Deps, 'engine'>, consumer: string): Promise<boolean> {
  return engine.transaction(async (tx) => {
    const some = await deliveriesOf(tx.db, consumer, STEP);
    await forgetDeliveries(tx.db, consumer, some);
    return some.length === STEP;
  });
}

/** Empties the list of a consumer, in steps. */
export async function forgetAllEvents(deps: Pick<Deps, 'engine'>, consumer: string): Promise<void> {
  while (await forgetStep(deps, consumer));
}

/** Empties the list of an endpoint that is gone, as far as a call has time for; {@link sweepEvents} does the rest. */
export async function forgetSomeEvents(deps: Pick<Deps, 'engine'>, consumer: string): Promise<void> {
  for (let steps = 0; steps < STEPS_OF_CALL && (await forgetStep(deps, consumer)); steps += 1);
}

/** Tells a consumer of events anew, from the first attempt on. @returns how many of them there were */
export async function replayEvents(
  { engine, clock }: EventDeps,
  consumer: string,
  eventIds: readonly string[],
): Promise<number> {
  return engine.transaction(async (tx) => {
    const count = await restartDeliveries(tx.db, consumer, eventIds, clock.now());
    if (count > 0) tx.nudge({ kind: 'event', consumers: [consumer] });
    return count;
  });
}

/**
 * Tells a consumer anew of all that ended so, in steps.
 * @param since time from which on it ended
 * @param before time before which it ended: what is told and ends once more meanwhile is not meant
 * @param steps no more than so many, of up to 500 events
 * @returns how many there were, and whether there may be more
 */
export async function replayEnded(
  deps: EventDeps,
  consumer: string,
  state: 'dead' | 'done',
  { since = 0, before = deps.clock.now(), steps = Number.POSITIVE_INFINITY } = {},
): Promise<{ readonly total: number; readonly steps: number; readonly hasMore: boolean }> {
  for (let [total, done] = [0, 0]; ; done += 1) {
    if (done >= steps) return { total, steps: done, hasMore: true };
    const ids = await endedDeliveries(deps.engine.read, consumer, state, { since, before }, STEP);
    if (ids.length === 0) return { total, steps: done, hasMore: false };
    total += await replayEvents(deps, consumer, ids);
  }
}

/** Deletes what nobody has to be told or will look at any more. */
export async function sweepEvents({ engine, clock }: EventDeps): Promise<void> {
  const now = clock.now();
  for (const { id } of await listWebhooks(engine.read)) {
    const consumer = webhookConsumer(id);
    for (;;) {
      const ids = await endedDeliveries(engine.read, consumer, 'done', { before: now - DONE_KEPT_MS }, STEP);
      if (ids.length > 0) await engine.transaction((tx) => forgetDeliveries(tx.db, consumer, ids));
      if (ids.length < STEP) break;
    }
  }
  const endpoints = 'webhook:';
  for (let consumer = await nextConsumer(engine.read, endpoints, endpoints); consumer !== undefined; ) {
    const id = webhookOfConsumer(consumer) ?? '';
    // its removal was cut short, or something happened while it was removed
    if (!(await findWebhook(engine.read, id))) await forgetAllEvents({ engine }, consumer);
    consumer = await nextConsumer(engine.read, endpoints, consumer);
  }
  while ((await engine.transaction((tx) => deleteEventsBefore(tx.db, now - EVENT_KEPT_MS, STEP))) === STEP);
}
