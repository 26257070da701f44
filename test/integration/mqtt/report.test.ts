import { describe, expect, test } from 'vitest';
import type { Reply } from '../../../src/domain/device-services.ts';
import { PK, packageOf } from './fake-services.ts';
import { openTestGateway, type TestGateway, until } from './gateways.ts';
import { enter, type RawClient } from './raw-client.ts';

const inform = `/ota/device/inform/${PK}/d`;
const progress = `/ota/device/progress/${PK}/d`;
const get = `/sys/${PK}/d/thing/ota/firmware/get`;
const request = `/ota/device/request/${PK}/d`;

const version = (name: string) => `{"id":1, "params":{"version":"${name}"}}`;
const step = (value: number, module?: string) =>
  JSON.stringify({ id: '1', params: { step: String(value), desc: '', ...(module ? { module } : {}) } });

/** Rules that answer one report at a time, when the test says so. */
function holdReports({ services }: TestGateway) {
  const waiting: PromiseWithResolvers<Reply[]>[] = [];
  services.onReport = () => {
    const answer = Promise.withResolvers<Reply[]>();
    waiting.push(answer);
    return answer.promise;
  };
  return {
    async asked() {
      await until(() => waiting.length > 0);
    },
    async store(...replies: Reply[]) {
      await until(() => waiting.length > 0);
      waiting.shift()?.resolve(replies);
    },
    async fail() {
      await until(() => waiting.length > 0);
      waiting.shift()?.reject(new Error('no database'));
    },
  };
}

const reported = ({ services }: TestGateway) =>
  services.reports.map(({ message }) => {
    if (message.kind === 'inform') return message.version;
    return message.kind === 'progress' ? message.step : message.kind;
  });

const pubacks = async (client: RawClient, count: number) => {
  const ids: (number | undefined)[] = [];
  for (let index = 0; index < count; index++) ids.push((await client.next('puback')).messageId);
  return ids;
};

describe('a report', () => {
  test('is acknowledged only when it is stored', async () => {
    await using gate = await openTestGateway();
    const rules = holdReports(gate);
    using client = await enter(gate.port, 'd');
    client.publish(inform, version('1.0.0'), 5);
    await rules.asked();
    await client.quiet();
    await rules.store();
    expect((await client.next('puback')).messageId).toBe(5);
  });

  test.each([4, 5] as const)(
    'that is not stored is not acknowledged, and the connection is closed (level %s)',
    async (level) => {
      await using gate = await openTestGateway();
      const rules = holdReports(gate);
      using client = await enter(gate.port, 'd', level);
      client.publish(inform, version('1.0.0'), 5);
      client.publish(inform, version('2.0.0'), 6);
      await client.quiet();
      await rules.fail();
      if (level === 5) expect((await client.next('disconnect')).reasonCode).toBe(0x83);
      await expect(client.next('puback')).rejects.toThrow('closed');
      // a later report must not overtake the one that failed
      expect(reported(gate)).toEqual(['1.0.0']);
      await until(() => gate.services.presence.length === 2);
    },
  );

  test('waits for the one before it, and PUBACKs leave in the order of arrival', async () => {
    await using gate = await openTestGateway();
    const rules = holdReports(gate);
    using client = await enter(gate.port, 'd');
    client.publish(inform, version('1'), 1);
    client.publish(`/${PK}/d/user/anything`, 'x', 2);
    client.publish(inform, version('2'), 3);
    client.publish(inform, 'not json', 4);
    await client.quiet();
    expect(reported(gate)).toEqual(['1']);
    await rules.store();
    expect(await pubacks(client, 2)).toEqual([1, 2]);
    await rules.store();
    expect(await pubacks(client, 2)).toEqual([3, 4]);
    expect(reported(gate)).toEqual(['1', '2']);
  });

  test('of one device does not wait for another device', async () => {
    await using gate = await openTestGateway();
    const held = Promise.withResolvers<Reply[]>();
    gate.services.onReport = async ({ deviceName }) => (deviceName === 'd' ? held.promise : []);
    using slow = await enter(gate.port, 'd');
    using quick = await enter(gate.port, 'e');
    slow.publish(inform, version('1'), 1);
    await slow.quiet();
    quick.publish(`/ota/device/inform/${PK}/e`, version('1'), 1);
    await quick.next('puback');
    held.resolve([]);
    await slow.next('puback');
  });

  test('said just before the device hangs up is stored, and before its end is recorded', async () => {
    await using gate = await openTestGateway();
    const rules = holdReports(gate);
    using client = await enter(gate.port, 'd');
    client.publish(progress, step(100));
    client.publish(inform, version('2.0.0'));
    client.send({ cmd: 'disconnect' });
    client.socket.end();
    await client.closed;
    await rules.store();
    await rules.asked();
    expect(gate.services.presence).toEqual(['+d c1']);
    await rules.store();
    await until(() => gate.services.presence.length === 2);
    expect(reported(gate)).toEqual([100, '2.0.0']);
  });

  test('sent again as a duplicate is a report like any other', async () => {
    await using gate = await openTestGateway();
    using client = await enter(gate.port, 'd');
    client.publish(inform, version('1'), 5, { dup: true });
    await client.next('puback');
    client.publish(inform, version('1'), 5, { retain: true });
    await client.next('puback');
    expect(reported(gate)).toEqual(['1', '1']);
  });

  test('that is malformed is acknowledged, logged and dropped; MQTT 5 is told', async () => {
    await using gate = await openTestGateway();
    for (const level of [4, 5] as const) {
      const client = await enter(gate.port, 'd', level);
      for (const [index, payload] of ['', 'null', '[]', '{"params":1}', '{', '\u0000'].entries()) {
        client.publish(inform, payload, index + 1);
        const puback = await client.next('puback');
        expect(puback.messageId).toBe(index + 1);
        if (level === 5) expect(puback.reasonCode).toBe(0x99);
      }
      client.publish(inform, version('ok'), 9);
      await client.next('puback');
    }
    expect(reported(gate)).toEqual(['ok', 'ok']);
    expect(gate.complaints).toHaveLength(12);
  });
});

