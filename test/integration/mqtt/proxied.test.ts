import { once } from 'node:events';
import { connectAsync, type IClientOptions } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { makeConnect } from '../../../src/wire/mqtt-connect.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { openProxy, proxyHeaderV1, proxyHeaderV2 } from '../../support/proxy.ts';
import { PK, SECRET } from './fake-services.ts';
import { openTestGateway, until } from './gateways.ts';
import { connectPacket, enter, RawClient } from './raw-client.ts';

const loopback = [{ address: '127.0.0.1', prefix: 32 }];
const stock: IClientOptions = {
  ...makeConnect({ productKey: PK, deviceName: 'd', deviceSecret: SECRET }),
  reconnectPeriod: 0,
  keepalive: 60,
};

describe('behind a proxy that speaks the PROXY protocol', () => {
  const certificate = makeCertificate();

  async function openProxied(proxies = loopback, secure = false) {
    const gate = await openTestGateway({
      listen: { host: '127.0.0.1', port: 0, proxies, ...(secure ? { tls: certificate } : {}) },
    });
    const addresses: string[] = [];
    const { connected } = gate.services;
    gate.services.connected = async (device, connection) => {
      addresses.push((connection as { readonly ip?: string }).ip ?? '');
      await connected.call(gate.services, device, connection);
    };
    return { gate, addresses };
  }

  test.each(['mqtt', 'ws', 'mqtts', 'wss'])('a device has its own address over %s', async (scheme) => {
    const { gate, addresses } = await openProxied(loopback, scheme.endsWith('s') && scheme !== 'ws');
    await using _gate = gate;
    for (const header of [proxyHeaderV1('203.0.113.9', 4_000), proxyHeaderV2('2001:db8::9', 4_000)]) {
      const port = await openProxy(gate.port, header);
      const client = await connectAsync(`${scheme}://127.0.0.1:${port}`, { ...stock, ca: certificate.cert });
      await client.publishAsync(`/ota/device/inform/${PK}/d`, '{"id":"1","params":{"version":"1"}}', { qos: 1 });
      await client.endAsync();
    }
    expect(addresses).toEqual(['203.0.113.9', '2001:db8::9']);
    expect(gate.services.reports).toHaveLength(2);
    expect(gate.complaints).toEqual([]);
  });

  test('the header may come in pieces, and with the first packet', async () => {
    const { gate, addresses } = await openProxied();
    await using _gate = gate;
    using slow = new RawClient(gate.port);
    for (const byte of proxyHeaderV2('203.0.113.9', 1)) {
      slow.bytes(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    slow.send(connectPacket('d', 4));
    await slow.next('connack');
    using quick = new RawClient(gate.port);
    quick.socket.cork();
    quick.socket.write(proxyHeaderV1('203.0.113.10', 1));
    quick.send(connectPacket('e', 4));
    quick.socket.uncork();
    await quick.next('connack');
    expect(addresses).toEqual(['203.0.113.9', '203.0.113.10']);
  });

  test('a proxy that speaks for itself keeps its own address', async () => {
    const { gate, addresses } = await openProxied();
    await using _gate = gate;
    using client = new RawClient(gate.port);
    client.socket.write('PROXY UNKNOWN\r\n');
    client.send(connectPacket('d', 4));
    await client.next('connack');
    expect(addresses).toEqual(['127.0.0.1']);
  });

  test('nobody comes in without the header', async () => {
    const { gate } = await openProxied();
    await using _gate = gate;
    using client = new RawClient(gate.port);
    client.send(connectPacket('d', 4));
    await client.closed;
    expect(gate.complaints).toEqual(['closed a connection of a proxy']);
    // a health check that says nothing
    using check = new RawClient(gate.port);
    await once(check.socket, 'connect');
    await gate.clock.advance(5_000);
    await check.closed;
  });

  test('a header that comes from anywhere else is not believed', async () => {
    const { gate, addresses } = await openProxied([{ address: '10.0.0.0', prefix: 8 }]);
    await using _gate = gate;
    for (const header of [proxyHeaderV1('203.0.113.9', 1), proxyHeaderV2('203.0.113.9', 1)]) {
      using client = new RawClient(gate.port);
      client.socket.write(header);
      client.send(connectPacket('d', 4));
      await client.closed;
    }
    using direct = await enter(gate.port, 'd');
    await direct.quiet();
    expect(addresses).toEqual(['127.0.0.1']);
  });

  test('a drain does not wait for a header', async () => {
    const { gate } = await openProxied();
    using client = new RawClient(gate.port);
    client.socket.write('PROXY ');
    await once(client.socket, 'connect');
    await new Promise((resolve) => setImmediate(resolve));
    const drained = gate.gateway.drain();
    await until(() => client.socket.destroyed);
    await drained;
    await gate[Symbol.asyncDispose]();
  });
});
