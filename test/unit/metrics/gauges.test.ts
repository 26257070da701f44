import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { Backlog } from '../../../src/domain/backlog.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createGauges, FRESH_MS } from '../../../src/metrics/gauges.ts';
import { createTestClock } from '../../support/test-clock.ts';

const none = { waiting: 0, oldestMs: 0 };
const backlog = (oldestTaskMs: number): Backlog => ({
  oldestTaskMs,
  oldestJobMs: 0,
  events: { webhook: none, amqp: none },
});

const busy = { underWay: 7, waiting: 9, oldestMs: 1_500, behind: false };

function open(read: () => Promise<Backlog>) {
  const registry = new Registry();
  const clock = createTestClock();
  const sources = {
    database: () => ({ transactions: 5, commits: 3, retries: 1, active: 2 }),
    devices: () => ({ connections: 0, devices: 0, subDevices: 0 }),
    consumers: () => 0,
    load: () => ({ calls: busy, devices: busy, reports: busy, paused: 3 }),
    backlog: read,
  };
  const gauges = createGauges(registry, sources, { clock, log: silentLog });
  const value = async (name: string) => {
    const text = await registry.getSingleMetricAsString(name);
    return Number(text.split('\n').at(-1)?.split(' ').at(-1));
  };
  return { clock, gauges, value, [Symbol.dispose]: () => gauges[Symbol.dispose]() };
}

it('reads the database once for all who scrape within 10 seconds', async () => {
  let reads = 0;
  using opened = open(async () => backlog(++reads * 1_000));
  const { clock, gauges, value } = opened;
  await Promise.all([gauges.refresh(), gauges.refresh()]);
  await gauges.refresh();
  expect([reads, await value('otaru_oldest_due_task_age_seconds')]).toEqual([1, 1]);
  await clock.advance(FRESH_MS);
  await gauges.refresh();
  expect([reads, await value('otaru_oldest_due_task_age_seconds')]).toEqual([2, 2]);
});

it('does not wait for a database that does not answer, nor ask it again meanwhile', async () => {
  let reads = 0;
  const answer = Promise.withResolvers<Backlog>();
  using opened = open(() => {
    reads += 1;
    return answer.promise;
  });
  const { clock, gauges, value } = opened;
  for (const times of [1, 2]) {
    const refreshed = gauges.refresh();
    await clock.advance(2_000);
    await refreshed;
    expect([reads, await value('otaru_backlog_failures_total')]).toEqual([1, times]);
  }
  expect(await value('otaru_oldest_due_task_age_seconds')).toBeNaN();
  // what is known without it is told
  expect(await value('otaru_database_transactions_total')).toBe(5);
  answer.resolve(backlog(7_000));
  await gauges.refresh();
  expect(await value('otaru_oldest_due_task_age_seconds')).toBe(7);
});

it('tells what it can when reading the database fails, and tries again with the next scrape', async () => {
  const answers = [Promise.reject(new Error('gone')), Promise.resolve(backlog(0))];
  using opened = open(() => answers.shift() as Promise<Backlog>);
  const { gauges, value } = opened;
  await gauges.refresh();
  expect(await value('otaru_oldest_due_job_age_seconds')).toBeNaN();
  await gauges.refresh();
  expect(await value('otaru_oldest_due_job_age_seconds')).toBe(0);
  expect(await value('otaru_backlog_failures_total')).toBe(1);
});
