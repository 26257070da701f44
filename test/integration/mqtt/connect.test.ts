import { connect, connectAsync, type IClientOptions } from 'mqtt';
import { generate } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { makeConnect } from '../../../src/wire/mqtt-connect.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { PK, SECRET } from './fake-services.ts';
import { openTestGateway, until } from './gateways.ts';
import { connectPacket, enter, openRaw, RawClient, type Version } from './raw-client.ts';

const versions: readonly Version[] = [3, 4, 5];
const credentials = makeConnect({ productKey: PK, deviceName: 'd', deviceSecret: SECRET });
const stock: IClientOptions = { ...credentials, reconnectPeriod: 0, keepalive: 60 };

describe('a stock client', () => {
  const certificate = makeCertificate();

  test.each<[string, IClientOptions]>([
    ['MQTT 3.1', { protocolId: 'MQIsdp', protocolVersion: 3 }],
    ['MQTT 3.1.1', { protocolVersion: 4 }],
    ['MQTT 5.0', { protocolVersion: 5 }],
  ])('updates over %s: connects, subscribes, reports, is told, unsubscribes', async (_name, options) => {
    await using gate = await openTestGateway();
    gate.services.queue('d', 't1', '2.0.0');
    const client = connect(`mqtt://127.0.0.1:${gate.port}`, { ...stock, ...options });
    const message = new Promise<[string, Buffer]>((resolve) => {
      // the push may come in the same breath as CONNACK
      client.on('message', (topic, payload) => resolve([topic, payload]));
    });
    await new Promise<unknown>((resolve) => client.once('connect', resolve));
    const [granted] = await client.subscribeAsync(`/ota/device/upgrade/${PK}/d`, { qos: 1 });
    expect(granted?.qos).toBe(1);
    await client.publishAsync(`/ota/device/inform/${PK}/d`, '{"id":"1","params":{"version":"1.0.0"}}', { qos: 1 });
    const [topic, payload] = await message;
    expect(topic).toBe(`/ota/device/upgrade/${PK}/d`);
    expect(JSON.parse(payload.toString())).toMatchObject({ code: '1000', data: { version: '2.0.0' } });
    expect(gate.services.reports[0]?.message).toMatchObject({ kind: 'inform', version: '1.0.0' });
    await client.unsubscribeAsync(`/ota/device/upgrade/${PK}/d`);
    await client.endAsync();
    await until(() => gate.services.presence.length === 2);
    expect(gate.services.presence).toEqual(['+d c1', '-d c1']);
  });

  test.each(['mqtt', 'ws', 'mqtts', 'wss'])('connects over %s on the same port', async (scheme) => {
    await using gate = await openTestGateway({ listen: { host: '127.0.0.1', port: 0, tls: certificate } });
    const url = `${scheme}://127.0.0.1:${gate.port}${scheme.startsWith('ws') ? '/some/path' : ''}`;
    const client = await connectAsync(url, { ...stock, ca: certificate.cert });
    // larger than one read of a socket
    const payload = JSON.stringify({ id: '1', params: { version: '1.0.0', filler: 'x'.repeat(150_000) } });
    await client.publishAsync(`/ota/device/inform/${PK}/d`, payload, { qos: 1 });
    expect(gate.services.reports).toHaveLength(1);
    expect(gate.gateway.connectionCount).toBe(1);
    await client.endAsync();
  });

  test('cannot speak TLS to a gateway without a certificate', async () => {
    await using gate = await openTestGateway();
    const url = `mqtts://127.0.0.1:${gate.port}`;
    await expect(connectAsync(url, { ...stock, rejectUnauthorized: false })).rejects.toThrow();
  });

  test('sees why it is refused', async () => {
    await using gate = await openTestGateway();
    const attempt = connectAsync(`mqtt://127.0.0.1:${gate.port}`, { ...stock, password: 'wrong' });
    await expect(attempt).rejects.toThrow(/bad user ?name or password/i);
  });
});

