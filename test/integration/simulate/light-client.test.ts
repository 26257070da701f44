import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { ConnectRefused, connectLightClient } from '../../../src/simulate/light-client.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { accept, openPeer } from './peer.ts';

const login = { host: '127.0.0.1', clientId: 'id|securemode=3|', username: 'dn&pk', password: 'abc' };

function listener() {
  const messages: Array<[topic: string, text: string]> = [];
  const closed = Promise.withResolvers<Error | undefined>();
  return {
    messages,
    closed: closed.promise,
    onMessage: (topic: string, payload: Buffer) => void messages.push([topic, payload.toString()]),
    onClose: closed.resolve,
  };
}

test('it connects as an MQTT 3.1.1 device', async () => {
  await using peer = await openPeer((packet, { send }) => packet.cmd === 'connect' && send(accept));
  await using _client = await connectLightClient({
    ...login,
    ...listener(),
    port: peer.port,
    clock: systemClock,
    keepaliveS: 90,
  });
  expect(peer.received[0]).toMatchObject({
    cmd: 'connect',
    protocolVersion: 4,
    clientId: login.clientId,
    username: login.username,
    password: Buffer.from('abc'),
    keepalive: 90,
    clean: true,
  });
});

test.each([1, 2, 3, 4, 5])('a CONNACK with code %i is a refusal with that code', async (returnCode) => {
  await using peer = await openPeer((_, { send }) => send({ cmd: 'connack', returnCode, sessionPresent: false }));
  const refused = await connectLightClient({ ...login, ...listener(), port: peer.port, clock: systemClock }).catch(
    (error) => error,
  );
  expect(refused).toBeInstanceOf(ConnectRefused);
  expect(refused.code).toBe(returnCode);
});

test('a QoS 1 publish resolves at its own PUBACK, QoS 0 at once', async () => {
  const ids: number[] = [];
  await using peer = await openPeer((packet, { send }) => {
    if (packet.cmd === 'connect') send(accept);
    if (packet.cmd !== 'publish' || packet.qos !== 1) return;
    ids.push(packet.messageId ?? 0);
    // both are answered, the second one first
    if (ids.length === 2) for (const messageId of ids.toReversed()) send({ cmd: 'puback', messageId });
  });
  await using client = await connectLightClient({ ...login, ...listener(), port: peer.port, clock: systemClock });
  await client.publish('/a', 'zero', 0);
  await Promise.all([client.publish('/a', 'one', 1), client.publish('/a', 'two', 1)]);
  expect(ids).toEqual([1, 2]);
});

test('a QoS 1 message is handed over and acknowledged', async () => {
  const acked = Promise.withResolvers<number | undefined>();
  await using peer = await openPeer((packet, { send }) => {
    if (packet.cmd === 'puback') acked.resolve(packet.messageId);
    if (packet.cmd !== 'connect') return;
    send(accept);
    send({ cmd: 'publish', topic: '/t', payload: 'hello', qos: 1, messageId: 77, dup: false, retain: false });
  });
  const seen = listener();
  await using _client = await connectLightClient({ ...login, ...seen, port: peer.port, clock: systemClock });
  expect(await acked.promise).toBe(77);
  expect(seen.messages).toEqual([['/t', 'hello']]);
});

test('a publish that the server never acknowledges fails when the connection is cut', async () => {
  await using peer = await openPeer((packet, { send, socket }) =>
    packet.cmd === 'connect' ? send(accept) : socket.resetAndDestroy(),
  );
  const seen = listener();
  await using client = await connectLightClient({ ...login, ...seen, port: peer.port, clock: systemClock });
  await expect(client.publish('/t', 'x', 1)).rejects.toThrow();
  expect(await seen.closed).toBeInstanceOf(Error);
  await expect(client.publish('/t', 'x', 0)).rejects.toThrow();
});

test('closing says DISCONNECT and is no error', async () => {
  const said = Promise.withResolvers<void>();
  await using peer = await openPeer((packet, { send }) => {
    if (packet.cmd === 'connect') send(accept);
    if (packet.cmd === 'disconnect') said.resolve();
  });
  const seen = listener();
  const client = await connectLightClient({ ...login, ...seen, port: peer.port, clock: systemClock });
  await client.close();
  await client.close();
  await said.promise;
  expect(await seen.closed).toBeUndefined();
});

test('it pings well within the keep-alive when there is nothing else to say, and not when there is', async () => {
  await using peer = await openPeer((packet, { send }) => {
    if (packet.cmd === 'connect') send(accept);
    if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' });
    if (packet.cmd === 'publish') send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
  });
  const clock = createTestClock();
  const pings = () => peer.received.filter(({ cmd }) => cmd === 'pingreq').length;
  await using client = await connectLightClient({ ...login, ...listener(), port: peer.port, clock, keepaliveS: 60 });
  const answered = () => client.publish('/t', 'x', 1); // its PUBACK comes after the answer to a ping
  await clock.advance(48_000);
  await vi.waitFor(() => expect(pings()).toBe(1), 10_000);
  await answered();
  await clock.advance(24_000);
  await answered();
  await clock.advance(24_000);
  await answered();
  expect(pings()).toBe(1);
  await clock.advance(48_000);
  await vi.waitFor(() => expect(pings()).toBe(2), 10_000);
});

test('a server that answers no ping is given up', async () => {
  await using peer = await openPeer((packet, { send }) => packet.cmd === 'connect' && send(accept));
  const clock = createTestClock();
  const seen = listener();
  await connectLightClient({ ...login, ...seen, port: peer.port, clock });
  await clock.advance(3 * 48_000); // three beats of the usual 120 s
  expect((await seen.closed)?.message).toMatch(/ping/);
});

test('a server that never answers CONNECT is given up', async () => {
  const connected = Promise.withResolvers<void>();
  await using peer = await openPeer(() => connected.resolve());
  const clock = createTestClock();
  const given = expect(connectLightClient({ ...login, ...listener(), port: peer.port, clock })).rejects.toThrow(
    /CONNACK/,
  );
  await connected.promise;
  await clock.advance(15_000);
  await given;
});

test('connecting can be called off', async () => {
  const connected = Promise.withResolvers<void>();
  await using peer = await openPeer(() => connected.resolve());
  const stop = new AbortController();
  const attempt = connectLightClient({
    ...login,
    ...listener(),
    port: peer.port,
    clock: systemClock,
    signal: stop.signal,
  });
  await connected.promise;
  stop.abort();
  await expect(attempt).rejects.toThrow();
});

test('a port where nobody listens rejects with the error of the network', async () => {
  const { port } = await closedPeer();
  const attempt = connectLightClient({ ...login, ...listener(), port, clock: systemClock });
  await expect(attempt).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('bytes that are no MQTT close the connection', async () => {
  await using peer = await openPeer((packet, { send, socket }) => {
    if (packet.cmd === 'connect') send(accept);
    else socket.write(Buffer.alloc(64, 0xff));
  });
  const seen = listener();
  await using client = await connectLightClient({ ...login, ...seen, port: peer.port, clock: systemClock });
  await client.publish('/t', 'x', 0);
  expect(await seen.closed).toBeInstanceOf(Error);
});

async function closedPeer() {
  const peer = await openPeer(() => undefined);
  await peer[Symbol.asyncDispose]();
  return peer;
}
