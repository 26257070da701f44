import { describe, expect, test } from 'vitest';
import { PK, pushOf } from './fake-services.ts';
import { openTestGateway, type TestGateway, until } from './gateways.ts';
import { enter, type RawClient } from './raw-client.ts';

const inform = (name: string) => `/ota/device/inform/${PK}/${name}`;
const version = (text = '1') => `{"id":"1","params":{"version":"${text}"}}`;
const names = (deviceName: string) => ({ deviceName, productKey: PK });
const session = (op: string) => `/ext/session/${PK}/gate/combine/${op}`;
const signed = (deviceName: string) => ({ ...names(deviceName), clientId: 'x', signMethod: 'hmacsha1', sign: 'ab' });

/** A gateway that is connected. */
async function hub(gate: TestGateway, name = 'gate', level: 4 | 5 = 4) {
  const client = await enter(gate.port, name, level);
  let lastId = 0;
  const at = (topic: string) => topic.replace('/gate/', `/${name}/`);
  return {
    client,
    /** Sends a request and reads its answer. */
    async ask(topic: string, params: unknown): Promise<{ code: number; data: unknown; message: string }> {
      const id = String(++lastId);
      client.publish(at(topic), JSON.stringify({ id, version: '1.0', params }));
      const reply = await client.next('publish');
      expect(reply.topic).toBe(`${at(topic)}_reply`);
      const answer = JSON.parse(reply.payload.toString());
      expect(answer.id).toBe(id);
      return answer;
    },
    login(deviceName: string) {
      return this.ask(session('login'), signed(deviceName));
    },
    batchLogin(...deviceNames: string[]) {
      return this.ask(session('batch_login'), { signMethod: 'hmacsha1', deviceList: deviceNames.map(signed) });
    },
    /** Reads what comes unasked. */
    async told() {
      const { topic, payload, qos, messageId } = await client.next('publish');
      if (qos === 1) client.send({ cmd: 'puback', messageId: messageId ?? 0 });
      return { topic, ...JSON.parse(payload.toString()) };
    },
  };
}

