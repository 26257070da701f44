import {
  deleteEventsBefore,
  deliveriesOf,
  endedDeliveries,
  forgetDeliveries,
  restartDeliveries,
} from '../store/queries/event-deliveries.ts';
import { listWebhooks } from '../store/queries/webhooks.ts';
import type { Deps } from './deps.ts';

const DAY = 86_400_000;
/** What was delivered can be looked at, and sent again, for so long. */
export const DONE_KEPT_MS = 3 * DAY;
/** An event is told to nobody later than this, whether it was given up, held back, or never asked for. */
export const EVENT_KEPT_MS = 30 * DAY;
const STEP = 500;

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

/** Empties the list of a consumer, in steps. */
export async function forgetAllEvents({ engine }: Pick<Deps, 'engine'>, consumer: string): Promise<void> {
  for (;;) {
    const ids = await engine.transaction(async (tx) => {
      const some = await deliveriesOf(tx.db, consumer, STEP);
      await forgetDeliveries(tx.db, consumer, some);
      return some;
    });
    if (ids.length < STEP) return;
  }
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

/** Tells a consumer anew of all that ended so before now, in steps. @returns how many there were */
export async function replayEnded(deps: EventDeps, consumer: string, state: 'dead' | 'done'): Promise<number> {
  // what is told and ends once more meanwhile is not meant
  const before = deps.clock.now();
  for (let total = 0; ; ) {
    const ids = await endedDeliveries(deps.engine.read, consumer, state, before, STEP);
    if (ids.length === 0) return total;
    total += await replayEvents(deps, consumer, ids);
  }
}

/** Deletes what nobody has to be told or will look at any more. */
export async function sweepEvents({ engine, clock }: EventDeps): Promise<void> {
  const now = clock.now();
  for (const { id } of await listWebhooks(engine.read)) {
    const consumer = webhookConsumer(id);
    for (;;) {
      const ids = await endedDeliveries(engine.read, consumer, 'done', now - DONE_KEPT_MS, STEP);
      if (ids.length > 0) await engine.transaction((tx) => forgetDeliveries(tx.db, consumer, ids));
      if (ids.length < STEP) break;
    }
  }
  while ((await engine.transaction((tx) => deleteEventsBefore(tx.db, now - EVENT_KEPT_MS, STEP))) === STEP);
}
