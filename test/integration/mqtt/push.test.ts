import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../src/mqtt/limits.ts';
import { PK, packageOf, pushOf } from './fake-services.ts';
import { openTestGateway, type TestGateway, until } from './gateways.ts';
import { enter, type RawClient } from './raw-client.ts';

const upgrade = `/ota/device/upgrade/${PK}/d`;
const inform = `/ota/device/inform/${PK}/d`;

const nudge = (gate: TestGateway, ...names: string[]) =>
  gate.nudge({ kind: 'push', deviceIds: names.map((name) => `id-${name}`) });

const nextVersion = async (client: RawClient) => {
  const message = await client.next('publish');
  return JSON.parse(message.payload.toString()).data.version as string;
};

describe('a device', () => {
  test('is told at connect what it missed, without SUBSCRIBE, at QoS 1', async () => {
    await using gate = await openTestGateway();
    gate.services.unfinished.set('d', [pushOf('d', 't1')]);
    using client = await enter(gate.port, 'd');
    expect(await client.next('publish')).toMatchObject({ topic: upgrade, qos: 1, retain: false, dup: false });
    expect(gate.services.claims).toEqual([{ deviceNames: ['d'], scope: 'all' }]);
  });

  test('is told when a nudge says so; a device elsewhere is not asked about', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    await until(() => gate.services.claims.length === 1);
    gate.services.queue('d', 't1');
    nudge(gate, 'elsewhere', 'd');
    expect(await nextVersion(client)).toBe('t1');
    expect(gate.services.claims.slice(1)).toEqual([{ deviceNames: ['d'], scope: 'fresh' }]);
  });

  test('is told within 30 s when the nudge was lost', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    await client.quiet();
    gate.services.queue('d', 't1');
    await gate.clock.advance(30_000);
    expect(await nextVersion(client)).toBe('t1');
  });

  test('is told although a claim failed, by and by', async () => {
    await using gate = await openTestGateway();
    gate.services.unfinished.set('d', [pushOf('d', 't1')]);
    gate.services.onClaim = async () => {
      throw new Error('no database');
    };
    using client = await enter(gate.port, 'd');
    await until(() => gate.complaints.length === 1);
    await client.quiet();
    gate.services.onClaim = async () => undefined;
    await gate.clock.advance(2_000);
    expect(await nextVersion(client)).toBe('t1');
    expect(gate.services.claims.at(-1)?.scope).toBe('all');
  });
});

test('nudges fall together: one claim at a time, about many devices', async () => {
  await using gate = await openTestGateway({ limits: { claimBatch: 3 } });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const clients = await Promise.all(names.map((name) => enter(gate.port, name)));
  for (const client of clients) await client.quiet();
  await until(() => gate.services.claims.flatMap(({ deviceNames }) => deviceNames).length === 5);
  const before = gate.services.claims.length;
  const held = Promise.withResolvers<void>();
  gate.services.onClaim = () => held.promise;
  for (const name of names) gate.services.queue(name, `t-${name}`);
  for (let round = 0; round < 10; round++) nudge(gate, ...names);
  await until(() => gate.services.claims.length === before + 1);
  for (let round = 0; round < 10; round++) nudge(gate, 'd', 'e');
  for (const client of clients) client.socket.resume();
  expect(gate.services.claims).toHaveLength(before + 1);
  held.resolve();
  for (const client of clients) await client.next('publish');
  expect(gate.services.claims.slice(before).map(({ deviceNames }) => deviceNames)).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
  for (const client of clients) client.socket.destroy();
});

