import { describe, expect, it } from 'vitest';
import { createAccount, createInstance, createUser, disableKey } from '../../../src/domain/accounts.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { eachEngine } from '../../support/engines.ts';
import { openProxy, proxyHeaderV2 } from '../../support/proxy.ts';
import { type AmqpWorld, type Consumer, openAmqpWorld, until } from './amqp-world.ts';
import * as raw from './raw-amqp.ts';

const policy = (action: string) =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
const connections = async (world: AmqpWorld) => {
  const status = await world.call('QueryConsumerGroupStatus', { GroupId: world.groupId });
  return status.ClientConnectionStatusList.ConsumerGroupClientConnectionInfo;
};
const joined = (world: AmqpWorld, count: number) =>
  until(async () => (await connections(world)).length === count, `${count} connections`);
const refused = async (consumer: Consumer, condition: string) => {
  await until(() => consumer.refusals.length > 0, 'a refusal');
  expect(consumer.refusals).toContain(condition);
  expect(consumer.heard).toEqual([]);
};

eachEngine('a consumer over AMQP', (database) => {
  it('is shown while it is connected', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect();
    await joined(world, 1);
    expect(await connections(world)).toEqual([
      {
        ClientId: 'client-1',
        ClientIpPort: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        OnlineTime: world.clock.now(),
        AccumulatedConsumeCountPerMinute: 0,
        RealTimeConsumeCountPerMinute: 0,
      },
    ]);
    await consumer.close();
    await joined(world, 0);
  });

  it('needs the right password', async () => {
    await using world = await openAmqpWorld(database);
    const { username, password } = world.credentials();
    for (const wrong of ['', 'AAAA', password.slice(1)]) {
      await refused(world.connect({ username, password: wrong || ' ' }), 'amqp:unauthorized-access');
    }
    expect(world.log.join('\n')).toContain('wrong password');
    expect(world.log.join('\n')).not.toContain(password);
  });

  it('needs a key that is known and active', async () => {
    await using world = await openAmqpWorld(database);
    const unknown = { accessKeyId: 'LTAInobody', accessKeySecret: 'nothing' };
    await refused(world.connect({ key: unknown }), 'amqp:unauthorized-access');
    await disableKey(world.deps, world.key.accessKeyId);
    await refused(world.connect(), 'amqp:unauthorized-access');
  });

  it('needs the right to iot:sub', async () => {
    await using world = await openAmqpWorld(database);
    const accountId = world.scope.accountId;
    const without = await createUser(world.deps, { accountId, name: 'without', policy: policy('iot:Query*') });
    const withIt = await createUser(world.deps, { accountId, name: 'with', policy: policy('iot:sub') });
    await refused(world.connect({ key: without }), 'amqp:unauthorized-access');
    world.connect({ key: withIt });
    await joined(world, 1);
  });

  it('needs a group of its own account and instance', async () => {
    await using world = await openAmqpWorld(database);
    const stranger = await createAccount(world.deps, 'stranger');
    await refused(world.connect({ groupId: 'nothing' }), 'amqp:unauthorized-access');
    await refused(world.connect({ groupId: 'two words' }), 'amqp:unauthorized-access');
    await refused(world.connect({ key: stranger }), 'amqp:unauthorized-access');
    const { iotInstanceId } = await createInstance(world.deps, { accountId: world.scope.accountId, name: 'other' });
    const { username, password } = world.credentials();
    const elsewhere = username.replace('iotInstanceId=', `iotInstanceId=${iotInstanceId}`);
    await refused(world.connect({ username: elsewhere, password }), 'amqp:unauthorized-access');
    // that instance has its own built-in group, and the stranger has one, too
    const builtIn = elsewhere.replace(world.groupId, 'DEFAULT_GROUP');
    const consumer = world.connect({ username: builtIn, password });
    const strange = world.connect({ key: stranger, groupId: 'DEFAULT_GROUP' });
    await until(() => consumer.state.open && strange.state.open);
  });

  it('cannot use an STS token', async () => {
    await using world = await openAmqpWorld(database);
    const { username, password } = world.credentials();
    const token = username.replace('authMode=aksign', 'authMode=ststoken,securityToken=T');
    await refused(world.connect({ username: token, password }), 'amqp:unauthorized-access');
  });

  it.each([undefined, 0, 29_999, 300_001])('is refused with an idle-time-out of %s', async (idle) => {
    await using world = await openAmqpWorld(database);
    await refused(world.connect({ connection: { idle_time_out: idle } }), 'amqp:not-allowed');
  });

  it('has one link, whatever address it names, and cannot send', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect();
    await joined(world, 1);
    consumer.connection.open_receiver('/queue-name');
    await refused(consumer, 'amqp:not-allowed');
    consumer.connection.open_sender('anything');
    await until(() => consumer.refusals.length === 2);
    // the first link goes on
    await world.happen(1);
    await until(() => consumer.heard.length === 1);
  });

  it('may leave its link and attach another', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect();
    await joined(world, 1);
    consumer.receiver.close();
    await joined(world, 0);
    consumer.connection.open_receiver('default');
    await joined(world, 1);
    await world.happen(1);
    await until(() => consumer.heard.length === 1);
  });

  it('is told when there is nothing more for the credit it drains', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect({ credit: 10 });
    let drained = false;
    consumer.receiver.on('receiver_drained', () => {
      drained = true;
    });
    await world.happen(1);
    await until(() => consumer.heard.length === 1);
    consumer.receiver.drain_credit();
    await until(() => drained);
  });

  it('is the last of as many as a group may have', async () => {
    await using world = await openAmqpWorld(database);
    world.limit({ consumersPerGroup: 2 });
    const first = world.connect();
    world.connect();
    await joined(world, 2);
    await refused(world.connect(), 'amqp:resource-limit-exceeded');
    await first.close();
    await joined(world, 1);
    world.connect();
    await joined(world, 2);
    // those of a node that died do not count
    await world.clock.advance(13_000);
    await world.heartbeat('node-2');
    const listener = await world.listen('node-2');
    const elsewhere = world.connect({ port: listener.address.port });
    await joined(world, 1);
    await world.happen(1);
    await until(() => elsewhere.heard.length <= 1);
    await world.drain(listener);
  });

  it('may connect so many times a minute', async () => {
    await using world = await openAmqpWorld(database);
    const groupId = await world.newGroup('second');
    for (let number = 0; number < 100; number += 1) {
      const client = await raw.connectRaw(world.port);
      client.socket.write(Buffer.concat([raw.saslHeader, raw.saslInit(world.credentials({ groupId }))]));
      await until(() => client.codes.includes(0x44));
      client.socket.destroy();
    }
    await refused(world.connect({ groupId }), 'amqp:unauthorized-access');
    world.connect();
    await joined(world, 1);
    await world.clock.advance(60_000);
    const later = world.connect({ groupId });
    await until(() => later.state.open);
  });

  it('is closed when its key or its group is gone', async () => {
    await using world = await openAmqpWorld(database);
    const second = await createUser(world.deps, {
      accountId: world.scope.accountId,
      name: 'b',
      policy: policy('iot:*'),
    });
    const groupId = await world.newGroup('second');
    const withKey = world.connect({ key: second });
    const withGroup = world.connect({ groupId });
    const staying = world.connect();
    await joined(world, 2);
    await disableKey(world.deps, second.accessKeyId);
    await until(() => withGroup.state.open);
    await world.call('DeleteConsumerGroup', { GroupId: groupId });
    await world.clock.advance(10_000);
    await refused(withKey, 'amqp:unauthorized-access');
    await refused(withGroup, 'amqp:unauthorized-access');
    expect(staying.refusals).toEqual([]);
  });
});

