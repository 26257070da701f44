import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { PK } from './fake-services.ts';
import { openTestGateway, type TestGateway, until } from './gateways.ts';
import { connectPacket, enter, openRaw, RawClient } from './raw-client.ts';

const inform = `/ota/device/inform/${PK}/d`;
const version = '{"id":"1","params":{"version":"1"}}';

describe('one session per device', () => {
  test.each([4, 5] as const)('a second connection closes the first (level %s)', async (level) => {
    await using gate = await openTestGateway();
    using first = await enter(gate.port, 'd', level);
    using second = await enter(gate.port, 'd', 4);
    if (level === 5) expect((await first.next('disconnect')).reasonCode).toBe(0x8e);
    await first.closed;
    await second.quiet();
    await until(() => gate.services.presence.length === 3);
    // the last word is about the connection that is left
    expect(gate.services.presence).toEqual(['+d c1', '+d c2', '-d c1']);
    expect(gate.gateway.connectionCount).toBe(1);
  });

  test('a refused second connection leaves the first alone', async () => {
    await using gate = await openTestGateway();
    using first = await enter(gate.port, 'd');
    expect((await openRaw(gate.port, 'd', 4, { password: 'wrong' })).code).toBe(4);
    await first.quiet();
  });

  test('the second is let in after what the first said is stored', async () => {
    await using gate = await openTestGateway();
    const stored = Promise.withResolvers<[]>();
    gate.services.onReport = () => stored.promise;
    using first = await enter(gate.port, 'd');
    first.publish(inform, version, 1);
    await first.quiet();
    using second = new RawClient(gate.port);
    second.send(connectPacket('d', 4));
    await expect(first.next('puback')).rejects.toThrow('closed');
    expect(gate.services.presence).toEqual(['+d c1']);
    stored.resolve([]);
    await second.next('connack');
  });

  test('of many at once exactly one is left, and it is the one that was recorded last', async () => {
    await using gate = await openTestGateway();
    const clients = Array.from({ length: 10 }, () => new RawClient(gate.port));
    for (const client of clients) client.send(connectPacket('d', 4));
    await until(() => gate.services.presence.length === 19);
    const open = gate.services.presence.filter((entry) => !gate.services.presence.includes(`-${entry.slice(1)}`));
    expect(open).toHaveLength(1);
    expect(open[0]).toBe(gate.services.presence.filter((entry) => entry.startsWith('+')).at(-1));
    expect(gate.gateway.connectionCount).toBe(1);
    for (const client of clients) client.socket.destroy();
  });
});

describe('a device that has connected to another node', () => {
  test.each([4, 5] as const)('is disconnected here (level %s)', async (level) => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', level);
    gate.nudge({ kind: 'replaced', connections: [{ deviceId: 'id-d', connectionId: 'c1' }] });
    if (level === 5) expect((await client.next('disconnect')).reasonCode).toBe(0x8e);
    await client.closed;
    await until(() => gate.services.presence.includes('-d c1'));
  });

  test('keeps a newer connection that it has here again', async () => {
    await using gate = await openTestGateway();
    using first = await enter(gate.port, 'd');
    using second = await enter(gate.port, 'd');
    await first.closed;
    gate.nudge({
      kind: 'replaced',
      connections: [
        { deviceId: 'id-d', connectionId: 'c1' },
        { deviceId: 'id-nowhere', connectionId: 'c2' },
      ],
    });
    await second.quiet();
    expect(gate.gateway.connectionCount).toBe(1);
  });

  test('is disconnected here within 30 s when the nudge was lost', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    using other = await enter(gate.port, 'e');
    gate.services.onConfirm = async (connections) => ({
      replaced: connections.filter(({ deviceId }) => deviceId === 'id-d'),
    });
    await gate.clock.advance(30_000);
    await client.closed;
    await other.quiet();
  });
});

describe('connections that were ended in the name of this node', () => {
  test('are recorded again as soon as it hears that it was taken for dead, and asked about', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    using deleted = await enter(gate.port, 'e');
    await until(() => gate.services.claims.length === 2);
    gate.services.onConfirm = async (connections) => ({
      recorded: connections.filter(({ deviceId }) => deviceId === 'id-d'),
      barred: connections.filter(({ deviceId }) => deviceId === 'id-e'),
    });
    gate.nudge({ kind: 'lapsed', nodeId: 'n' });
    await deleted.closed;
    await until(() => gate.services.claims.length === 3);
    expect(gate.services.claims[2]).toEqual({ deviceNames: ['d'], scope: 'fresh' });
    await client.quiet();
  });

  test('are ended again when they ended before they were recorded again', async () => {
    await using gate = await openTestGateway();
    const gone = await enter(gate.port, 'd');
    gate.services.onConfirm = async (recorded) => {
      gone.socket.destroy();
      await until(() => gate.services.presence.includes('-d c1'));
      return { recorded };
    };
    gate.nudge({ kind: 'lapsed', nodeId: 'n' });
    await until(() => gate.services.presence.filter((entry) => entry === '-d c1').length === 2);
  });

  test('do not keep it from ending in order', async () => {
    const gate = await openTestGateway();
    using _client = await enter(gate.port, 'd');
    gate.services.onConfirm = async () => {
      throw new Error('the database is away');
    };
    gate.nudge({ kind: 'lapsed', nodeId: 'n' });
    await until(() => gate.complaints.length > 0);
    await gate[Symbol.asyncDispose]();
    expect(gate.complaints).toEqual(['could not look how the connections here are recorded']);
    expect(gate.services.presence.at(-1)).toBe('-d c1');
  });
});

