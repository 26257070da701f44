import {
  countWaiting,
  firstCallingJob,
  firstDueDeliveries,
  firstDueJob,
  firstDueTask,
} from '../store/queries/backlog.ts';
import type { Deps } from './deps.ts';

/** What events wait for, as the names of consumers begin. */
export const consumerKinds = ['webhook', 'amqp'] as const;
export type ConsumerKind = (typeof consumerKinds)[number];

/** Events that wait are counted no further than this. */
export const MOST_WAITING = 10_000;

/** Work that is due and not done, as far as it can be told at the same small cost however much there is. */
export interface Backlog {
  /** For how many milliseconds something has been due; 0 when nothing is. */
  readonly oldestTaskMs: number;
  readonly oldestJobMs: number;
  readonly events: Readonly<Record<ConsumerKind, EventBacklog>>;
}

export interface EventBacklog {
  /** Deliveries to come, those that wait for their next attempt included; up to {@link MOST_WAITING}. */
  readonly waiting: number;
  /** For how many milliseconds a delivery has been due; webhooks that are off or asked for a pause do not count. */
  readonly oldestMs: number;
}

export async function readBacklog({ engine, clock }: Pick<Deps, 'engine' | 'clock'>): Promise<Backlog> {
  const db = engine.read;
  const now = clock.now();
  const since = (dueAt: number | undefined) => Math.max(0, now - (dueAt ?? now));
  const deliveries = await firstDueDeliveries(db, now);
  const eventsOf = async (kind: ConsumerKind): Promise<EventBacklog> => {
    const mine = deliveries.filter(({ consumer }) => consumer.startsWith(`${kind}:`));
    return {
      waiting: await countWaiting(db, `${kind}:`, MOST_WAITING),
      oldestMs: Math.max(0, ...mine.map(({ due_at }) => since(due_at))),
    };
  };
  return {
    oldestTaskMs: since(await firstDueTask(db)),
    oldestJobMs: Math.max(since(await firstDueJob(db)), since(await firstCallingJob(db))),
    events: { webhook: await eventsOf('webhook'), amqp: await eventsOf('amqp') },
  };
}