describe('a gateway', () => {
  test('logs a sub-device in and out; in between it is present and may speak', async () => {
    await using gate = await openTestGateway();
    const { client, login, ask } = { ...(await hub(gate)) };
    const gateway = { client, login, ask };
    client.publish(inform('sub'), version());
    await client.quiet();
    expect(await gateway.login('sub')).toMatchObject({ code: 200, message: 'success', data: names('sub') });
    expect(gate.gateway.connectionCount).toBe(2);
    client.publish(inform('sub'), version('2'), 9);
    await client.next('puback');
    expect(await gateway.ask(session('logout'), names('sub'))).toMatchObject({ code: 200, data: names('sub') });
    client.publish(inform('sub'), version('3'));
    expect(JSON.parse((await client.next('publish')).payload.toString())).toMatchObject({ code: 520 });
    expect(gate.services.reports).toEqual([
      { deviceName: 'sub', message: { kind: 'inform', id: '1', module: 'default', version: '2' } },
    ]);
    expect(gate.services.presence).toEqual(['+gate c1', '+sub c1.1', '-sub c1.1']);
    await gateway.login('sub');
    client.socket.destroy();
    await until(() => gate.services.presence.length === 6);
    expect(gate.services.reasons.toSorted()).toEqual(['c1 LOST', 'c1.1 CLOSED', 'c1.2 GATEWAY_LOST']);
  });

  test('may say in one breath that a sub-device is there and what it says', async () => {
    await using gate = await openTestGateway();
    const { client } = await hub(gate);
    const login = JSON.stringify({ id: '1', params: signed('sub') });
    client.send(
      { cmd: 'publish', topic: session('login'), payload: login, qos: 1, messageId: 1, dup: false, retain: false },
      { cmd: 'publish', topic: inform('sub'), payload: version(), qos: 1, messageId: 2, dup: false, retain: false },
    );
    expect((await client.next('puback')).messageId).toBe(1);
    // the answer has the QoS of the question
    const reply = await client.next('publish');
    expect(reply).toMatchObject({ topic: `${session('login')}_reply`, qos: 1 });
    expect((await client.next('puback')).messageId).toBe(2);
    expect(gate.services.reports).toHaveLength(1);
  });

  test('answers for its sub-devices alone: topics of others stay closed', async () => {
    await using gate = await openTestGateway();
    const one = await hub(gate, 'gate', 5);
    const two = await hub(gate, 'other', 5);
    await one.login('sub');
    await two.login('theirs');
    one.client.publish(inform('theirs'), version(), 1);
    expect((await one.client.next('puback')).reasonCode).toBe(0x87);
    expect((await one.told()).topic).toBe(`/ext/error/${PK}/gate`);
    one.client.publish(`/ota/device/inform/${PK}/+`, version(), 2);
    expect((await one.client.next('puback')).reasonCode).toBe(0x87);
    const filters = [`/sys/${PK}/sub/#`, `/ota/device/upgrade/${PK}/sub`, `/sys/${PK}/theirs/#`, `/sys/${PK}/+/#`];
    one.client.send({ cmd: 'subscribe', messageId: 3, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) });
    expect((await one.client.next('suback')).granted).toEqual([1, 1, 0x87, 0x87]);
    expect(gate.services.reports).toEqual([]);
  });

  test('that has asked for nothing yet is a device like any other', async () => {
    await using gate = await openTestGateway();
    const { client } = await hub(gate, 'gate', 5);
    client.publish(inform('sub'), version(), 1);
    expect((await client.next('puback')).reasonCode).toBe(0x87);
    await client.quiet();
  });

  test('logs in many or none of them', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    gate.services.disabled.add('bad');
    expect(await gateway.batchLogin('a', 'bad', 'b')).toMatchObject({ code: 522, data: [names('bad')] });
    expect(gate.services.presence).toEqual(['+gate c1']);
    expect(await gateway.batchLogin('a', 'b')).toMatchObject({ code: 200, data: [names('a'), names('b')] });
    expect(await gateway.ask(session('batch_logout'), [names('a'), names('c')])).toMatchObject({
      code: 520,
      data: [names('c')],
    });
    expect(gate.gateway.connectionCount).toBe(3);
    expect(await gateway.ask(session('batch_logout'), [names('a'), names('b')])).toMatchObject({ code: 200 });
    expect(gate.gateway.connectionCount).toBe(1);
  });

  test('is told that a login failed when it cannot be recorded, and all of the batch is taken back', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    gate.services.onConnected = async ({ deviceName }) => {
      if (deviceName === 'b') throw new Error('no database');
    };
    expect(await gateway.batchLogin('a', 'b')).toMatchObject({ code: 500 });
    expect(gate.gateway.connectionCount).toBe(1);
    expect(gate.services.presence).toEqual(['+gate c1', '+a c1.1', '-b c1.2', '-a c1.1']);
    gate.services.onSubLogin = () => Promise.reject(new Error('no database'));
    expect(await gateway.login('a')).toMatchObject({ code: 500, message: 'server error' });
    await gateway.client.quiet();
  });

  test('is told what is wrong with a request, at either QoS, and stays connected', async () => {
    await using gate = await openTestGateway();
    const { client, ask } = await hub(gate);
    expect(await ask(session('login'), 'nobody')).toMatchObject({ code: 460, message: 'request parameter error' });
    client.publish(`/sys/${PK}/gate/thing/topo/add`, 'no json', 5);
    expect((await client.next('puback')).messageId).toBe(5);
    expect(JSON.parse((await client.next('publish')).payload.toString())).toMatchObject({ id: '', code: 460 });
    expect(gate.services.requests).toEqual([]);
  });

  test('has its requests answered by the rules, and what it gives up is logged out', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.batchLogin('a', 'b');
    gate.services.onGateway = async ({ op }) =>
      op === 'topoGet' ? { ok: true, data: [names('a')] } : { ok: true, data: {} };
    expect(await gateway.ask(`/sys/${PK}/gate/thing/topo/get`, {})).toMatchObject({ code: 200, data: [names('a')] });
    expect(await gateway.ask(`/sys/${PK}/gate/thing/topo/delete`, [names('a')])).toMatchObject({ code: 200, data: {} });
    expect(gate.gateway.connectionCount).toBe(2);
    gate.services.onGateway = async () => ({ ok: false, error: 'noGateway' });
    expect(await gateway.ask(`/sys/${PK}/gate/thing/topo/delete`, [names('b')])).toMatchObject({ code: 6400 });
    expect(gate.gateway.connectionCount).toBe(2);
  });
});

