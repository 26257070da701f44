import type { Selectable, Updateable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { EventDeliveryTable } from '../schema.ts';
import type { EventRow } from './events.ts';

type State = EventDeliveryTable['state'];

/** The right to tell a consumer of an event, until a time. Who comes after that finds it gone. */
export interface Claim {
  readonly consumer: string;
  readonly eventId: string;
  readonly until: number;
  /** Attempts begun, this one included. */
  readonly attempts: number;
}

export interface ClaimBounds {
  readonly now: number;
  /** When the claim ends. */
  readonly until: number;
  readonly limit: number;
  /** Only what came due in this time; all that is due now when left out. */
  readonly dueAfter?: number;
  readonly dueBy?: number;
}

/**
 * Claims what a consumer is to be told now, the longest due first; two who claim at once get different events. A claim
 * that nobody settles comes due again at `until`.
 */
export async function claimDeliveries(
  tx: Tx,
  consumer: string,
  { now, until, limit, dueAfter, dueBy = now }: ClaimBounds,
): Promise<{ readonly claim: Claim; readonly event: EventRow }[]> {
  const due = await tx
    .lockSkipping(
      tx.db
        .selectFrom('event_delivery')
        .select(['event_id', 'attempts'])
        .where('consumer', '=', consumer)
        .where('due_at', '<=', dueBy)
        .$if(dueAfter !== undefined, (query) => query.where('due_at', '>', dueAfter as number))
        .orderBy('due_at')
        .limit(limit),
    )
    .execute();
  if (due.length === 0) return [];
  const ids = due.map((row) => row.event_id);
  await tx.db
    .updateTable('event_delivery')
    .set((eb) => ({ due_at: until, attempts: eb('attempts', '+', 1), modified_at: now }))
    .where('consumer', '=', consumer)
    .where('event_id', 'in', ids)
    .execute();
  const events = await tx.db.selectFrom('event').selectAll().where('id', 'in', ids).execute();
  const byId = new Map(events.map((event) => [event.id, event]));
  return due.flatMap((row) => {
    const event = byId.get(row.event_id);
    const claim = { consumer, eventId: row.event_id, until, attempts: row.attempts + 1 };
    return event ? [{ claim, event }] : [];
  });
}

/** Writes what came of a claim. @returns false when it was no longer held: someone else has the say now */
export async function settleClaim(
  db: Db,
  { consumer, eventId, until }: Claim,
  changes: Updateable<EventDeliveryTable>,
): Promise<boolean> {
  const result = await db
    .updateTable('event_delivery')
    .set(changes)
    .where('consumer', '=', consumer)
    .where('event_id', '=', eventId)
    .where('due_at', '=', until)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Forgets deliveries of a consumer, and the events that nobody else has to be told of or wants to look at. */
export async function forgetDeliveries(db: Db, consumer: string, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await db
    .deleteFrom('event_delivery')
    .where('consumer', '=', consumer)
    .where('event_id', 'in', [...eventIds])
    .execute();
  await db
    .deleteFrom('event')
    .where('id', 'in', [...eventIds])
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('event_delivery').select('event_id').whereRef('event_delivery.event_id', '=', 'event.id'))),
    )
    .execute();
}

