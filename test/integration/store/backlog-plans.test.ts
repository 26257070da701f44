import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { createAccount } from '../../../src/domain/accounts.ts';
import { MOST_WAITING, readBacklog } from '../../../src/domain/backlog.ts';
import { createVault } from '../../../src/lib/vault.ts';
import {
  countWaiting,
  firstCallingJob,
  firstDueDeliveries,
  firstDueJob,
  firstDueTask,
} from '../../../src/store/queries/backlog.ts';
import type { DeliveryRow } from '../../../src/store/queries/events.ts';
import { insertJob } from '../../../src/store/queries/jobs.ts';
import { insertWebhook, switchWebhookOff } from '../../../src/store/queries/webhooks.ts';
import { eachEngine } from '../../support/engines.ts';
import { countingIds } from '../../support/ids.ts';
import { jobRow } from '../../support/job-row.ts';
import { spyOn } from '../../support/query-spy.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { taskRow } from './rows.ts';

const clock = createTestClock();
const NOW = clock.now();
const ROWS = 20_000;

const delivery = (consumer: string, number: number, due_at: number | null): DeliveryRow => ({
  consumer,
  event_id: `e${String(number).padStart(8, '0')}`,
  state: due_at === null ? 'done' : 'due',
  due_at,
  attempts: 1,
  note: '',
  modified_at: NOW,
});

eachEngine('the backlog', (database) => {
  it('is read from indexes, whatever has piled up', async () => {
    const engine = await database.open();
    await engine.transaction(async (tx) => {
      await tx.bulkInsert(
        'task',
        Array.from({ length: ROWS }, (_, seq) => taskRow(seq, { due_at: seq % 100 ? null : NOW + seq })),
      );
      const jobs = Array.from({ length: 2_000 }, (_, number) => {
        const at = number % 20 ? null : NOW + number;
        return { ...jobRow({ id: `j${number}` }), due_at: at, call_at: at };
      });
      await tx.bulkInsert('job', jobs);
      const log = ['amqp:a', 'amqp:b', 'webhook:w1'].flatMap((consumer) =>
        Array.from({ length: ROWS }, (_, number) => delivery(consumer, number, number % 10 ? null : NOW + number)),
      );
      await tx.bulkInsert('event_delivery', log);
    });
    await engine.transaction(({ db }) => sql`analyze`.execute(db));
    const spy = spyOn(engine.read, database.kind);
    await firstDueTask(spy.db);
    await firstDueJob(spy.db);
    await firstCallingJob(spy.db);
    expect(await firstDueDeliveries(spy.db, NOW)).toEqual([
      { consumer: 'amqp:a', due_at: NOW },
      { consumer: 'amqp:b', due_at: NOW },
      { consumer: 'webhook:w1', due_at: NOW },
    ]);
    expect(await countWaiting(spy.db, 'amqp:', 3_000)).toBe(3_000);
    expect(await countWaiting(spy.db, 'webhook:', 3_000)).toBe(2_000);
    for (const plan of await spy.plans()) {
      if (database.kind === 'postgres') {
        expect(plan).not.toMatch(/Seq Scan on (event|task|job)|Sort/);
        continue;
      }
      expect(plan).not.toMatch(/TEMP B-TREE/);
      // nothing but the indexes of what is due, and what the statement itself makes
      const walks = plan.split('\n').filter((line) => /SCAN|SEARCH (event|task|job)/.test(line));
      for (const walk of walks)
        expect(walk).toMatch(/(task_due|job_due|job_call|event_delivery_due)|SCAN (waiting|first|CONSTANT)/);
    }
  });

  it('tells for how long work has been due, and of webhooks only what is not held back', async () => {
    const engine = await database.open();
    const read = () => readBacklog({ engine, clock });
    expect(await read()).toEqual({
      oldestTaskMs: 0,
      oldestJobMs: 0,
      events: { webhook: { waiting: 0, oldestMs: 0 }, amqp: { waiting: 0, oldestMs: 0 } },
    });
    const deps = { engine, clock, ids: countingIds(), vault: createVault(Buffer.alloc(32, 7)) };
    await createAccount(deps, 'root');
    const { id: instanceId } = await engine.read.selectFrom('instance').select('id').executeTakeFirstOrThrow();
    await engine.transaction(async (tx) => {
      await tx.bulkInsert('task', [taskRow(0, { due_at: NOW - 5_000 }), taskRow(1, { due_at: NOW + 1 })]);
      await insertJob(tx, { ...jobRow({ id: 'j' }), due_at: NOW + 60_000, call_at: NOW - 7_000 }, []);
      for (const id of ['off', 'held', 'on']) {
        await insertWebhook(tx.db, {
          id,
          instance_id: instanceId,
          url: 'https://hooks.example.com',
          description: '',
          types: [],
          products: [],
          secret: '',
          old_secret: null,
          old_secret_until: null,
          disabled_at: null,
          disabled_why: null,
          failing_since: null,
          hold_until: id === 'held' ? NOW + 1 : 0,
          created_at: NOW,
          modified_at: NOW,
        });
      }
      await switchWebhookOff(tx.db, 'off', NOW, 'test');
      await tx.bulkInsert('event_delivery', [
        delivery('webhook:off', 1, NOW - 90_000),
        delivery('webhook:held', 1, NOW - 80_000),
        delivery('webhook:on', 1, NOW - 3_000),
        delivery('webhook:on', 2, NOW + 3_000),
        delivery('webhook:on', 3, null),
        ...Array.from({ length: MOST_WAITING + 5 }, (_, number) => delivery('amqp:g', number, NOW - 1_000 - number)),
      ]);
    });
    expect(await read()).toEqual({
      oldestTaskMs: 5_000,
      oldestJobMs: 7_000,
      events: {
        webhook: { waiting: 4, oldestMs: 3_000 },
        amqp: { waiting: MOST_WAITING, oldestMs: MOST_WAITING + 1_004 },
      },
    });
  });
});