describe('a device that was disabled or deleted', () => {
  test.each([4, 5] as const)('is disconnected (level %s)', async (level) => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', level);
    using other = await enter(gate.port, 'e');
    gate.nudge({ kind: 'kick', deviceIds: ['id-d', 'id-nowhere'] });
    if (level === 5) expect((await client.next('disconnect')).reasonCode).toBe(0x98);
    await client.closed;
    await other.quiet();
    await until(() => gate.services.presence.includes('-d c1'));
    using again = await enter(gate.port, 'd');
    await again.quiet();
  });

  test('is refused when that happens while it connects', async () => {
    await using gate = await openTestGateway();
    const recorded = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    gate.services.onConnected = () => {
      asked.resolve();
      return recorded.promise;
    };
    using client = new RawClient(gate.port);
    client.send(connectPacket('d', 4));
    await asked.promise;
    gate.nudge({ kind: 'kick', deviceIds: ['id-d'] });
    recorded.resolve();
    expect((await client.next('connack')).returnCode).toBe(5);
    await client.closed;
    await until(() => gate.services.presence.length === 2);
    expect(gate.services.presence).toEqual(['+d c1', '-d c1']);
    expect(gate.gateway.connectionCount).toBe(0);
  });

  test('is not heard any more', async () => {
    await using gate = await openTestGateway();
    const stored = Promise.withResolvers<[]>();
    gate.services.onReport = () => stored.promise;
    using client = await enter(gate.port, 'd');
    client.publish(inform, version);
    client.publish(inform, version);
    await client.quiet();
    gate.nudge({ kind: 'kick', deviceIds: ['id-d'] });
    stored.resolve([]);
    await until(() => gate.services.presence.length === 2);
    expect(gate.services.reports).toHaveLength(1);
  });
});

describe('keep alive', () => {
  test.each([4, 5] as const)('a device that is silent for one and a half times is closed (level %s)', async (level) => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', level, { keepalive: 30 });
    using talker = await enter(gate.port, 'e', level, { keepalive: 30 });
    await gate.clock.advance(44_000);
    await talker.quiet();
    expect(gate.gateway.connectionCount).toBe(2);
    await gate.clock.advance(3_000);
    if (level === 5) expect((await client.next('disconnect')).reasonCode).toBe(0x8d);
    await client.closed;
    await talker.quiet();
  });

  test('half packets are silence', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', 4, { keepalive: 30 });
    client.bytes(0x30, 0x7f);
    for (let second = 0; second < 48; second++) {
      client.bytes(0);
      await gate.clock.advance(1_000);
    }
    await client.closed;
  });
});

describe('the end of a connection', () => {
  test.each<[string, (client: RawClient) => void]>([
    ['DISCONNECT', (client) => client.send({ cmd: 'disconnect' })],
    ['a closed socket', (client) => client.socket.end()],
    ['a reset', (client) => client.socket.resetAndDestroy()],
    ['a protocol error', (client) => client.send({ cmd: 'pingresp' })],
  ])('by %s is recorded once', async (_name, hangUp) => {
    await using gate = await openTestGateway();
    const client = await enter(gate.port, 'd');
    hangUp(client);
    await client.closed;
    await until(() => gate.services.presence.length === 2);
    await gate.gateway.drain();
    expect(gate.services.presence).toEqual(['+d c1', '-d c1']);
  });

  test('that comes while the device is being let in is recorded, too', async () => {
    await using gate = await openTestGateway();
    const recorded = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    gate.services.onConnected = () => {
      asked.resolve();
      return recorded.promise;
    };
    const client = new RawClient(gate.port);
    client.send(connectPacket('d', 4));
    await asked.promise;
    client.socket.resetAndDestroy();
    await client.closed;
    recorded.resolve();
    await until(() => gate.services.presence.length === 2);
    expect(gate.services.presence).toEqual(['+d c1', '-d c1']);
  });

  test('that could not be recorded is recorded later', async () => {
    await using gate = await openTestGateway();
    let broken = true;
    gate.services.onDisconnected = async () => {
      if (broken) throw new Error('no database');
    };
    (await enter(gate.port, 'd')).socket.destroy();
    await until(() => gate.complaints.length === 1);
    broken = false;
    await gate.clock.advance(30_000);
    await until(() => gate.services.presence.length === 2);
  });

  test('by a peer that never closes its side is brought about', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    client.socket.pause();
    client.socket.allowHalfOpen = true;
    client.send({ cmd: 'pingresp' });
    await until(() => gate.services.presence.length === 2);
    await gate.clock.advance(4_000);
    // nothing is left to be waited for
    await gate.gateway.drain();
  });
});

