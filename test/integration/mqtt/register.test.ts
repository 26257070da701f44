import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { registrationSignature } from '../../../src/wire/registration.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { PK, SECRET } from './fake-services.ts';
import { openTestGateway } from './gateways.ts';
import { enter, openRaw, type Version } from './raw-client.ts';

const versions: readonly Version[] = [3, 4, 5];
const inform = `/ota/device/inform/${PK}/d`;

function registration(authType: string, changes: { random?: string; secret?: string } = {}) {
  const { random = '123', secret = SECRET } = changes;
  const clientId = `d.${PK}|random=${random},authType=${authType},securemode=2,signmethod=hmacsha256|`;
  const password = registrationSignature('hmacsha256', secret, { productKey: PK, deviceName: 'd', random });
  // C SDKs register with a keep alive that a login would be refused for
  return { clientId, password, keepalive: 10 };
}

describe('a device that registers', () => {
  test.each([
    ['register', { deviceSecret: 'new' }],
    ['regnwl', { clientId: 'client', deviceToken: 'token' }],
  ])('with %s is told its credentials without a SUBSCRIBE', async (authType, credentials) => {
    await using gate = await openTestGateway();
    for (const version of versions) {
      const { client, code } = await openRaw(gate.port, 'd', version, registration(authType));
      expect(code).toBe(0);
      const { topic, payload, qos } = await client.next('publish');
      expect({ topic, qos }).toEqual({ topic: `/ext/${authType}`, qos: 0 });
      expect(JSON.parse(payload.toString())).toEqual({ productKey: PK, deviceName: 'd', ...credentials });
      client.send({ cmd: 'disconnect' });
      await client.closed;
    }
    expect(gate.services.presence).toEqual([]);
  });

  test('and stays is sent away after 15 s', async () => {
    await using gate = await openTestGateway();
    const { client } = await openRaw(gate.port, 'd', 5, registration('register'));
    await client.next('publish');
    await gate.clock.advance(14_000);
    await client.quiet();
    await gate.clock.advance(2_000);
    expect((await client.next('disconnect')).reasonCode).toBe(0x98);
    await client.closed;
  });

  test('may subscribe to the answer, and may say nothing in the name of a device', async () => {
    await using gate = await openTestGateway();
    const { client } = await openRaw(gate.port, 'd', 4, registration('register'));
    await client.next('publish');
    const filters = ['/ext/register', '/ext/regnwl', `/ota/device/upgrade/${PK}/d`, '#'];
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) });
    expect((await client.next('suback')).granted).toEqual([1, 1, 0x80, 0x80]);
    client.publish(inform, '{"params":{"version":"1"}}', 2);
    await client.next('puback');
    client.publish(inform, '{"params":{"version":"1"}}');
    await client.quiet();
    client.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['#'] });
    await client.next('unsuback');
    expect(gate.services.reports).toEqual([]);
    client.publish(inform, '', 4, { qos: 2 });
    await client.closed;
  });

  test('does not disturb the connection that the device has', async () => {
    await using gate = await openTestGateway();
    using device = await enter(gate.port, 'd');
    const { client } = await openRaw(gate.port, 'd', 4, registration('register'));
    await client.next('publish');
    await device.quiet();
    expect(gate.gateway.connectionCount).toBe(1);
  });

  test.each([
    ['a wrong signature', registration('register', { secret: 'other' }), 4, 0x86],
    ['no random', { clientId: 'd|authType=register,signmethod=hmacsha256|' }, 2, 0x85],
    ['an unknown sign method', { clientId: 'd|authType=register,random=1,signmethod=crc|' }, 2, 0x85],
  ])('with %s is refused and sent away', async (_name, changes, v3, v5) => {
    await using gate = await openTestGateway();
    for (const version of versions) {
      const { client, code } = await openRaw(gate.port, 'd', version, changes);
      expect(code).toBe(version === 5 ? v5 : v3);
      await client.closed;
    }
  });

  test('is told to come again when the rules fail', async () => {
    await using gate = await openTestGateway();
    gate.services.onRegister = () => Promise.reject(new Error('no database'));
    expect((await openRaw(gate.port, 'd', 4, registration('register'))).code).toBe(3);
  });

  test('that takes no packet of that size is sent away', async () => {
    await using gate = await openTestGateway();
    const properties = { maximumPacketSize: 64 };
    const { client } = await openRaw(gate.port, 'd', 5, { ...registration('register'), properties });
    expect((await client.next('disconnect')).reasonCode).toBe(0x95);
  });

  test('needs TLS where the gateway speaks it, over TCP and WebSocket', async () => {
    const certificate = makeCertificate();
    await using gate = await openTestGateway({ listen: { host: '127.0.0.1', port: 0, tls: certificate } });
    expect((await openRaw(gate.port, 'd', 4, registration('register'))).code).toBe(2);
    for (const scheme of ['mqtts', 'wss']) {
      const { clientId, password } = registration('register');
      const options = { clientId, password, username: `d&${PK}`, reconnectPeriod: 0, ca: certificate.cert };
      const client = await connectAsync(`${scheme}://127.0.0.1:${gate.port}`, options);
      await client.endAsync();
    }
    const ws = connectAsync(`ws://127.0.0.1:${gate.port}`, {
      ...registration('register'),
      username: `d&${PK}`,
      reconnectPeriod: 0,
    });
    await expect(ws).rejects.toThrow(/identifier/i);
  });
});