describe('the presence of a sub-device', () => {
  test('ends with the connection of its gateway, after what it said is recorded', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.batchLogin('a', 'b');
    const stored = Promise.withResolvers<[]>();
    gate.services.onReport = () => stored.promise;
    gateway.client.publish(inform('a'), version());
    gateway.client.publish(inform('b'), version());
    await gateway.client.quiet();
    gateway.client.socket.destroy();
    await until(() => gate.services.reports.length === 1);
    stored.resolve([]);
    await until(() => gate.gateway.connectionCount === 0);
    await until(() => gate.services.presence.length === 6);
    expect(gate.services.reports.map(({ deviceName }) => deviceName)).toEqual(['a', 'b']);
    expect(gate.services.presence.slice(3).toSorted()).toEqual(['-a c1.1', '-b c1.2', '-gate c1']);
  });

  test('moves to the gateway that logs it in last; the other is told and may not speak for it', async () => {
    await using gate = await openTestGateway();
    const one = await hub(gate, 'gate');
    const two = await hub(gate, 'other');
    await one.login('sub');
    expect((await two.login('sub')).code).toBe(200);
    expect(await one.told()).toMatchObject({ topic: `${session('logout')}_reply`, code: 427, data: names('sub') });
    one.client.publish(inform('sub'), version());
    expect(await one.told()).toMatchObject({ code: 520 });
    two.client.publish(inform('sub'), version(), 1);
    await two.client.next('puback');
    await until(() => gate.services.presence.length === 5);
    expect(gate.services.presence.slice(2)).toEqual(['+sub c1.1', '+sub c2.1', '-sub c1.1']);
    // and back again
    expect((await one.login('sub')).code).toBe(200);
    expect(await two.told()).toMatchObject({ code: 427 });
    await until(() => gate.services.presence.length === 7);
    expect(gate.services.presence.slice(5)).toEqual(['+sub c1.2', '-sub c2.1']);
  });

  test('moves to a direct connection and back', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.login('sub');
    using direct = await enter(gate.port, 'sub');
    expect(await gateway.told()).toMatchObject({ code: 427 });
    expect((await gateway.login('sub')).code).toBe(200);
    await direct.closed;
    expect(gate.gateway.connectionCount).toBe(2);
  });

  test('moves to and fro between two gateways that log in at the same time, without a standstill', async () => {
    await using gate = await openTestGateway();
    const [one, two] = [await hub(gate, 'gate'), await hub(gate, 'other')];
    await one.login('a');
    await two.login('b');
    const swap = (client: RawClient, name: string, gatewayName: string) =>
      client.publish(
        `/ext/session/${PK}/${gatewayName}/combine/login`,
        JSON.stringify({ id: 'swap', params: signed(name) }),
      );
    for (let round = 0; round < 20; round++) {
      swap(one.client, round % 2 ? 'a' : 'b', 'gate');
      swap(two.client, round % 2 ? 'b' : 'a', 'other');
      for (const { client } of [one, two]) {
        let id = '';
        while (id !== 'swap') ({ id } = JSON.parse((await client.next('publish')).payload.toString()));
      }
    }
    expect(gate.gateway.connectionCount).toBe(4);
  });

  test('ends when the sub-device is kicked; the gateway stays', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.login('sub');
    gate.nudge({ kind: 'kick', deviceIds: ['id-sub'] });
    await until(() => gate.services.presence.length === 3);
    expect(gate.services.presence[2]).toBe('-sub c1.1');
    await gateway.client.quiet();
  });

  test('never begins for one that is kicked while it logs in', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    gate.services.onSubLogin = async () => gate.nudge({ kind: 'kick', deviceIds: ['id-sub'] });
    expect(await gateway.login('sub')).toMatchObject({ code: 522 });
    expect(gate.gateway.connectionCount).toBe(1);
  });
});

