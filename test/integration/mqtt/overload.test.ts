import { expect, test } from 'vitest';
import { createTurnstile, openTurnstile, TurnedAway } from '../../../src/lib/turnstile.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { PK } from './fake-services.ts';
import { openTestGateway, until } from './gateways.ts';
import { enter, openRaw, type Version } from './raw-client.ts';

const closed = { ...openTurnstile, pass: () => Promise.reject(new TurnedAway()) };
const endless = {
  waiting: Number.POSITIVE_INFINITY,
  patienceMs: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
};
const inform = (name: string) => `/ota/device/inform/${PK}/${name}`;
const report = (number: number) => `{"id":"1","params":{"version":"v${number}"}}`;

test.each<[Version, number]>([
  [3, 3],
  [4, 3],
  [5, 0x88],
])('who is turned away is told that the server is unavailable (level %s)', async (version, expected) => {
  await using gate = await openTestGateway({ devices: closed });
  const { client, code } = await openRaw(gate.port, 'd', version);
  expect(code).toBe(expected);
  await client.closed;
  expect([gate.services.presence, gate.complaints]).toEqual([[], []]);
});

test('a device that has waited for too long costs no login when its turn comes', async () => {
  const bounds = { ...endless, atOnce: 1 };
  await using gate = await openTestGateway({ devices: createTurnstile(bounds, createTestClock()) });
  const stuck = Promise.withResolvers<void>();
  const asked: string[] = [];
  gate.services.onLogin = async ({ deviceName }) => {
    asked.push(deviceName);
    await stuck.promise;
  };
  const first = openRaw(gate.port, 'first');
  await until(() => asked.length === 1);
  const second = openRaw(gate.port, 'second');
  await until(() => gate.gateway.load().connections === 2);
  await gate.clock.advance(31_000);
  expect([(await first).code, (await second).code]).toEqual([3, 3]);
  stuck.resolve();
  await enter(gate.port, 'next');
  expect(asked).toEqual(['first', 'next']);
});

test('while the database is slow, so many messages are worked on, the others wait, and whoever sends more is not read', async () => {
  const bounds = { ...endless, atOnce: 2 };
  await using gate = await openTestGateway({
    reports: createTurnstile(bounds, createTestClock()),
    limits: { waitingReports: 100, allWaitingReports: 30 },
  });
  const stores: (() => void)[] = [];
  gate.services.onReport = () => new Promise((resolve) => stores.push(() => resolve([])));
  const names = ['a', 'b', 'c', 'd'];
  const clients = await Promise.all(names.map((name) => enter(gate.port, name)));
  for (const [index, client] of clients.entries()) {
    for (let id = 1; id <= 10; id += 1) client.publish(inform(names[index] ?? ''), report(id), id);
  }
  await until(() => gate.gateway.load().waitingReports >= 30);
  const others = Promise.all(clients.map((client) => client.next('puback')));
  expect(stores).toHaveLength(2);
  await until(() => gate.gateway.load().paused > 0);
  // nothing is acknowledged that is not stored
  let acknowledged = 0;
  void others.then(() => {
    acknowledged += 1;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(acknowledged).toBe(0);
  const storing = (async () => {
    while (gate.services.reports.length < 40 || stores.length > 0) {
      stores.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await others;
  for (const client of clients) {
    for (let id = 2; id <= 10; id += 1) expect((await client.next('puback')).messageId).toBe(id);
  }
  await storing;
  expect(gate.gateway.load()).toMatchObject({ waitingReports: 0, paused: 0 });
  for (const name of names) {
    const stored = gate.services.reports.filter((one) => one.deviceName === name);
    expect(stored).toHaveLength(10);
  }
});

test('a device that floods is read no faster than its messages are stored, and others do not notice', async () => {
  await using gate = await openTestGateway({ limits: { waitingReports: 10 } });
  let isSlow = true;
  const stuck = Promise.withResolvers<void>();
  gate.services.onReport = async ({ deviceName }) => {
    if (deviceName === 'flooding' && isSlow) await stuck.promise;
    return [];
  };
  const flooding = await enter(gate.port, 'flooding');
  // more than the buffers of the system hold
  const filler = 'x'.repeat(200_000);
  const message = `{"id":"1","params":{"version":"1"},"filler":"${filler}"}`;
  for (let id = 1; id <= 200; id += 1) flooding.publish(inform('flooding'), message, id);
  await until(() => gate.gateway.load().paused === 1);
  const healthy = await enter(gate.port, 'healthy');
  for (let id = 1; id <= 20; id += 1) {
    healthy.publish(inform('healthy'), report(id), id);
    expect((await healthy.next('puback')).messageId).toBe(id);
  }
  // what is not read is in the sender, not here: 40 MB were sent and three messages are half a MiB
  expect(gate.gateway.load().waitingReports).toBeLessThanOrEqual(4);
  expect(flooding.socket.writableLength).toBeGreaterThan(20_000_000);
  isSlow = false;
  stuck.resolve();
  for (let id = 1; id <= 200; id += 1) expect((await flooding.next('puback')).messageId).toBe(id);
});
