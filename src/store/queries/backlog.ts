import { sql } from 'kysely';
import type { Db } from '../engine.ts';

/** Consumers that are looked at: what a look costs at most. */
const MOST_CONSUMERS = 1_000;

/** When the task that is due for the longest time came due, or the next one will; undefined when none ever will. */
export async function firstDueTask(db: Db): Promise<number | undefined> {
  const query = db.selectFrom('task').select('due_at').where('due_at', 'is not', null).orderBy('due_at').limit(1);
  return (await query.executeTakeFirst())?.due_at ?? undefined;
}

/** As {@link firstDueTask}, for the steps of jobs. */
export async function firstDueJob(db: Db): Promise<number | undefined> {
  const query = db.selectFrom('job').select('due_at').where('due_at', 'is not', null).orderBy('due_at').limit(1);
  return (await query.executeTakeFirst())?.due_at ?? undefined;
}

/** As {@link firstDueTask}, for jobs that call devices as their push rate allows. */
export async function firstCallingJob(db: Db): Promise<number | undefined> {
  const query = db.selectFrom('job').select('call_at').where('call_at', 'is not', null).orderBy('call_at').limit(1);
  return (await query.executeTakeFirst())?.call_at ?? undefined;
}

/**
 * When the first delivery of each consumer comes due, without webhooks that are off or held. It goes from one consumer
 * to the next in the index, however much waits for each.
 */
export async function firstDueDeliveries(db: Db, now: number): Promise<{ consumer: string; due_at: number }[]> {
  const rows = await db
    .withRecursive('waiting(consumer, number)', (cte) =>
      cte
        .selectFrom((eb) =>
          eb
            .selectFrom('event_delivery')
            .select('consumer')
            .where('due_at', 'is not', null)
            .orderBy('consumer')
            .limit(1)
            .as('first'),
        )
        .select((eb) => [
          // of the last one there is no next
          eb.ref('first.consumer').$castTo<string | null>().as('consumer'),
          sql<number>`1`.as('number'),
        ])
        .unionAll(
          cte
            .selectFrom('waiting')
            .select((eb) => [
              eb
                .selectFrom('event_delivery')
                .select('event_delivery.consumer')
                .whereRef('event_delivery.consumer', '>', 'waiting.consumer')
                .where('due_at', 'is not', null)
                .orderBy('event_delivery.consumer')
                .limit(1)
                .as('consumer'),
              sql<number>`number + 1`.as('number'),
            ])
            .where('waiting.consumer', 'is not', null)
            .where('number', '<', MOST_CONSUMERS),
        ),
    )
    .selectFrom('waiting')
    .select((eb) => [
      'waiting.consumer',
      eb
        .selectFrom('event_delivery')
        .select('due_at')
        .whereRef('event_delivery.consumer', '=', 'waiting.consumer')
        .where('due_at', 'is not', null)
        .orderBy('due_at')
        .limit(1)
        .as('due_at'),
    ])
    .where('waiting.consumer', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('webhook')
            .select('webhook.id')
            .where('webhook.id', '=', sql<string>`substr(waiting.consumer, 9)`)
            .where((eb) => eb.or([eb('disabled_at', 'is not', null), eb('hold_until', '>', now)])),
        ),
      ),
    )
    .execute();
  return rows.flatMap(({ consumer, due_at }) => (consumer === null || due_at === null ? [] : [{ consumer, due_at }]));
}

/** How much consumers whose names begin so have still to be told, counted up to `limit`. */
export async function countWaiting(db: Db, prefix: string, limit: number): Promise<number> {
  const { count } = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('event_delivery')
        .select('consumer')
        .where('consumer', '>=', prefix)
        .where('consumer', '<', `${prefix}\uffff`)
        .where('due_at', 'is not', null)
        .limit(limit)
        .as('waiting'),
    )
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}
