import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { PK } from './fake-services.ts';
import { openTestGateway, type TestGateway, until } from './gateways.ts';
import { connectPacket, enter, RawClient, type Version } from './raw-client.ts';

const inform = `/ota/device/inform/${PK}/healthy`;

/** A device that must not notice anything. */
async function healthy(gate: TestGateway) {
  const client = await enter(gate.port, 'healthy');
  let messageId = 0;
  return {
    client,
    async works() {
      messageId++;
      client.publish(inform, `{"id":"1","params":{"version":"v${messageId}"}}`, messageId);
      expect((await client.next('puback')).messageId).toBe(messageId);
    },
  };
}

describe('random bytes', () => {
  const versions = fc.constantFrom<Version>(3, 4, 5);

  const attack = async (gate: TestGateway, bytes: Buffer, version: Version | undefined) => {
    using client = version === undefined ? new RawClient(gate.port) : await enter(gate.port, 'd', version);
    client.socket.write(bytes);
    client.socket.end();
    await client.closed;
  };

  test('as the first words disturb nobody', async () => {
    await using gate = await openTestGateway();
    const witness = await healthy(gate);
    const first = fc.constantFrom(0x10, 0x16, 0x47, 0x50, 0x00);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(first, fc.uint8Array({ maxLength: 200 })).map(([byte, rest]) => Uint8Array.of(byte, ...rest)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (value) => {
        await attack(gate, Buffer.from(value), undefined);
        await witness.works();
      }),
      { numRuns: 150 },
    );
    await until(() => gate.gateway.connectionCount === 1);
  });

  test('after CONNECT disturb nobody', async () => {
    await using gate = await openTestGateway();
    const witness = await healthy(gate);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), versions, async (value, version) => {
        await attack(gate, Buffer.from(value), version);
        await witness.works();
      }),
      { numRuns: 150 },
    );
    await until(() => gate.gateway.connectionCount === 1);
  });

  test('in place of some of a packet disturb nobody', async () => {
    await using gate = await openTestGateway();
    const witness = await healthy(gate);
    const packets: Packet[] = [
      connectPacket('d', 5, { properties: { receiveMaximum: 3, userProperties: { a: 'b' } } }),
      {
        cmd: 'publish',
        topic: `/ota/device/inform/${PK}/d`,
        payload: '{"id":1}',
        qos: 1,
        messageId: 1,
        dup: false,
        retain: false,
      },
      { cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: `/sys/${PK}/d/#`, qos: 1 }] },
      { cmd: 'unsubscribe', messageId: 3, unsubscriptions: [`/sys/${PK}/d/#`] },
      { cmd: 'puback', messageId: 4, reasonCode: 0 },
      { cmd: 'disconnect', reasonCode: 0 },
    ];
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...packets), versions, changes, async (packet, version, edits) => {
        const bytes = generate(packet, { protocolVersion: version });
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        await attack(gate, bytes, packet.cmd === 'connect' ? undefined : version);
        await witness.works();
      }),
      { numRuns: 300 },
    );
    await until(() => gate.gateway.connectionCount === 1);
  });
});

