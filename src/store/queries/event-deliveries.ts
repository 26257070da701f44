import type { Selectable, SelectQueryBuilder, Updateable } from 'kysely';
import type { Db, Tx } from '../engine.ts';
import type { EventDeliveryTable, Schema } from '../schema.ts';
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

/** Events of the deliveries of a consumer that ended so in a range of time, the oldest first. */
export async function endedDeliveries(
  db: Db,
  consumer: string,
  state: State,
  { since = 0, before }: { readonly since?: number; readonly before: number },
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('event_delivery')
    .select('event_id')
    .where('consumer', '=', consumer)
    .where('state', '=', state)
    .where('due_at', 'is', null)
    .where('modified_at', '>=', since)
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

/** Which deliveries of a consumer are meant. */
export interface DeliveryFilter {
  readonly state?: State | undefined;
  readonly limit: number;
  /** The last row of the page before, with the time that its state is ordered by. */
  readonly after?: { readonly at: number; readonly eventId: string } | undefined;
}

/** The deliveries of a consumer with their events: all, the newest events first, or those in a state, by its time. */
export async function listDeliveries(db: Db, consumer: string, filter: DeliveryFilter): Promise<DeliveryOfEvent[]> {
  const rows = await deliveriesIn(db, consumer, filter).execute();
  if (rows.length === 0) return [];
  const ids = rows.map(({ event_id }) => event_id);
  const events = await db
    .selectFrom('event')
    .select(['id', 'type', 'topic', 'created_at'])
    .where('id', 'in', ids)
    .execute();
  const byId = new Map(events.map(({ id, ...event }) => [id, event]));
  return rows.flatMap((row) => {
    const event = byId.get(row.event_id);
    return event ? [{ ...row, ...event }] : [];
  });
}

/** By an index, in its order, from where the last page ended. */
function deliveriesIn(db: Db, consumer: string, { state, limit, after }: DeliveryFilter) {
  const rows = db
    .selectFrom('event_delivery')
    .select(['event_id', 'state', 'due_at', 'attempts', 'note', 'modified_at'])
    .where('consumer', '=', consumer)
    .limit(limit);
  if (state === undefined) {
    const rest = after ? rows.where('event_id', '<', after.eventId) : rows;
    return rest.orderBy('event_id', 'desc');
  }
  // the first condition on the time lets the index begin there
  if (state === 'due') {
    const due = rows.where('due_at', 'is not', null);
    const rest = after
      ? due
          .where('due_at', '>=', after.at)
          .where(({ or, eb }) => or([eb('due_at', '>', after.at), eb('event_id', '>', after.eventId)]))
      : due;
    return rest.orderBy('due_at').orderBy('event_id');
  }
  const ended = rows.where('state', '=', state).where('due_at', 'is', null);
  const rest = after
    ? ended
        .where('modified_at', '<=', after.at)
        .where(({ or, eb }) => or([eb('modified_at', '<', after.at), eb('event_id', '<', after.eventId)]))
    : ended;
  return rest.orderBy('modified_at', 'desc').orderBy('event_id', 'desc');
}

/** How much a consumer has still to be told. @param most is not counted beyond */
export async function countDue(db: Db, consumer: string, most?: number): Promise<number> {
  const rows = db
    .selectFrom('event_delivery')
    .select('event_id')
    .where('consumer', '=', consumer)
    .where('due_at', 'is not', null);
  return countOf(db, rows, most);
}

/** How many deliveries of a consumer ended so. @param most is not counted beyond */
export async function countEnded(db: Db, consumer: string, state: State, most?: number): Promise<number> {
  const rows = db
    .selectFrom('event_delivery')
    .select('event_id')
    .where('consumer', '=', consumer)
    .where('state', '=', state)
    .where('due_at', 'is', null);
  return countOf(db, rows, most);
}

async function countOf(
  db: Db,
  rows: SelectQueryBuilder<Schema, 'event_delivery', { event_id: string }>,
  most: number | undefined,
): Promise<number> {
  const { count } = await db
    .selectFrom((most === undefined ? rows : rows.limit(most)).as('counted'))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The next consumer by name, of those whose names begin so, that there is something kept for. */
export async function nextConsumer(db: Db, prefix: string, after: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('event_delivery')
    .select('consumer')
    .where('consumer', '>', after)
    .where('consumer', '<', `${prefix}\u007f`)
    .orderBy('consumer')
    .limit(1)
    .executeTakeFirst();
  return row?.consumer;
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
