import { expect, test } from 'vitest';
import type { BlockOutcome } from '../../../src/wire/file-download.ts';
import { decodeBlockReply, encodeBlockRequest } from '../../../src/wire/file-download.ts';
import { PK } from './fake-services.ts';
import { openTestGateway, type TestGateway, until } from './gateways.ts';
import { enter, type RawClient } from './raw-client.ts';

const topic = `/sys/${PK}/d/thing/file/download`;
const request = (offset = 0, size = 512) =>
  encodeBlockRequest(String(offset), { streamId: 7, fileId: 1, size, offset });

/** Rules that give blocks of zeros; each call waits for `release` when the test holds them. */
function giveBlocks({ services }: TestGateway, size = 512) {
  const held: (() => void)[] = [];
  const state = { calls: 0, underWay: 0, most: 0, hold: false };
  services.onBlock = async (_devices, { request: wanted }) => {
    state.calls++;
    state.most = Math.max(state.most, ++state.underWay);
    if (state.hold) await new Promise<void>((resolve) => held.push(resolve));
    state.underWay--;
    const offset = typeof wanted === 'string' ? 0 : wanted.offset;
    return { ok: true, fileLength: 1_000_000, offset, bytes: Buffer.alloc(size) };
  };
  return { state, release: () => held.shift()?.() };
}

async function block(client: RawClient) {
  const { topic: on, payload, qos } = await client.next('publish');
  expect([on, qos]).toEqual([`/sys/${PK}/d/thing/file/download_reply`, 0]);
  const reply = decodeBlockReply(payload as Buffer);
  if (typeof reply === 'string') throw new Error(reply);
  return reply;
}

test('a block comes without SUBSCRIBE, at QoS 0 whatever the question had, which is acknowledged at once', async () => {
  await using server = await openTestGateway();
  giveBlocks(server);
  using client = await enter(server.port, 'd');
  client.publish(topic, request(0));
  expect(await block(client)).toMatchObject({ id: '0', code: 200, offset: 0, fileLength: 1_000_000 });
  client.publish(topic, request(512), 5);
  expect(await client.next('puback')).toMatchObject({ messageId: 5 });
  expect(await block(client)).toMatchObject({ id: '512', offset: 512 });
});

test('the rules are asked for the device of the connection, and what they refuse is told', async () => {
  await using server = await openTestGateway();
  const asked: string[] = [];
  server.services.onBlock = async (devices, { request: wanted }): Promise<BlockOutcome> => {
    asked.push(devices.map(({ deviceName }) => deviceName).join());
    return typeof wanted === 'string'
      ? { ok: false, code: 460, reason: wanted }
      : { ok: false, code: 404, reason: 'no such file' };
  };
  using client = await enter(server.port, 'd');
  client.publish(topic, request());
  expect(await block(client)).toMatchObject({ code: 404, message: 'no such file' });
  client.publish(topic, '{"id":1,"params":{"fileInfo":{"streamId":1,"fileId":1,},"fileBlock":{"size":1}}}\0');
  expect(await block(client)).toMatchObject({ id: '1', code: 460, message: expect.stringContaining('offset') });
  expect(asked).toEqual(['d', 'd']);
  client.publish(topic, 'nonsense', 9);
  await client.next('puback');
  client.publish(`/sys/${PK}/other/thing/file/download`, request());
  await client.quiet();
  expect(asked).toHaveLength(2);
});

test('one block is read at a time, and requests beyond eight that wait are dropped', async () => {
  await using server = await openTestGateway();
  const { state, release } = giveBlocks(server);
  state.hold = true;
  using client = await enter(server.port, 'd');
  for (let index = 0; index < 30; index++) client.publish(topic, request(index));
  await client.quiet();
  expect(state.calls).toBe(1);
  state.hold = false;
  release();
  const ids: string[] = [];
  for (let index = 0; index < 9; index++) ids.push((await block(client)).id);
  expect(ids).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
  await client.quiet();
  expect(state).toMatchObject({ calls: 9, most: 1 });
  expect(server.complaints).toContain('dropped a request for a block: too many wait');
});

test('a block that could not be read stays without an answer, and the next one is served', async () => {
  await using server = await openTestGateway();
  const { services } = server;
  services.onBlock = async () => Promise.reject(new Error('no storage'));
  using client = await enter(server.port, 'd');
  client.publish(topic, request());
  await until(() => server.complaints.includes('could not read a block of a file'));
  await client.quiet();
  giveBlocks(server);
  client.publish(topic, request(512));
  expect((await block(client)).id).toBe('512');
});

test('reports are recorded while a block is being read', async () => {
  await using server = await openTestGateway();
  const { state, release } = giveBlocks(server);
  state.hold = true;
  using client = await enter(server.port, 'd');
  client.publish(topic, request());
  client.publish(`/ota/device/progress/${PK}/d`, '{"id":2, "params":{"step":"5","desc":""}}', 3);
  await client.next('puback');
  expect(server.services.reports).toHaveLength(1);
  release();
  await block(client);
});

test('a device that asks faster than it may is paced', async () => {
  await using server = await openTestGateway({ limits: { arrivalMs: 0, blocksPerSecond: 4 } });
  const { state } = giveBlocks(server);
  using client = await enter(server.port, 'd');
  for (let index = 0; index < 5; index++) client.publish(topic, request(index));
  for (let index = 0; index < 5; index++) await block(client);
  // a second's worth in advance, and one more: the sixth is paid for a quarter of a second later
  client.publish(topic, request(5));
  await client.quiet();
  expect(state.calls).toBe(5);
  await server.clock.advance(250);
  expect((await block(client)).id).toBe('5');
});

test('the next block waits until the device has taken the one before', async () => {
  await using server = await openTestGateway({ limits: { arrivalMs: 0, waitingBlocks: 1_000, blocksPerSecond: 1e6 } });
  const { state } = giveBlocks(server, 131_072);
  using client = await enter(server.port, 'd');
  client.socket.pause();
  for (let index = 0; index < 500; index++) client.publish(topic, request(index));
  // what the system holds for both ends is some megabytes, never all 64
  let before = -1;
  while (state.calls > before) {
    before = state.calls;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(state.calls).toBeLessThan(400);
  expect(server.gateway.connectionCount).toBe(1);
  client.socket.resume();
  for (let index = 0; index < 500; index++) expect((await block(client)).id).toBe(String(index));
});

test('a block larger than an MQTT 5 device takes is not sent', async () => {
  await using server = await openTestGateway();
  giveBlocks(server);
  using client = await enter(server.port, 'd', 5, { properties: { maximumPacketSize: 300 } });
  client.publish(topic, request());
  await until(() => server.complaints.includes('dropped a message that is larger than the device takes'));
  await client.quiet();
});

test('nothing is read any more for a device that has left', async () => {
  await using server = await openTestGateway();
  const { state, release } = giveBlocks(server);
  state.hold = true;
  const client = await enter(server.port, 'd');
  for (let index = 0; index < 5; index++) client.publish(topic, request(index));
  await client.quiet();
  client.socket.destroy();
  await until(() => server.gateway.connectionCount === 0);
  release();
  await until(() => state.underWay === 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(state.calls).toBe(1);
});
