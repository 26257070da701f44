import { countDue, countEnded, type DeliveryOfEvent, listDeliveries } from '../store/queries/event-deliveries.ts';
import { findWebhook, listWebhooks } from '../store/queries/webhooks.ts';
import type { Deps } from './deps.ts';
import { replayEnded, replayEvents, webhookConsumer } from './event-deliveries.ts';

type LogDeps = Pick<Deps, 'engine' | 'clock'>;

/** Every endpoint with how much waits for it and how much was given up. */
export async function overviewOfWebhooks({ engine }: Pick<Deps, 'engine'>) {
  const webhooks = await listWebhooks(engine.read);
  return Promise.all(
    webhooks.map(async (webhook) => {
      const consumer = webhookConsumer(webhook.id);
      const [waiting, dead] = await Promise.all([
        countDue(engine.read, consumer),
        countEnded(engine.read, consumer, 'dead'),
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
  filter: Parameters<typeof listDeliveries>[2],
): Promise<DeliveryOfEvent[] | undefined> {
  if (!(await findWebhook(engine.read, id))) return undefined;
  return listDeliveries(engine.read, webhookConsumer(id), filter);
}

/**
 * Tells an endpoint anew: of one event, of all that was given up, or of that and all that was delivered.
 * @returns how many events that are; undefined when there is no such endpoint
 */
export async function replayWebhook(
  deps: LogDeps,
  id: string,
  { eventId, delivered = false }: { readonly eventId?: string | undefined; readonly delivered?: boolean | undefined },
): Promise<number | undefined> {
  if (!(await findWebhook(deps.engine.read, id))) return undefined;
  const consumer = webhookConsumer(id);
  if (eventId !== undefined) return replayEvents(deps, consumer, [eventId]);
  const done = delivered ? await replayEnded(deps, consumer, 'done') : 0;
  return done + (await replayEnded(deps, consumer, 'dead'));
}