describe('a login of sub-devices', () => {
  test('is refused for one that another gateway takes over while it is checked', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    const taken = [{ gatewayId: 'id-gate', change: 'removed' as const, ...names('b') }];
    gate.services.onSubLogin = async () => gate.nudge({ kind: 'topology', changes: taken });
    const login = JSON.stringify({ id: '1', params: { deviceList: ['a', 'b'].map(signed) } });
    gateway.client.publish(session('batch_login'), login);
    expect(await gateway.told()).toMatchObject({ topic: `/sys/${PK}/gate/thing/topo/change` });
    expect(await gateway.told()).toMatchObject({ code: 6401, data: [names('b')] });
    expect(gate.services.presence).toEqual(['+gate c1']);
    gate.services.onSubLogin = async () => undefined;
    expect(await gateway.batchLogin('a', 'b')).toMatchObject({ code: 200 });
  });

  test('that fails leaves those alone that were there before', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.login('a');
    gate.services.onConnected = () => Promise.reject(new Error('no database'));
    expect(await gateway.batchLogin('a', 'b')).toMatchObject({ code: 500 });
    gateway.client.publish(inform('a'), version(), 7);
    await gateway.client.next('puback');
    expect(gate.services.reports).toHaveLength(1);
  });
});

describe('what the platform does', () => {
  test.each([
    ['deleted', 1, 521],
    ['disabled', 8, 522],
  ] as const)('to a sub-device that is %s is told to its gateway before it is out', async (change, status, code) => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.login('sub');
    gate.nudge({ kind: 'topology', changes: [{ gatewayId: 'id-gate', change, ...names('sub') }] });
    gate.nudge({ kind: 'kick', deviceIds: ['id-sub'] });
    const event = change === 'deleted' ? 'delete' : 'disable';
    expect(await gateway.told()).toMatchObject({ topic: `/sys/${PK}/sub/thing/${event}`, method: `thing.${event}` });
    expect(await gateway.told()).toMatchObject({
      topic: `/sys/${PK}/gate/thing/topo/change`,
      params: { status, subList: [names('sub')] },
    });
    expect(await gateway.told()).toMatchObject({ topic: `${session('logout')}_reply`, code });
    await until(() => gate.gateway.connectionCount === 1);
  });

  test('to many at once comes in one message, and to a gateway elsewhere not at all', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.batchLogin('a', 'b');
    const removed = (deviceName: string, gatewayId = 'id-gate') =>
      ({ gatewayId, change: 'removed', ...names(deviceName) }) as const;
    gate.nudge({ kind: 'topology', changes: [removed('a'), removed('x', 'id-elsewhere'), removed('b')] });
    const { params } = await gateway.told();
    expect(params.subList).toEqual([names('a'), names('b')]);
    expect(await gateway.told()).toMatchObject({ code: 6401 });
    expect(await gateway.told()).toMatchObject({ code: 6401 });
    expect(gate.gateway.connectionCount).toBe(1);
    gate.nudge({ kind: 'topology', changes: [{ gatewayId: 'id-gate', change: 'enabled', ...names('a') }] });
    expect(await gateway.told()).toMatchObject({ topic: `/sys/${PK}/a/thing/enable` });
    expect(await gateway.told()).toMatchObject({ params: { status: 2 } });
    await gateway.client.quiet();
  });
});

