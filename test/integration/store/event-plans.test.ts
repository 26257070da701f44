import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Tx } from '../../../src/store/engine.ts';
import {
  claimDeliveries,
  countDue,
  countEnded,
  deleteEventsBefore,
  deliveriesOf,
  endedDeliveries,
  forgetDeliveries,
  listDeliveries,
  nextConsumer,
  restartDeliveries,
  settleClaim,
} from '../../../src/store/queries/event-deliveries.ts';
import type { DeliveryRow, EventRow } from '../../../src/store/queries/events.ts';
import { dueWebhooks } from '../../../src/store/queries/webhooks.ts';
import { eachEngine } from '../../support/engines.ts';
import { spyOn } from '../../support/query-spy.ts';

const EVENTS = 20_000;
const NOW = 1_900_000_000_000;
const ME = 'webhook:w1';

const id = (number: number) => `e${String(number).padStart(8, '0')}`;

/** A log of two consumers: most was delivered, one in a hundred is due, one in a thousand was given up. */
function rows(): { events: EventRow[]; deliveries: DeliveryRow[] } {
  const events = Array.from({ length: EVENTS }, (_, number) => ({
    id: id(number),
    instance_id: 'i',
    product_key: 'p',
    topic: '/t',
    type: 'ota.job.updated',
    payload: '{}',
    created_at: NOW + number,
  }));
  const deliveries = events.flatMap((event, number) =>
    [ME, 'amqp:g1'].map((consumer): DeliveryRow => {
      const state = number % 1_000 === 0 ? 'dead' : number % 100 === 1 ? 'due' : 'done';
      const due_at = state === 'due' ? NOW + number : null;
      return { consumer, event_id: event.id, state, due_at, attempts: 1, note: '', modified_at: NOW + number };
    }),
  );
  return { events, deliveries };
}

eachEngine('queries of deliveries', (database) => {
  it('read what they need from an index, in its order, however long the log is', async () => {
    const engine = await database.open();
    const { events, deliveries } = rows();
    await engine.transaction(async (tx) => {
      await tx.bulkInsert('event', events);
      await tx.bulkInsert('event_delivery', deliveries);
    });
    await engine.transaction(({ db }) => sql`analyze`.execute(db));
    const claim = { consumer: ME, eventId: id(1), until: NOW + 1, attempts: 1 };
    const ids = [id(1), id(2)];
    await engine.transaction(async (tx) => {
      const spy = spyOn(tx.db, database.kind);
      const spied: Tx = { ...tx, db: spy.db };
      await claimDeliveries(spied, ME, { now: NOW + EVENTS, until: NOW + EVENTS + 1, limit: 8 });
      await settleClaim(spy.db, claim, { state: 'done', due_at: null });
      await forgetDeliveries(spy.db, ME, ids);
      await endedDeliveries(spy.db, ME, 'done', { since: NOW, before: NOW + EVENTS }, 500);
      await deliveriesOf(spy.db, ME, 500);
      await restartDeliveries(spy.db, ME, ids, NOW);
      await deleteEventsBefore(spy.db, NOW + 10, 500);
      await listDeliveries(spy.db, ME, { limit: 50 });
      await listDeliveries(spy.db, ME, { state: 'due', limit: 50 });
      await listDeliveries(spy.db, ME, { state: 'dead', limit: 50 });
      const after = { at: NOW, eventId: id(500) };
      await listDeliveries(spy.db, ME, { limit: 50, after });
      await listDeliveries(spy.db, ME, { state: 'due', limit: 50, after });
      await listDeliveries(spy.db, ME, { state: 'dead', limit: 50, after });
      await countDue(spy.db, ME);
      await countEnded(spy.db, ME, 'dead', 1_000);
      await nextConsumer(spy.db, 'webhook:', 'webhook:');
      await dueWebhooks(spy.db, NOW);
      for (const plan of await spy.plans()) {
        const walks = database.kind === 'sqlite' ? /SCAN (?!webhook|counted)|TEMP B-TREE/ : /Seq Scan on event/;
        expect(plan).not.toMatch(walks);
      }
    });
  });
});