eachEngine('a peer of the AMQP port', (database) => {
  // none of this is about the database
  describe.skipIf(database.kind === 'postgres')('whatever it says', () => {
    it('has 15 seconds to log in', async () => {
      await using world = await openAmqpWorld(database);
      const silent = await raw.connectRaw(world.port);
      const slow = await raw.connectRaw(world.port);
      slow.socket.write(raw.saslHeader);
      await until(() => slow.codes.length === 2);
      await world.clock.advance(14_000);
      expect(silent.gone.yes || slow.gone.yes).toBe(false);
      await world.clock.advance(2_000);
      await until(() => silent.gone.yes && slow.gone.yes);
    });

    it('has 15 seconds to attach its link', async () => {
      await using world = await openAmqpWorld(database);
      const client = await raw.connectRaw(world.port);
      client.socket.write(Buffer.concat([raw.saslHeader, raw.saslInit(world.credentials())]));
      await until(() => client.codes.includes(0x44));
      client.socket.write(Buffer.concat([raw.amqpHeader, raw.open(), raw.begin()]));
      await until(() => client.codes.includes(0x11));
      await world.clock.advance(16_000);
      await until(() => client.codes.includes(0x18));
      // one that does not answer the close is cut off
      await world.clock.advance(3_000);
      await until(() => client.gone.yes);
    });

    it.each([
      ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
      ['MQTT', Buffer.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0])],
      ['TLS', Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3])],
      ['AMQP without SASL', raw.amqpHeader],
      ['AMQP 0-9-1', Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')],
      ['a frame before the header', raw.open()],
      ['a gigabyte', Buffer.concat([raw.saslHeader, Buffer.from([0x40, 0, 0, 0])])],
      [
        'an array of nulls',
        Buffer.concat([raw.saslHeader, Buffer.from('0000001502010000005341f000000005ffffffff40', 'hex')]),
      ],
      ['nothing but zeros', Buffer.alloc(1_000)],
    ])('is dropped when it speaks %s', async (_, bytes) => {
      await using world = await openAmqpWorld(database);
      const client = await raw.connectRaw(world.port);
      client.socket.write(bytes);
      await world.clock.advance(1_000);
      // what may still become something has its 15 seconds
      await until(async () => {
        await world.clock.advance(1_000);
        return client.gone.yes;
      });
      await world.heartbeat();
      const consumer = world.connect();
      await joined(world, 1);
      await world.happen(1);
      await until(() => consumer.heard.length === 1);
    });

    it.each(['ANONYMOUS', 'enable_plain', 'constructor', '__proto__'])('cannot log in by %s', async (mechanism) => {
      await using world = await openAmqpWorld(database);
      const client = await raw.connectRaw(world.port);
      client.socket.write(
        Buffer.concat([
          raw.saslHeader,
          raw.saslInit(world.credentials(), mechanism),
          raw.amqpHeader,
          raw.open(),
          raw.begin(),
          raw.attach(),
        ]),
      );
      await until(async () => {
        await world.clock.advance(1_000);
        return client.gone.yes;
      });
      expect(client.codes).not.toContain(0x10);
    });

    it.each([
      ['opens sessions without end', () => Array.from({ length: 20 }, (_, at) => raw.begin(at % 8))],
      ['attaches links without end', () => Array.from({ length: 20 }, (_, at) => raw.attach(`link${at}`, at))],
      ['opens twice', () => [raw.open()]],
      ['takes frames of ten bytes', () => [], { max_frame_size: 10 }],
    ] as const)('is dropped when it %s', async (_, more, fields: object = {}) => {
      await using world = await openAmqpWorld(database);
      const client = await raw.connectRaw(world.port);
      client.socket.write(Buffer.concat([raw.saslHeader, raw.saslInit(world.credentials())]));
      await until(() => client.codes.includes(0x44));
      client.socket.write(Buffer.concat([raw.amqpHeader, raw.open(fields), raw.begin(), ...more()]));
      await until(async () => {
        await world.clock.advance(1_000);
        return client.gone.yes;
      });
    });

    it('may open, begin, attach and give credit in one go, even before its login is answered', async () => {
      await using world = await openAmqpWorld(database);
      await world.happen(1, 2);
      const rest = [raw.amqpHeader, raw.open(), raw.begin(), raw.attach(), raw.flow(10)];
      const login = [raw.saslHeader, raw.saslInit(world.credentials())];
      const patient = await raw.connectRaw(world.port);
      patient.socket.write(Buffer.concat(login));
      await until(() => patient.codes.includes(0x44));
      patient.socket.write(Buffer.concat(rest));
      // header, mechanisms, outcome; header, open, begin, attach; only then the transfers
      await until(() => patient.codes.length >= 9);
      expect(patient.codes).toEqual([-1, 0x40, 0x44, -1, 0x10, 0x11, 0x12, 0x14, 0x14]);
      patient.socket.destroy();
      await joined(world, 0);

      await world.happen(3);
      const hasty = await raw.connectRaw(world.port);
      hasty.socket.write(Buffer.concat([...login, ...rest]));
      await until(() => hasty.codes.includes(0x14));
      expect(hasty.codes).toEqual([-1, 0x40, 0x44, -1, 0x10, 0x11, 0x12, 0x14]);
      hasty.socket.destroy();
      await joined(world, 0);
    });

    it('speaks TLS where the server has a certificate', async () => {
      await using world = await openAmqpWorld(database);
      const certificate = makeCertificate();
      const listener = await world.listen('node-2', { tls: certificate });
      const { port } = listener.address;
      const consumer = world.connect({ port, connection: { transport: 'tls', ca: certificate.cert } });
      await joined(world, 1);
      await world.happen(1);
      await until(() => consumer.heard.length === 1);
      const plain = await raw.connectRaw(port);
      plain.socket.write(raw.saslHeader);
      await until(() => plain.gone.yes);
      await consumer.close();
      await world.drain(listener);
    });

    it('knows a consumer by its own address behind a proxy, and drains without waiting for a header', async () => {
      await using world = await openAmqpWorld(database);
      const certificate = makeCertificate();
      const proxies = [{ address: '127.0.0.1', prefix: 32 }];
      const listener = await world.listen('node-2', { tls: certificate, proxies });
      const port = await openProxy(listener.address.port, proxyHeaderV2('203.0.113.9', 4_000));
      const consumer = world.connect({ port, connection: { transport: 'tls', ca: certificate.cert } });
      await joined(world, 1);
      expect((await connections(world))[0]?.ClientIpPort).toBe('203.0.113.9:4000');
      await consumer.close();
      const silent = await raw.connectRaw(listener.address.port);
      await world.drain(listener);
      await until(() => silent.gone.yes);
    });
  });
});