describe('a push of the same task', () => {
  test('within 10 s on the same connection is sent once', async () => {
    await using gate = await openTestGateway();
    gate.services.unfinished.set('d', [pushOf('d', 't1')]);
    const { notice } = pushOf('d', 't1');
    gate.services.onReport = async () => [{ notice, taskId: 't1' }];
    using client = await enter(gate.port, 'd');
    await client.next('publish');
    // C 3.2 informs twice within 10 ms of connecting
    for (const messageId of [1, 2]) {
      client.publish(inform, '{"id":0,"params":{"version":"1"}}', messageId);
      await client.next('puback');
    }
    await client.quiet();
    await gate.clock.advance(9_000);
    client.publish(inform, '{"id":0,"params":{"version":"1"}}');
    await client.quiet();
    await gate.clock.advance(1_000);
    client.publish(inform, '{"id":0,"params":{"version":"1"}}');
    await client.next('publish');
  });

  test('is sent again on a new connection', async () => {
    await using gate = await openTestGateway();
    gate.services.unfinished.set('d', [pushOf('d', 't1')]);
    using first = await enter(gate.port, 'd');
    await first.next('publish');
    using second = await enter(gate.port, 'd');
    await second.next('publish');
  });

  test('is sent when the device asks for it, and then not pushed as well', async () => {
    await using gate = await openTestGateway();
    gate.services.unfinished.set('d', [pushOf('d', 't1')]);
    using client = await enter(gate.port, 'd');
    await client.next('publish');
    gate.services.onReport = async (_device, message) => {
      if (message.kind !== 'get') return [{ notice: pushOf('d', 't2').notice, taskId: 't2' }];
      return ['t1', 't2'].map((taskId) => ({
        notice: { kind: 'getReply', id: message.id, package: packageOf(taskId) },
        taskId,
      }));
    };
    client.publish(`/sys/${PK}/d/thing/ota/firmware/get`, '{"id":"1","params":{}}');
    expect(await nextVersion(client)).toBe('t1');
    expect(await nextVersion(client)).toBe('t2');
    client.publish(inform, '{"id":0,"params":{"version":"1"}}', 1);
    await client.next('puback');
    await client.quiet();
  });

  test('is sent when it was queued anew, as for an immediate retry', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    for (let round = 0; round < 2; round++) {
      gate.services.queue('d', 't1');
      nudge(gate, 'd');
      expect(await nextVersion(client)).toBe('t1');
    }
    client.publish(`/ota/device/progress/${PK}/d`, '{"id":0,"params":{"step":"-1"}}', 1);
    await client.next('puback');
    gate.services.onReport = async () => [{ notice: pushOf('d', 't1').notice, taskId: 't1' }];
    client.publish(inform, '{"id":0,"params":{"version":"1"}}');
    expect(await nextVersion(client)).toBe('t1');
  });

  test('is sent when its task was queued again since, whether pushed or in answer to a report', async () => {
    await using gate = await openTestGateway();
    gate.services.unfinished.set('d', [pushOf('d', 't1')]);
    using client = await enter(gate.port, 'd');
    await client.next('publish');
    // cancelled and run again within the 10 s
    gate.services.onReport = async () => [{ notice: pushOf('d', 't1').notice, taskId: 't1', fresh: true }];
    client.publish(inform, '{"id":0,"params":{"version":"1"}}');
    expect(await nextVersion(client)).toBe('t1');
    gate.services.onReport = async () => [{ notice: pushOf('d', 't1').notice, taskId: 't1' }];
    client.publish(inform, '{"id":0,"params":{"version":"1"}}', 1);
    await client.next('puback');
    await client.quiet();
  });

  test('is sent to a device that has just connected when its task was queued again since', async () => {
    await using gate = await openTestGateway();
    gate.services.queued.set('d', [pushOf('d', 't1'), { ...pushOf('d', 't1'), fresh: true }, pushOf('d', 't1')]);
    using client = await enter(gate.port, 'd');
    await client.next('publish');
    await client.next('publish');
    await client.quiet();
  });
});