describe('a refused CONNECT', () => {
  const bad = { password: '0'.repeat(64) };

  test.each<[string, object, number, number]>([
    ['a wrong signature', bad, 4, 0x86],
    ['an unknown product', { username: 'd&nowhere' }, 4, 0x86],
    ['a user name without product', { username: 'd' }, 4, 0x86],
    ['a malformed extension block', { clientId: 'x|=1|' }, 2, 0x85],
    ['an id of more than 64 characters', { clientId: `${'x'.repeat(65)}|securemode=3|` }, 2, 0x85],
    ['no keep alive', { keepalive: 0 }, 2, 0x85],
    ['a keep alive below 30 s', { keepalive: 29 }, 2, 0x85],
  ])('for %s has the code of its version, and the connection is closed', async (_name, changes, v3, v5) => {
    await using gate = await openTestGateway();
    for (const version of versions) {
      const { client, connack, code } = await openRaw(gate.port, 'd', version, changes);
      expect({ version, code }).toEqual({ version, code: version === 5 ? v5 : v3 });
      expect(connack.sessionPresent).toBe(false);
      await client.closed;
    }
    expect(gate.services.presence).toEqual([]);
  });

  test.each(versions)('for an address whose logins failed too often says to come later (level %s)', async (version) => {
    await using gate = await openTestGateway();
    const asked: string[] = [];
    gate.services.login = async (_claim, address) => {
      asked.push(address);
      return { ok: false, reason: 'throttled', detail: '' };
    };
    expect((await openRaw(gate.port, 'd', version)).code).toBe(version === 5 ? 0x9f : 3);
    expect(asked).toEqual(['127.0.0.1']);
  });

  test('for a disabled device is 5', async () => {
    await using gate = await openTestGateway();
    gate.services.disabled.add('d');
    const codes = await Promise.all(versions.map(async (version) => (await openRaw(gate.port, 'd', version)).code));
    expect(codes).toEqual([5, 5, 0x87]);
  });

  test('for a failing server is 3, whether login fails or recording it', async () => {
    await using gate = await openTestGateway();
    const fail = async () => {
      throw new Error('no database');
    };
    gate.services.onLogin = fail;
    for (const version of versions) {
      expect((await openRaw(gate.port, 'd', version)).code).toBe(version === 5 ? 0x88 : 3);
    }
    gate.services.onLogin = async () => undefined;
    gate.services.onConnected = fail;
    const { client, code } = await openRaw(gate.port, 'd');
    expect(code).toBe(3);
    await client.closed;
    // it may have been stored before it failed
    expect(gate.services.presence).toEqual(['-d c4']);
    expect(gate.gateway.connectionCount).toBe(0);
  });

  test.each([
    ['2 of MQIsdp', 'MQIsdp', 2, 4, 1],
    ['3 of MQTT', 'MQTT', 3, 4, 1],
    ['6', 'MQTT', 6, 5, 0x84],
    ['of a bridge', 'MQTT', 0x84, 4, 1],
  ] as const)('for protocol level %s says so', async (_name, name, level, version, expected) => {
    await using gate = await openTestGateway();
    const bytes = generate(connectPacket('d', 4), { protocolVersion: 4 });
    // fixed header of 3 bytes (the packet is longer than 127), name of 4 characters, level
    const rest = bytes.subarray(3 + 6 + 1);
    const body = Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([level]), rest]);
    const header = Buffer.from([0x10, (body.length & 127) | 128, body.length >> 7]);
    using client = new RawClient(gate.port, version);
    client.socket.write(Buffer.concat([header, body]));
    const connack = await client.next('connack');
    expect(version === 5 ? connack.reasonCode : connack.returnCode).toBe(expected);
    await client.closed;
  });

  test('for an empty client id follows the rules of its version', async () => {
    await using gate = await openTestGateway();
    const code = async (version: Version, clean: boolean) => {
      const packet = { ...connectPacket('d', version, { clientId: '' }), clean };
      using client = new RawClient(gate.port, version);
      // the codec of the client would not send an empty id: it is cut out here
      const bytes = generate({ ...packet, clientId: 'x', clean: true }, { protocolVersion: version });
      const at = bytes.indexOf(Buffer.from([0, 1, 'x'.charCodeAt(0)]));
      const flagsAt = bytes.indexOf(version === 3 ? 'MQIsdp' : 'MQTT') + (version === 3 ? 7 : 5);
      if (!clean) bytes[flagsAt] = (bytes[flagsAt] ?? 0) & ~2;
      const cut = Buffer.concat([bytes.subarray(0, at), Buffer.from([0, 0]), bytes.subarray(at + 3)]);
      cut[1] = (cut[1] ?? 0) - 1;
      client.socket.write(cut);
      const connack = await client.next('connack');
      return connack.returnCode ?? connack.reasonCode;
    };
    expect(await code(3, true)).toBe(2);
    expect(await code(4, false)).toBe(2);
    // well-formed, but signed for another id
    expect(await code(4, true)).toBe(4);
    expect(await code(5, false)).toBe(0x86);
  });

  test('for enhanced authentication of MQTT 5 is "bad authentication method"', async () => {
    await using gate = await openTestGateway();
    const properties = { authenticationMethod: 'SCRAM-SHA-1' };
    expect((await openRaw(gate.port, 'd', 5, { properties })).code).toBe(0x8c);
  });
});