/** Events of the deliveries of a consumer that ended so before a time, the oldest first. */
export async function endedDeliveries(
  db: Db,
  consumer: string,
  state: State,
  before: number,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('event_delivery')
    .select('event_id')
    .where('consumer', '=', consumer)
    .where('state', '=', state)
    .where('due_at', 'is', null)
    .where('modified_at', '<', before)
    .orderBy('modified_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.event_id);
}

/** Events of deliveries of a consumer, the oldest first. */
export async function deliveriesOf(db: Db, consumer: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('event_delivery')
    .select('event_id')
    .where('consumer', '=', consumer)
    .orderBy('event_id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.event_id);
}

/** Has deliveries of a consumer begin anew, as if they had never been tried. @returns how many there were */
export async function restartDeliveries(
  db: Db,
  consumer: string,
  eventIds: readonly string[],
  now: number,
): Promise<number> {
  if (eventIds.length === 0) return 0;
  const result = await db
    .updateTable('event_delivery')
    .set({ state: 'due', due_at: now, attempts: 0, modified_at: now })
    .where('consumer', '=', consumer)
    .where('event_id', 'in', [...eventIds])
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Deletes events from before a time with all that is still to be told of them. @returns how many there were */
export async function deleteEventsBefore(db: Db, before: number, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('event')
    .select('id')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(limit)
    .execute();
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return 0;
  await db.deleteFrom('event_delivery').where('event_id', 'in', ids).execute();
  await db.deleteFrom('event').where('id', 'in', ids).execute();
  return ids.length;
}

export type DeliveryOfEvent = Omit<Selectable<EventDeliveryTable>, 'consumer'> &
  Pick<EventRow, 'type' | 'topic' | 'created_at'>;

/** The deliveries of a consumer with their events: all, the newest events first, or those in a state, by its time. */
export async function listDeliveries(
  db: Db,
  consumer: string,
  { state, limit }: { readonly state?: State; readonly limit: number },
): Promise<DeliveryOfEvent[]> {
  const rows = db
    .selectFrom('event_delivery')
    .innerJoin('event', 'event.id', 'event_delivery.event_id')
    .select([
      'event_delivery.event_id',
      'event_delivery.state',
      'event_delivery.due_at',
      'event_delivery.attempts',
      'event_delivery.note',
      'event_delivery.modified_at',
      'event.type',
      'event.topic',
      'event.created_at',
    ])
    .where('event_delivery.consumer', '=', consumer)
    .limit(limit);
  if (state === undefined) return rows.orderBy('event_delivery.event_id', 'desc').execute();
  if (state === 'due') {
    return rows.where('event_delivery.due_at', 'is not', null).orderBy('event_delivery.due_at').execute();
  }
  return rows
    .where('event_delivery.state', '=', state)
    .where('event_delivery.due_at', 'is', null)
    .orderBy('event_delivery.modified_at', 'desc')
    .execute();
}

/** How much a consumer has still to be told. */
export async function countDue(db: Db, consumer: string): Promise<number> {
  const { count } = await db
    .selectFrom('event_delivery')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('consumer', '=', consumer)
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many deliveries of a consumer ended so. */
export async function countEnded(db: Db, consumer: string, state: State): Promise<number> {
  const { count } = await db
    .selectFrom('event_delivery')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('consumer', '=', consumer)
    .where('state', '=', state)
    .where('due_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Whether a consumer is to be told something now. */
export async function hasDue(db: Db, consumer: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('event_delivery')
    .select('event_id')
    .where('consumer', '=', consumer)
    .where('due_at', '<=', now)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Puts off deliveries of a consumer, with why; `begun` takes back the attempts that were never made. */
export async function delayDeliveries(
  db: Db,
  consumer: string,
  eventIds: readonly string[],
  { now, dueAt, note, begun = true }: { now: number; dueAt: number; note: string; begun?: boolean },
): Promise<void> {
  if (eventIds.length === 0) return;
  await db
    .updateTable('event_delivery')
    .set((eb) => ({ due_at: dueAt, note, modified_at: now, attempts: eb('attempts', '-', begun ? 0 : 1) }))
    .where('consumer', '=', consumer)
    .where('event_id', 'in', [...eventIds])
    .execute();
}

/** The oldest events that a consumer has still to be told, as their ids are ordered by age. */
export async function oldestDeliveries(
  db: Db,
  consumer: string,
  limit: number,
): Promise<Pick<EventRow, 'id' | 'created_at'>[]> {
  return db
    .selectFrom('event_delivery')
    .innerJoin('event', 'event.id', 'event_delivery.event_id')
    .select(['event.id', 'event.created_at'])
    .where('event_delivery.consumer', '=', consumer)
    .orderBy('event_delivery.event_id')
    .limit(limit)
    .execute();
}