describe('progress', () => {
  test('that piles up while another report is stored is recorded once, the newest', async () => {
    await using gate = await openTestGateway();
    const rules = holdReports(gate);
    using client = await enter(gate.port, 'd');
    client.publish(progress, step(0), 1);
    await rules.asked();
    for (const [index, value] of [5, 10, 15, 20].entries()) client.publish(progress, step(value), index + 2);
    client.publish(progress, step(25));
    await client.quiet();
    await rules.store();
    expect(await pubacks(client, 1)).toEqual([1]);
    await rules.asked();
    await client.quiet();
    await rules.store();
    expect(await pubacks(client, 4)).toEqual([2, 3, 4, 5]);
    expect(reported(gate)).toEqual([0, 25]);
  });

  test('of different modules is kept apart, and acknowledged in order all the same', async () => {
    await using gate = await openTestGateway();
    const rules = holdReports(gate);
    using client = await enter(gate.port, 'd');
    client.publish(inform, version('1'), 1);
    await rules.asked();
    client.publish(progress, step(1, 'a'), 2);
    client.publish(progress, step(2, 'b'), 3);
    client.publish(progress, step(3, 'a'), 4);
    client.publish(progress, step(4, 'b'), 5);
    await client.quiet();
    await rules.store();
    await rules.store();
    expect(await pubacks(client, 2)).toEqual([1, 2]);
    await rules.store();
    expect(await pubacks(client, 3)).toEqual([3, 4, 5]);
    expect(reported(gate)).toEqual(['1', 3, 4]);
  });

  test('does not overtake failures, version reports and questions', async () => {
    await using gate = await openTestGateway();
    const rules = holdReports(gate);
    using client = await enter(gate.port, 'd');
    client.publish(inform, version('1'));
    await rules.asked();
    client.publish(progress, step(10));
    client.publish(progress, step(20));
    client.publish(progress, step(-2));
    client.publish(progress, step(-2));
    client.publish(progress, step(30));
    client.publish(inform, version('2'));
    client.publish(progress, step(40));
    client.publish(get, '{"id":3, "params":{}}');
    client.publish(progress, step(50));
    await client.quiet();
    for (let index = 0; index < 9; index++) await rules.store();
    expect(reported(gate)).toEqual(['1', 20, -2, -2, 30, '2', 40, 'get', 50]);
  });

  test('in a flood neither loses the connection nor piles up', async () => {
    await using gate = await openTestGateway();
    const rules = holdReports(gate);
    using client = await enter(gate.port, 'd');
    for (let index = 0; index <= 4_000; index++) client.publish(progress, step(index % 101));
    client.publish(inform, version('2'), 1);
    await client.quiet();
    for (let index = 0; index < 3; index++) await rules.store();
    await client.next('puback');
    expect(reported(gate)).toEqual([0, 4_000 % 101, '2']);
  });
});