describe('an accepted CONNECT', () => {
  test('of MQTT 5 states what the gateway can do', async () => {
    await using gate = await openTestGateway();
    const { connack } = await openRaw(gate.port, 'd', 5);
    expect(connack.properties).toEqual({
      receiveMaximum: 100,
      maximumQoS: 1,
      retainAvailable: false,
      maximumPacketSize: 262_144,
      topicAliasMaximum: 0,
      wildcardSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
    });
  });

  test('with a keep alive above 1200 s is clamped, and MQTT 5 is told', async () => {
    await using gate = await openTestGateway();
    const { connack } = await openRaw(gate.port, 'd', 5, { keepalive: 65_535 });
    expect(connack.properties?.serverKeepAlive).toBe(1200);
    const { client } = await openRaw(gate.port, 'e', 4, { keepalive: 65_535 });
    await gate.clock.advance(1_799_000);
    await client.quiet();
    await gate.clock.advance(1_802_000);
    await client.closed;
  });

  test('without client id is given one by MQTT 5', async () => {
    await using gate = await openTestGateway();
    // the signature without a client id, by the default method
    const { password } = makeConnect(
      { productKey: PK, deviceName: 'd', deviceSecret: SECRET },
      { id: '', method: 'hmacmd5' },
    );
    const { connack, code } = await openRaw(gate.port, 'd', 5, { clientId: '', password });
    expect(code).toBe(0);
    expect(connack.properties?.assignedClientIdentifier).toBe('pk.d');
  });

  test('with a will and a persistent session is accepted, and both mean nothing', async () => {
    await using gate = await openTestGateway();
    using client = new RawClient(gate.port);
    const will = { topic: '/anything', payload: Buffer.from('bye'), qos: 2, retain: true } as const;
    client.send({ ...connectPacket('d', 4), clean: false, will });
    expect(await client.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: false });
  });

  test('may be followed at once by other packets', async () => {
    await using gate = await openTestGateway();
    const login = Promise.withResolvers<void>();
    gate.services.onLogin = () => login.promise;
    using client = new RawClient(gate.port);
    client.send(connectPacket('d', 4), { cmd: 'pingreq' });
    client.publish(`/ota/device/inform/${PK}/d`, '{"id":1, "params":{"version":"1.0.0"}}', 7);
    login.resolve();
    expect((await client.next('connack')).returnCode).toBe(0);
    await client.next('pingresp');
    expect((await client.next('puback')).messageId).toBe(7);
  });

  test('with either case of hex and any sign method', async () => {
    await using gate = await openTestGateway();
    const device = { productKey: PK, deviceName: 'd', deviceSecret: SECRET };
    for (const method of ['hmacmd5', 'hmacsha1', 'hmacsha256'] as const) {
      const made = makeConnect(device, { method, timestamp: '2524608000000' });
      const { client } = await openRaw(gate.port, 'd', 4, { ...made, password: made.password.toUpperCase() });
      await client.quiet();
    }
  });
});

describe('a socket', () => {
  test.each([
    ['says nothing', []],
    ['says half a CONNECT', [0x10, 0x20, 0x00]],
    ['says half an HTTP request', [...Buffer.from('GET / HTTP/1.1\r\n')]],
  ])('that %s for 10 s is closed', async (_name, bytes) => {
    await using gate = await openTestGateway();
    using client = new RawClient(gate.port);
    using healthy = await enter(gate.port, 'healthy');
    if (bytes.length > 0) client.bytes(...bytes);
    await healthy.quiet();
    await gate.clock.advance(9_000);
    expect(client.socket.closed).toBe(false);
    await gate.clock.advance(2_000);
    await client.closed;
    await healthy.quiet();
  });

  test('that waits for a login of more than 30 s is told that the server is unavailable', async () => {
    await using gate = await openTestGateway();
    const login = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    gate.services.onLogin = () => {
      asked.resolve();
      return login.promise;
    };
    using client = new RawClient(gate.port);
    client.send(connectPacket('d', 4));
    await asked.promise;
    await gate.clock.advance(31_000);
    expect((await client.next('connack')).returnCode).toBe(3);
    login.resolve();
    await client.closed;
    expect(gate.services.presence).toEqual([]);
  });

  test('with a plain HTTP request is told to upgrade', async () => {
    await using gate = await openTestGateway();
    const answer = await fetch(`http://127.0.0.1:${gate.port}/`);
    expect(answer.status).toBe(426);
  });
});