describe('the end of a connection says why', () => {
  const kick = { kind: 'kick', deviceIds: ['id-d'] } as const;
  const replaced = { kind: 'replaced', connections: [{ deviceId: 'id-d', connectionId: 'c1' }] } as const;
  test.each<[string, (gate: TestGateway, client: RawClient) => unknown]>([
    ['CLOSED', (_, client) => client.send({ cmd: 'disconnect' })],
    ['LOST', (_, client) => client.socket.resetAndDestroy()],
    ['SILENT', (gate) => gate.clock.advance(91_000)],
    ['KICKED', (gate) => gate.nudge(kick)],
    ['TAKEN_OVER', (gate) => gate.nudge(replaced)],
    ['FAULT', (_, client) => client.send({ cmd: 'pingresp' })],
    ['SHUTDOWN', (gate) => gate.gateway.drain()],
  ])('%s', async (reason, end) => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    const ended = end(gate, client);
    await until(() => gate.services.reasons.length === 1);
    expect(gate.services.reasons).toEqual([`c1 ${reason}`]);
    await ended;
  });

  test('SERVER_ERROR, when what the device said cannot be stored', async () => {
    await using gate = await openTestGateway();
    gate.services.onReport = () => Promise.reject(new Error('no database'));
    using client = await enter(gate.port, 'd');
    client.publish(inform, version);
    await until(() => gate.services.reasons.length === 1);
    expect(gate.services.reasons).toEqual(['c1 SERVER_ERROR']);
  });

  test('as it did when it could not be recorded at once', async () => {
    await using gate = await openTestGateway();
    let broken = true;
    gate.services.onDisconnected = async () => {
      if (broken) throw new Error('no database');
    };
    using client = await enter(gate.port, 'd');
    client.send({ cmd: 'disconnect' });
    await until(() => gate.complaints.length === 1);
    broken = false;
    await gate.clock.advance(30_000);
    await until(() => gate.services.reasons.length === 1);
    expect(gate.services.reasons).toEqual(['c1 CLOSED']);
  });

  test('and a connection says that it takes the place of another', async () => {
    await using gate = await openTestGateway();
    using first = await enter(gate.port, 'd');
    using _second = await enter(gate.port, 'd');
    await first.closed;
    await until(() => gate.services.reasons.length === 2);
    expect(gate.services.reasons).toEqual(['c2 takes over', 'c1 TAKEN_OVER']);
  });
});

describe('draining', () => {
  test('accepts nobody, tells MQTT 5 devices why, closes all and records their ends', async () => {
    await using gate = await openTestGateway();
    using modern = await enter(gate.port, 'd', 5);
    using old = await enter(gate.port, 'e', 4);
    using mute = new RawClient(gate.port);
    await old.quiet();
    await gate.gateway.drain();
    expect((await modern.next('disconnect')).reasonCode).toBe(0x8b);
    await Promise.all([modern.closed, old.closed, mute.closed]);
    expect(gate.services.presence.slice(2).sort()).toEqual(['-d c1', '-e c2']);
    expect(gate.gateway.connectionCount).toBe(0);
    using late = new RawClient(gate.port);
    await late.closed;
  });

  test('waits for the report under way, then ends', async () => {
    await using gate = await openTestGateway();
    const stored = Promise.withResolvers<[]>();
    gate.services.onReport = () => stored.promise;
    using client = await enter(gate.port, 'd');
    client.publish(inform, version, 1);
    await client.quiet();
    const drained = gate.gateway.drain();
    await client.closed;
    expect(gate.services.presence).toEqual(['+d c1']);
    stored.resolve([]);
    await drained;
    expect(gate.services.presence).toEqual(['+d c1', '-d c1']);
  });

  test('gives up on rules that do not answer, and on peers that do not close', async () => {
    await using gate = await openTestGateway();
    gate.services.onDisconnected = () => new Promise(() => undefined);
    using client = await enter(gate.port, 'd');
    client.socket.pause();
    const drained = gate.gateway.drain();
    for (let second = 0; second < 6; second++) await gate.clock.advance(1_000);
    await drained;
  });

  test('twice is once, and an idle gateway is gone at once', async () => {
    await using gate = await openTestGateway({ clock: systemClock });
    await Promise.all([gate.gateway.drain(), gate.gateway.drain()]);
  });
});

test('a port that is taken is an error of the system', async () => {
  await using gate = await openTestGateway();
  const attempt = openTestGateway({ listen: { host: '127.0.0.1', port: gate.port } });
  await expect(attempt).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