test('a device that is not kept up with is not read for a while, and not blamed for its silence', async () => {
  await using gate = await openTestGateway();
  const rules = holdReports(gate);
  using client = await enter(gate.port, 'd', 4, { keepalive: 30 });
  const count = 1_000;
  // more than the buffers of both ends hold
  const filler = ' '.repeat(20_000);
  for (let index = 1; index <= count; index++) client.publish(inform, version(`v${index}`) + filler, index);
  await rules.asked();
  await gate.clock.advance(120_000);
  expect(client.socket.writableLength).toBeGreaterThan(0);
  for (let index = 1; index <= count; index++) {
    await rules.store();
    expect((await client.next('puback')).messageId).toBe(index);
  }
  await client.quiet();
});

describe('an answer', () => {
  const notice = (kind: 'getReply') => ({ kind, id: '3', package: packageOf('2.0.0') });

  test('to firmware/get comes without SUBSCRIBE, at the QoS of the question, and each time', async () => {
    await using gate = await openTestGateway();
    gate.services.onReport = async () => [{ notice: notice('getReply'), taskId: 't1' }];
    using client = await enter(gate.port, 'd');
    client.publish(get, '{"id":3, "params":{}}');
    const first = await client.next('publish');
    expect(first).toMatchObject({ topic: `${get}_reply`, qos: 0, retain: false, dup: false });
    expect(JSON.parse(first.payload.toString())).toMatchObject({ id: '3', code: 200, data: { version: '2.0.0' } });
    client.publish(get, '{"id":3, "params":{}}', 8);
    await client.next('puback');
    expect(await client.next('publish')).toMatchObject({ topic: `${get}_reply`, qos: 1 });
  });

  test('to the legacy request comes on its own topic, which is not looped back', async () => {
    await using gate = await openTestGateway();
    gate.services.onReport = async () => [
      { notice: { kind: 'requestReply', messageId: 1, package: packageOf('2.0.0') }, taskId: 't1' },
    ];
    using client = await enter(gate.port, 'd');
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: request, qos: 1 }] });
    await client.next('suback');
    client.publish(request, version('1.0.0'), 2);
    await client.next('puback');
    const answer = await client.next('publish');
    expect(answer).toMatchObject({ topic: request, qos: 1 });
    expect(answer.payload.toString()).toContain('"url"');
    await client.quiet();
  });
});

describe('the topics of another device', () => {
  test.each([
    '/ota/device/inform/pk/other',
    '/ota/device/inform/other/d',
    '/sys/pk/other/thing/ota/firmware/get',
    '/pk/other/user/x',
    '/broadcast/pk/x',
    'x',
    '/ota/device/inform/pk/+',
  ])('cannot be published to: %s', async (topic) => {
    await using gate = await openTestGateway();
    using old = await enter(gate.port, 'd');
    old.publish(topic, version('1'), 1);
    // there is no negative acknowledgement before MQTT 5
    expect((await old.next('puback')).messageId).toBe(1);
    old.publish(topic, version('1'));
    await old.quiet();
    using modern = await enter(gate.port, 'd', 5);
    modern.publish(topic, version('1'), 1);
    expect((await modern.next('puback')).reasonCode).toBe(0x87);
    expect(gate.services.reports).toEqual([]);
    expect(gate.complaints).toContain('dropped a message to a topic that is not of this device');
  });

  test('cannot be subscribed to, filter by filter', async () => {
    await using gate = await openTestGateway();
    const topics = [
      '/ota/device/upgrade/pk/d',
      '/ota/device/upgrade/pk/other',
      '/ota/device/+/pk/d',
      '#',
      '/sys/pk/d/#',
      '/sys/pk/+/thing/#',
      '$share/g/sys/pk/d/x',
      '/pk/d/user/get',
    ];
    const subscriptions = topics.map((topic) => ({ topic, qos: 2 }) as const);
    using old = await enter(gate.port, 'd');
    old.send({ cmd: 'subscribe', messageId: 1, subscriptions });
    expect((await old.next('suback')).granted).toEqual([1, 128, 1, 128, 1, 128, 128, 1]);
    using modern = await enter(gate.port, 'd', 5);
    modern.send({ cmd: 'subscribe', messageId: 1, subscriptions });
    expect((await modern.next('suback')).granted).toEqual([1, 135, 1, 135, 1, 135, 135, 1]);
    modern.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: topics });
    expect((await modern.next('unsuback')).granted).toEqual(topics.map(() => 0));
  });
});

test('a device that writes many mistakes does not fill the log', async () => {
  await using gate = await openTestGateway();
  using client = await enter(gate.port, 'd');
  for (let index = 0; index < 1_000; index++) client.publish(inform, 'not json');
  await client.quiet();
  expect(gate.complaints).toHaveLength(20);
});
