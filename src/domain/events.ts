import type { Tx } from '../store/engine.ts';
import { type DeliveryRow, type EventRow, insertEvents, routesOf } from '../store/queries/events.ts';
import { type EventMessage, jobUpdatedEvent } from '../wire/event-messages.ts';
import type { Deps } from './deps.ts';

/** Whoever changes something that others may listen to needs these. */
export type EventDeps = Pick<Deps, 'clock' | 'ids'>;

/**
 * Writes events into the outbox, in the transaction that causes them, for everyone who listens to them by then.
 * Costs one look-up, and nothing else, where nobody does. To be called late in the transaction: it takes no locks.
 */
export async function emit(tx: Tx, { clock, ids }: EventDeps, messages: readonly EventMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const types = [...new Set(messages.map(({ type }) => type))];
  const routes = await routesOf(tx.db, [...new Set(messages.map(({ productKey }) => productKey))], types);
  if (routes.length === 0) return;
  const now = clock.now();
  const events: EventRow[] = [];
  const deliveries: DeliveryRow[] = [];
  for (const { productKey, topic, type, payload } of messages) {
    const listening = routes.filter((route) => route.product_key === productKey && route.type === type);
    const [first] = listening;
    if (!first) continue;
    const id = ids.id();
    const text = JSON.stringify(payload);
    events.push({
      id,
      instance_id: first.instance_id,
      product_key: productKey,
      topic,
      type,
      payload: text,
      created_at: now,
    });
    for (const { consumer } of listening) {
      deliveries.push({ consumer, event_id: id, state: 'due', due_at: now, attempts: 0, note: '', modified_at: now });
    }
  }
  await insertEvents(tx, events, deliveries);
  tx.nudge({ kind: 'event', consumers: [...new Set(deliveries.map(({ consumer }) => consumer))] });
}

interface NamedJob {
  readonly id: string;
  readonly product_key: string;
  readonly firmware_id: string;
  readonly module: string;
}

/** Tells that a job is in a state now. */
export async function emitJobStatus(
  tx: Tx,
  deps: EventDeps,
  job: NamedJob,
  status: Parameters<typeof jobUpdatedEvent>[1],
): Promise<void> {
  const named = { productKey: job.product_key, firmwareId: job.firmware_id, jobId: job.id, module: job.module };
  await emit(tx, deps, [jobUpdatedEvent(named, status, deps.clock.now())]);
}
