import type { EventContext } from 'rhea';
import { expect, it } from 'vitest';
import { sweepConsumers } from '../../../src/domain/consumers.ts';
import { eachEngine } from '../../support/engines.ts';
import { type AmqpWorld, openAmqpWorld, until } from './amqp-world.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const sorted = (heard: readonly string[]) => heard.map(Number).sort((a, b) => a - b);
const status = (world: AmqpWorld, groupId = world.groupId) =>
  world.call('QueryConsumerGroupStatus', { GroupId: groupId });
const backlogGone = (world: AmqpWorld, groupId = world.groupId) =>
  until(async () => (await status(world, groupId)).AccumulationCount === 0, 'an empty backlog');
const subscribe = (world: AmqpWorld, ...groupIds: string[]) =>
  world.call('UpdateSubscribeRelation', {
    ProductKey: world.productKey,
    Type: 'AMQP',
    ConsumerGroupIds: groupIds,
    OtaJobFlag: true,
  });
const joined = (world: AmqpWorld, count: number) =>
  until(async () => {
    const { ClientConnectionStatusList: list } = await status(world);
    return list.ConsumerGroupClientConnectionInfo.length === count;
  }, `${count} connections`);
const never = () => {};

eachEngine('messages over AMQP', (database) => {
  it('have the documented parts', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect();
    await world.happen(1);
    await until(() => consumer.heard.length === 1);
    const [message] = consumer.messages;
    expect(message?.application_properties).toEqual({
      topic: `/${world.productKey}/f1/1/ota/job/status`,
      messageId: message?.message_id,
      generateTime: world.clock.now(),
      qos: 1,
    });
    expect(message?.message_id).toMatch(/^\d{19}$/);
    // a data section, as the vendor's samples read it
    expect(message?.body.typecode).toBe(0x75);
    expect(JSON.parse(message?.body.content.toString())).toEqual({
      productKey: world.productKey,
      moduleName: 'default',
      packageId: 'f1',
      jobId: '1',
      status: 'IN_PROGRESS',
      messageCreateTime: world.clock.now(),
    });
    await backlogGone(world);
  });

  it('wait for a consumer that is away for an hour', async () => {
    await using world = await openAmqpWorld(database);
    const first = world.connect();
    await world.happen(1);
    await until(() => first.heard.length === 1);
    await backlogGone(world);
    await first.close();
    for (const minute of numbers(1, 60)) {
      await world.happen(minute * 10, minute * 10 + 1);
      await world.clock.advance(60_000);
    }
    const second = world.connect();
    await until(() => second.heard.length === 120);
    expect(sorted(second.heard)).toEqual(numbers(1, 60).flatMap((minute) => [minute * 10, minute * 10 + 1]));
    await backlogGone(world);
  });

  it('come again a minute after 30 seconds without an answer', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect({ decide: never });
    await world.happen(1);
    await until(() => consumer.heard.length === 1);
    await world.clock.advance(29_000);
    expect(await noteOf(world)).toBe('');
    await world.clock.advance(2_000);
    await until(async () => (await noteOf(world)) === 'not acknowledged');
    await world.clock.advance(58_000);
    expect(consumer.heard).toHaveLength(1);
    await world.clock.advance(4_000);
    await until(() => consumer.heard.length === 2);
    expect(consumer.messages[1]?.message_id).toBe(consumer.messages[0]?.message_id);
    expect((await status(world)).AccumulationCount).toBe(1);
  });

  it.each(['release', 'reject', 'modified'] as const)('come again a minute after %s', async (outcome) => {
    await using world = await openAmqpWorld(database);
    const answered: string[] = [];
    const consumer = world.connect({
      decide({ delivery }: EventContext) {
        if (answered.push(outcome) === 1) delivery?.[outcome]();
        else delivery?.accept();
      },
    });
    await world.happen(1);
    await until(() => consumer.heard.length === 1);
    await until(async () => (await noteOf(world)) === 'not acknowledged');
    await world.clock.advance(58_000);
    expect(consumer.heard).toHaveLength(1);
    await world.clock.advance(4_000);
    await until(() => consumer.heard.length === 2);
    await backlogGone(world);
  });

  it('that were on their way to a consumer that is lost come again to another', async () => {
    await using world = await openAmqpWorld(database);
    const first = world.connect({ decide: never });
    await world.happen(1, 2);
    await until(() => first.heard.length === 2);
    (first.connection as unknown as { socket: { destroy(): void } }).socket.destroy();
    await until(async () => (await noteOf(world)) === 'not acknowledged');
    const second = world.connect();
    await joined(world, 1);
    await world.clock.advance(58_000);
    expect(second.heard).toEqual([]);
    await world.clock.advance(4_000);
    await until(() => second.heard.length === 2);
    await backlogGone(world);
  });

  it('go to one consumer of a group each, and to every group', async () => {
    await using world = await openAmqpWorld(database);
    const other = await world.newGroup('second');
    await subscribe(world, world.groupId, other);
    const one = world.connect();
    const two = world.connect();
    const whole = world.connect({ groupId: other });
    await until(() => [one, two, whole].every(({ state }) => state.open));
    await joined(world, 2);
    await world.happen(...numbers(1, 200));
    await until(() => whole.heard.length === 200 && one.heard.length + two.heard.length === 200);
    expect(sorted(whole.heard)).toEqual(numbers(1, 200));
    expect(sorted([...one.heard, ...two.heard])).toEqual(numbers(1, 200));
    expect(Math.min(one.heard.length, two.heard.length)).toBeGreaterThan(20);
    await backlogGone(world);
    await backlogGone(world, other);
  });

  it('are sent as far as the credit goes', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect({ credit: 3 });
    await world.happen(...numbers(1, 10));
    await until(() => consumer.heard.length === 3);
    await world.clock.advance(10_000);
    expect(consumer.heard).toHaveLength(3);
    consumer.receiver.add_credit(100);
    await until(() => consumer.heard.length === 10);
    expect(consumer.heard).toEqual(numbers(1, 10).map(String));
  });

  it('that nobody answers are under way a thousand at a time', async () => {
    await using world = await openAmqpWorld(database);
    const consumer = world.connect({ decide: never, credit: 5_000 });
    for (const hundred of numbers(0, 10)) await world.happen(...numbers(1, 100).map((one) => hundred * 100 + one));
    await until(() => consumer.heard.length === 1_000);
    await world.clock.advance(4_000);
    expect(consumer.heard).toHaveLength(1_000);
    // the others have their turn when these are given up
    await world.clock.advance(30_000);
    await until(() => consumer.heard.length === 1_100);
  });

  it('that are fresh pass the backlog, which goes on beside them', async () => {
    await using world = await openAmqpWorld(database);
    await world.happen(...numbers(1, 40));
    await world.clock.advance(3_600_000);
    await world.happen(...numbers(101, 140));
    const consumer = world.connect({ credit: 20 });
    await until(() => consumer.heard.length === 20);
    expect(consumer.heard.filter((one) => Number(one) > 100)).toHaveLength(15);
    consumer.receiver.add_credit(100);
    await until(() => consumer.heard.length === 80);
    await backlogGone(world);
    await world.clock.advance(10_000);
    await world.heartbeat();
    await until(async () => (await status(world)).ConsumerSpeed === 80);
    expect(await status(world)).toMatchObject({
      AccumulatedConsumeCountPerMinute: 40,
      RealTimeConsumeCountPerMinute: 40,
    });
  });

  it('are forgotten after a day', async () => {
    await using world = await openAmqpWorld(database);
    await world.happen(1);
    await world.clock.advance(12 * 3_600_000);
    await world.happen(2);
    await world.clock.advance(12 * 3_600_000 + 1);
    await sweepConsumers(world.deps);
    expect((await status(world)).AccumulationCount).toBe(1);
    const consumer = world.connect();
    await until(() => consumer.heard.length === 1);
    expect(consumer.heard).toEqual(['2']);
    await backlogGone(world);
    expect(await world.deps.engine.read.selectFrom('event').selectAll().execute()).toEqual([]);
  });

  it('are forgotten by ResetConsumerGroupPosition, in this group only', async () => {
    await using world = await openAmqpWorld(database);
    const other = await world.newGroup('second');
    await subscribe(world, world.groupId, other);
    await world.happen(...numbers(1, 1_200));
    expect((await status(world)).AccumulationCount).toBe(1_200);
    await world.call('ResetConsumerGroupPosition', { GroupId: world.groupId });
    expect((await status(world)).AccumulationCount).toBe(0);
    expect((await status(world, other)).AccumulationCount).toBe(1_200);
    const consumer = world.connect();
    await world.happen(7_000);
    await until(() => consumer.heard.length > 0);
    expect(consumer.heard).toEqual(['7000']);
  });

  it('survive a restart, acknowledged ones do not', async () => {
    await using world = await openAmqpWorld(database);
    const first = world.connect({
      decide: ({ delivery, message }) => Number(JSON.parse(message?.body.content).jobId) < 3 && delivery?.accept(),
    });
    await world.happen(1, 2, 3, 4);
    await until(() => first.heard.length === 4);
    await until(async () => (await status(world)).AccumulationCount === 2);
    await world.drain(world.listener);
    expect(first.refusals).toContain('amqp:connection:forced');
    const listener = await world.listen('node-2');
    const second = world.connect({ port: listener.address.port });
    await joined(world, 1);
    await world.clock.advance(62_000);
    await until(() => second.heard.length === 2);
    expect(sorted(second.heard)).toEqual([3, 4]);
    await backlogGone(world);
    await world.drain(listener);
  });

  it('are shared by consumers on two nodes', async () => {
    await using world = await openAmqpWorld(database);
    const listener = await world.listen('node-2');
    const one = world.connect();
    const two = world.connect({ port: listener.address.port });
    await joined(world, 2);
    for (const ten of numbers(0, 19)) await world.happen(...numbers(1, 10).map((one) => ten * 10 + one));
    await until(() => one.heard.length + two.heard.length === 200);
    expect(sorted([...one.heard, ...two.heard])).toEqual(numbers(1, 200));
    await backlogGone(world);
    await world.drain(listener);
  });
});

/** What came of the last attempt of the first message that waits. */
async function noteOf({ deps }: AmqpWorld): Promise<string | undefined> {
  const row = await deps.engine.read.selectFrom('event_delivery').select('note').executeTakeFirst();
  return row?.note;
}