describe('a package for a sub-device', () => {
  test('is told on its own topics over the connection of the gateway, only while it is logged in', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    gate.services.queue('sub', 't1', '2.0.0');
    gate.nudge({ kind: 'push', deviceIds: ['id-sub'] });
    await gateway.client.quiet();
    await gateway.login('sub');
    expect(await gateway.told()).toMatchObject({
      topic: `/ota/device/upgrade/${PK}/sub`,
      data: { version: '2.0.0' },
    });
    gate.services.queue('sub', 't2', '3.0.0');
    gate.nudge({ kind: 'push', deviceIds: ['id-sub'] });
    expect(await gateway.told()).toMatchObject({ data: { version: '3.0.0' } });
    await gateway.ask(session('logout'), names('sub'));
    gate.services.queue('sub', 't3', '4.0.0');
    gate.nudge({ kind: 'push', deviceIds: ['id-sub'] });
    await gateway.client.quiet();
  });

  test('is the answer to its questions, with its names', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.login('sub');
    gate.services.onReport = async () => [{ notice: { kind: 'getReply', id: '5', package: undefined } }];
    gateway.client.publish(`/sys/${PK}/sub/thing/ota/firmware/get`, '{"id":"5"}');
    expect(await gateway.told()).toMatchObject({ topic: `/sys/${PK}/sub/thing/ota/firmware/get_reply`, id: '5' });
  });

  test('is not repeated within 10 s, each for itself, but after a new login', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.batchLogin('a', 'b');
    const push = (deviceName: string) => ({ ...pushOf(deviceName, `t-${deviceName}`) });
    gate.services.onReport = async ({ deviceName }) => [push(deviceName)];
    gateway.client.publish(inform('a'), version());
    expect((await gateway.told()).topic).toBe(`/ota/device/upgrade/${PK}/a`);
    gateway.client.publish(inform('a'), version());
    gateway.client.publish(inform('b'), version());
    expect((await gateway.told()).topic).toBe(`/ota/device/upgrade/${PK}/b`);
    await gateway.client.quiet();
    await gateway.ask(session('logout'), names('a'));
    await gateway.login('a');
    gateway.client.publish(inform('a'), version());
    expect((await gateway.told()).topic).toBe(`/ota/device/upgrade/${PK}/a`);
  });

  test('reaches 300 of them at once through a gateway that acknowledges slowly', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    const all = Array.from({ length: 300 }, (_, index) => `s${index}`);
    for (let from = 0; from < all.length; from += 50) await gateway.batchLogin(...all.slice(from, from + 50));
    for (const name of all) gate.services.queue(name, `t-${name}`);
    gate.nudge({ kind: 'push', deviceIds: all.map((name) => `id-${name}`) });
    const topics = new Set<string>();
    while (topics.size < all.length) topics.add((await gateway.told()).topic);
    await gateway.client.quiet();
  });

  test('progress of two sub-devices does not overtake each other', async () => {
    await using gate = await openTestGateway();
    const gateway = await hub(gate);
    await gateway.batchLogin('a', 'b');
    const stored = Promise.withResolvers<[]>();
    gate.services.onReport = () => stored.promise;
    const progress = (name: string, step: number) =>
      gateway.client.publish(`/ota/device/progress/${PK}/${name}`, `{"id":"1","params":{"step":"${step}","desc":""}}`);
    progress('a', 1);
    for (const step of [2, 3, 4]) {
      progress('a', step);
      progress('b', step);
    }
    await gateway.client.quiet();
    stored.resolve([]);
    await until(() => gate.services.reports.length === 3);
    const steps = gate.services.reports.map(({ deviceName, message }) => [
      deviceName,
      'step' in message && message.step,
    ]);
    expect(steps).toEqual([
      ['a', 1],
      ['a', 4],
      ['b', 4],
    ]);
  });
});

describe('a hostile gateway', () => {
  test('that floods its connection with requests and messages is slowed down, and harms nobody', async () => {
    await using gate = await openTestGateway();
    using healthy = await enter(gate.port, 'healthy');
    const gateway = await hub(gate);
    for (let round = 0; round < 2_000; round++) {
      gateway.client.publish(session('login'), JSON.stringify({ id: round, params: signed(`s${round % 5}`) }));
      gateway.client.publish(inform('not-here'), version());
    }
    healthy.publish(inform('healthy'), version(), 1);
    await healthy.next('puback');
    let answers = 0;
    while (answers < 4_000) {
      await gateway.client.next('publish');
      answers++;
    }
    expect(gate.gateway.connectionCount).toBe(7);
  });
});