describe('messages in flight', () => {
  const queue = (gate: TestGateway, count: number) => {
    for (let index = 1; index <= count; index++) gate.services.queue('d', `t${index}`);
    nudge(gate, 'd');
  };

  test('are 16 at most; the next one leaves with each acknowledgement', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    queue(gate, 20);
    const ids: number[] = [];
    for (let index = 0; index < 16; index++) ids.push((await client.next('publish')).messageId ?? 0);
    expect(new Set(ids).size).toBe(16);
    await client.quiet();
    client.send({ cmd: 'puback', messageId: 999 });
    await client.quiet();
    for (let index = 16; index < 20; index++) {
      client.send({ cmd: 'puback', messageId: ids[index - 16] ?? 0 });
      expect(await nextVersion(client)).toBe(`t${index + 1}`);
    }
    await client.quiet();
  });

  test('are no more than the Receive Maximum of an MQTT 5 device', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', 5, { properties: { receiveMaximum: 2 } });
    queue(gate, 3);
    const first = await client.next('publish');
    await client.next('publish');
    await client.quiet();
    // a refusal is an acknowledgement, too
    client.send({ cmd: 'puback', messageId: first.messageId ?? 0, reasonCode: 0x83 });
    expect(await nextVersion(client)).toBe('t3');
  });

  test('are sent again with DUP every 20 s, three times, and then the connection is closed', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', 4, { keepalive: 1200 });
    queue(gate, 2);
    const original = await client.next('publish');
    const other = await client.next('publish');
    client.send({ cmd: 'puback', messageId: other.messageId ?? 0 });
    await client.quiet();
    for (let round = 0; round < 3; round++) {
      await gate.clock.advance(19_000);
      await client.quiet();
      await gate.clock.advance(1_000);
      const again = await client.next('publish');
      expect(again).toMatchObject({ dup: true, messageId: original.messageId, topic: original.topic });
      expect(again.payload).toEqual(original.payload);
    }
    await gate.clock.advance(20_000);
    await client.closed;
  });

  test('are not sent again to MQTT 5, which is given 60 s', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', 5, { keepalive: 1200 });
    queue(gate, 1);
    await client.next('publish');
    await gate.clock.advance(58_000);
    await client.quiet();
    await gate.clock.advance(3_000);
    expect((await client.next('disconnect')).reasonCode).toBe(0x80);
    await client.closed;
  });

  test('that no place is left for end the connection', async () => {
    await using gate = await openTestGateway({ limits: { waitingPushes: 4 } });
    using client = await enter(gate.port, 'd', 5);
    queue(gate, 21);
    for (let index = 0; index < 16; index++) await client.next('publish');
    expect((await client.next('disconnect')).reasonCode).toBe(0x97);
  });
});

test('a package that cannot be written disturbs no other device', async () => {
  await using gate = await openTestGateway();
  using broken = await enter(gate.port, 'c');
  using client = await enter(gate.port, 'd');
  await until(() => gate.services.claims.flatMap(({ deviceNames }) => deviceNames).length === 2);
  const notice = { kind: 'upgrade', messageId: 1, package: { ...packageOf('t1'), files: [] } } as const;
  gate.services.queued.set('c', [{ ...pushOf('c', 't1'), notice }]);
  gate.services.queue('d', 't2');
  nudge(gate, 'c', 'd');
  expect(await nextVersion(client)).toBe('t2');
  await broken.quiet();
  expect(gate.complaints).toEqual(['could not write a push']);
});

test('a message larger than an MQTT 5 device takes is dropped', async () => {
  await using gate = await openTestGateway();
  using client = await enter(gate.port, 'd', 5, { properties: { maximumPacketSize: 300 } });
  gate.services.queue('d', 'x'.repeat(200));
  gate.services.queue('d', 'short');
  nudge(gate, 'd');
  expect(await nextVersion(client)).toBe('short');
  expect(gate.complaints).toEqual(['dropped a message that is larger than the device takes']);
});

test('a device that does not read what it is sent is given up', async () => {
  await using gate = await openTestGateway({ limits: { unsentBytes: 100_000 } });
  expect(defaultLimits.unsentBytes).toBe(1_048_576);
  using client = await enter(gate.port, 'd');
  client.socket.pause();
  gate.services.onReport = async (_device, message) => {
    const id = message.kind === 'get' ? message.id : '';
    return [{ notice: { kind: 'getReply', id, package: packageOf('v') }, taskId: 't' }];
  };
  // each question brings an answer of the same size
  const question = JSON.stringify({ id: 'x'.repeat(100_000), params: {} });
  const ask = () => {
    if (client.socket.destroyed || gate.gateway.connectionCount === 0) return;
    client.publish(`/sys/${PK}/d/thing/ota/firmware/get`, question);
    setImmediate(ask);
  };
  ask();
  await until(() => gate.services.presence.length === 2);
  expect(gate.complaints).toContain('gave up a device that does not read');
});