test('packets cut anywhere into pieces are the same packets', async () => {
  await using gate = await openTestGateway();
  const words = Buffer.concat([
    generate(connectPacket('d', 4)),
    generate({ cmd: 'pingreq' }),
    generate({
      cmd: 'publish',
      topic: `/ota/device/inform/${PK}/d`,
      payload: 'x'.repeat(200),
      qos: 1,
      messageId: 9,
      dup: false,
      retain: false,
    }),
  ]);
  using client = new RawClient(gate.port);
  for (const byte of words) {
    client.bytes(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await client.next('connack');
  await client.next('pingresp');
  expect((await client.next('puback')).messageId).toBe(9);
});

describe('a packet that is too large', () => {
  const header = (remaining: number) => [
    0x30,
    (remaining & 127) | 128,
    ((remaining >> 7) & 127) | 128,
    remaining >> 14,
  ];

  test.each([4, 5] as const)('is refused by its header alone (level %s)', async (level) => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', level);
    client.bytes(...header(262_145));
    if (level === 5) expect((await client.next('disconnect')).reasonCode).toBe(0x95);
    await client.closed;
  });

  test('begins above 256 KB: that much is taken', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    const topic = `/ota/device/inform/${PK}/d`;
    const start = '{"id":"1","params":{"version":"1"},"filler":"';
    const room = 262_144 - 2 - topic.length - 2;
    client.publish(topic, `${start}${'x'.repeat(room - start.length - 2)}"}`, 1);
    await client.next('puback');
    expect(gate.services.reports).toHaveLength(1);
  });

  test('and a CONNECT as well', async () => {
    await using gate = await openTestGateway();
    using client = new RawClient(gate.port);
    client.bytes(0x10, 0xff, 0xff, 0xff, 0x7f);
    await client.closed;
  });

  test('and a WebSocket message', async () => {
    await using gate = await openTestGateway();
    const witness = await healthy(gate);
    const socket = new WebSocket(`ws://127.0.0.1:${gate.port}`, 'mqtt');
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(Buffer.alloc(300_000));
    const code = await new Promise((resolve) => socket.once('close', resolve));
    expect(code).toBe(1009);
    await witness.works();
  });
});

describe('a violation of the protocol ends the connection', () => {
  const publish = { cmd: 'publish', topic: 't', payload: 'x', dup: false, retain: false } as const;

  test.each<[string, Packet | readonly number[], number]>([
    ['QoS 2', { ...publish, qos: 2, messageId: 1 }, 0x9b],
    ['a topic alias', { ...publish, qos: 0, properties: { topicAlias: 1 } }, 0x94],
    ['a second CONNECT', connectPacket('d', 5), 0x82],
    ['PUBREL', { cmd: 'pubrel', messageId: 1 }, 0x82],
    ['AUTH', { cmd: 'auth', reasonCode: 0x19 }, 0x82],
    ['a message id of 0', { ...publish, qos: 1, messageId: 0 }, 0x81],
    ['an empty topic', { ...publish, topic: '', qos: 0 }, 0x81],
    ['SUBSCRIBE without filters', [0x82, 3, 0, 1, 0], 0x81],
    ['SUBSCRIBE without anything', [0x82, 0], 0x81],
    ['UNSUBSCRIBE without filters', [0xa2, 3, 0, 1, 0], 0x81],
    ['both QoS bits', [0x36, 3, 0, 1, 0], 0x81],
    ['wrong flags', [0x81, 3, 0, 1, 0], 0x81],
    ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 0x01], 0x81],
    ['packet type 0', [0x00, 0], 0x81],
  ])('%s', async (_name, packet, reasonCode) => {
    await using gate = await openTestGateway();
    const witness = await healthy(gate);
    using modern = await enter(gate.port, 'd', 5);
    if (Array.isArray(packet)) modern.bytes(...packet);
    else modern.send(packet as Packet);
    expect((await modern.next('disconnect')).reasonCode).toBe(reasonCode);
    await modern.closed;
    await witness.works();
  });

  test('QoS 2, without a word to older versions', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', 4);
    client.send({ ...publish, qos: 2, messageId: 1 });
    await expect(client.next('pubrec')).rejects.toThrow('closed');
  });

  test('what came before it in the same breath counts', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd', 4);
    const good = generate({
      ...publish,
      topic: `/ota/device/inform/${PK}/d`,
      payload: '{"params":{"version":"1"}}',
      qos: 0,
    });
    client.socket.write(Buffer.concat([good, Buffer.from([0x00, 0x00]), good]));
    await client.closed;
    await until(() => gate.services.presence.length === 2);
    expect(gate.services.reports).toHaveLength(1);
  });

  test('text in a WebSocket', async () => {
    await using gate = await openTestGateway();
    const socket = new WebSocket(`ws://127.0.0.1:${gate.port}`, 'mqtt');
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('hello');
    await new Promise((resolve) => socket.once('close', resolve));
  });
});
