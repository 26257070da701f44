import { beforeEach, describe, expect, it } from 'vitest';
import type { Scope } from '../../../src/domain/deps.ts';
import { emit } from '../../../src/domain/events.ts';
import { deviceLifecycleEvent, jobUpdatedEvent, versionChangedEvent } from '../../../src/wire/event-messages.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type World } from './world.ts';

eachEngine('consumer groups', (database) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(database);
  });
  const create = async (name: string, scope?: Scope) =>
    (await world.call('CreateConsumerGroup', { GroupName: name }, scope)).GroupId;
  const list = async (request: { GroupName?: string; Fuzzy?: boolean; CurrentPage?: number; PageSize?: number } = {}) =>
    world.call('QueryConsumerGroupList', { CurrentPage: 1, PageSize: 1_000, ...request });
  const names = async (request = {}) => (await list(request)).Data.ConsumerGroupDTO.map((group) => group.GroupName);

  it('begin with one that can be neither renamed nor deleted', async () => {
    expect(await names()).toEqual(['DEFAULT_GROUP']);
    const builtIn = { GroupId: 'DEFAULT_GROUP' };
    expect(await world.refused('UpdateConsumerGroup', { ...builtIn, NewGroupName: 'other' })).toBe(
      'consumerGroup.builtIn',
    );
    expect(await world.refused('DeleteConsumerGroup', builtIn)).toBe('consumerGroup.builtIn');
  });

  it.each([
    ['abc', false],
    ['abcd', true],
    ['消费', true],
    ['消费x_9', true],
    ['x'.repeat(30), true],
    ['x'.repeat(31), false],
    ['消'.repeat(15), true],
    ['消'.repeat(16), false],
    ['with-dash', false],
    ['two words', false],
    ['', false],
  ])('are named by 4-30 letters, of which Chinese ones count 2: %s %s', async (name, fine) => {
    if (fine) await create(name);
    else expect(await world.refused('CreateConsumerGroup', { GroupName: name })).toBe('consumerGroup.invalidName');
  });

  it('have names of their own in an instance, also after a change', async () => {
    const id = await create('first');
    await create('second');
    expect(await world.refused('CreateConsumerGroup', { GroupName: 'first' })).toBe('consumerGroup.nameTaken');
    const rename = { GroupId: id, NewGroupName: 'second' };
    expect(await world.refused('UpdateConsumerGroup', rename)).toBe('consumerGroup.nameTaken');
    await world.call('UpdateConsumerGroup', { GroupId: id, NewGroupName: 'first' });
    await world.call('UpdateConsumerGroup', { GroupId: id, NewGroupName: 'third' });
    expect(await names()).toEqual(['second', 'third', 'DEFAULT_GROUP']);
    await create('first', await newScope(world.deps));
  });

  it('are as many as allowed beside the built-in one, also when several are made at once', async () => {
    world.limit({ consumerGroups: 2 });
    const made = await world.atOnce(['aaaa', 'bbbb', 'cccc'].map((name) => () => create(name)));
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    expect(await world.refused('CreateConsumerGroup', { GroupName: 'dddd' })).toBe('consumerGroup.countExceeded');
  });

  it('are listed by name, a part of it, and page', async () => {
    for (const name of ['bills_a', 'bills_b', 'billsxa', 'Maps']) {
      await create(name);
      await world.clock.advance(1_000);
    }
    expect(await names({ GroupName: 'bills_a' })).toEqual(['bills_a']);
    expect(await names({ GroupName: 'bills' })).toEqual([]);
    expect(await names({ GroupName: 'ills', Fuzzy: true })).toEqual(['billsxa', 'bills_b', 'bills_a']);
    expect(await names({ GroupName: 's_', Fuzzy: true })).toEqual(['bills_b', 'bills_a']);
    expect(await names({ GroupName: '%', Fuzzy: true })).toEqual([]);
    expect(await names({ GroupName: 'maps', Fuzzy: true })).toEqual([]);
    // no group has such a name, and PostgreSQL cannot even be asked for it
    for (const Fuzzy of [true, false]) {
      for (const name of ['\0', 'a\0bc', '\ud800']) expect(await names({ GroupName: name, Fuzzy })).toEqual([]);
    }
    expect(await list({ CurrentPage: 2, PageSize: 2 })).toMatchObject({ Total: 5, PageCount: 3 });
    expect(await names({ CurrentPage: 2, PageSize: 2 })).toEqual(['bills_b', 'bills_a']);
    for (const page of [{ CurrentPage: 0 }, { PageSize: 0 }, { PageSize: 1_001 }]) {
      const request = { CurrentPage: 1, PageSize: 10, ...page };
      expect(await world.refused('QueryConsumerGroupList', request)).toBe('common.invalidPage');
    }
  });

  it('of others are not there', async () => {
    const id = await create('mine');
    const stranger = await newScope(world.deps);
    for (const action of [
      'QueryConsumerGroupByGroupId',
      'QueryConsumerGroupStatus',
      'ResetConsumerGroupPosition',
      'DeleteConsumerGroup',
    ] as const) {
      expect(await world.refused(action, { GroupId: id }, stranger)).toBe('consumerGroup.notFound');
    }
    const rename = { GroupId: id, NewGroupName: 'theirs' };
    expect(await world.refused('UpdateConsumerGroup', rename, stranger)).toBe('consumerGroup.notFound');
  });

  it('take their backlog with them', async () => {
    const id = await create('mine');
    const { engine, clock, ids } = world.deps;
    const key = await world.newProduct();
    const relation = { ProductKey: key, Type: 'AMQP' };
    await world.call('CreateSubscribeRelation', { ...relation, ConsumerGroupIds: [id], OtaJobFlag: true });
    const job = { productKey: key, firmwareId: 'f', jobId: 'j', module: 'default' };
    await engine.transaction((tx) => emit(tx, { clock, ids }, [jobUpdatedEvent(job, 'PLANNED', clock.now())]));
    expect(await world.refused('DeleteConsumerGroup', { GroupId: id })).toBe('consumerGroup.inUse');
    await world.call('DeleteSubscribeRelation', relation);
    expect((await world.call('QueryConsumerGroupStatus', { GroupId: id })).AccumulationCount).toBe(1);
    await world.call('DeleteConsumerGroup', { GroupId: id });
    expect(await engine.read.selectFrom('event_delivery').selectAll().execute()).toEqual([]);
  });
});

eachEngine('subscriptions', (database) => {
  let world: World;
  let key: string;
  let group: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct();
    group = (await world.call('CreateConsumerGroup', { GroupName: 'first' })).GroupId;
  });
  const amqp = () => ({ ProductKey: key, Type: 'AMQP' });
  const subscribe = (more: object) =>
    world.call('CreateSubscribeRelation', { ...amqp(), ConsumerGroupIds: [group], ...more });
  const routes = async () => {
    const rows = await world.deps.engine.read
      .selectFrom('event_route')
      .select(['type', 'consumer'])
      .orderBy('consumer')
      .orderBy('type')
      .execute();
    return rows.map(({ consumer, type }) => `${consumer} ${type}`);
  };

  describe('route what their flags turn on', () => {
    it.each([
      ['DeviceStatusChangeFlag', ['device.offline', 'device.online']],
      ['DeviceLifeCycleFlag', ['device.created', 'device.deleted', 'device.disabled', 'device.enabled']],
      ['OtaEventFlag', ['ota.task.canceled', 'ota.task.failed', 'ota.task.progress', 'ota.task.succeeded']],
      ['OtaVersionFlag', ['ota.version.changed']],
      ['OtaJobFlag', ['ota.job.updated']],
      ['DeviceDataFlag', []],
      ['DeviceTopoLifeCycleFlag', []],
      ['FoundDeviceListFlag', []],
      ['ThingHistoryFlag', []],
      ['DeviceTagFlag', []],
    ])('%s', async (flag, types) => {
      await subscribe({ [flag]: true });
      expect(await routes()).toEqual(types.map((type) => `amqp:${group} ${type}`));
      expect(await world.call('QuerySubscribeRelation', amqp())).toMatchObject({ [flag]: true });
    });
  });

  it('reach the groups that they name, and nobody when they are gone', async () => {
    await subscribe({ OtaJobFlag: true, OtaVersionFlag: true });
    const { engine, clock, ids } = world.deps;
    const other = await world.newProduct();
    const device = { deviceId: 'd', productKey: key, deviceName: 'lamp' };
    const happen = () =>
      engine.transaction((tx) =>
        emit(tx, { clock, ids }, [
          versionChangedEvent(device, { module: 'default', version: '2' }, clock.now()),
          versionChangedEvent({ ...device, productKey: other }, { module: 'default', version: '2' }, clock.now()),
          deviceLifecycleEvent(device, 'create', clock.now()),
        ]),
      );
    const waiting = async (GroupId: string) =>
      (await world.call('QueryConsumerGroupStatus', { GroupId })).AccumulationCount;
    await happen();
    expect(await waiting(group)).toBe(1);
    const member = { ConsumerGroupId: 'DEFAULT_GROUP', ProductKey: key };
    await world.call('CreateConsumerGroupSubscribeRelation', member);
    await world.call('CreateConsumerGroupSubscribeRelation', member);
    await happen();
    expect([await waiting(group), await waiting('DEFAULT_GROUP')]).toEqual([2, 1]);
    await world.call('DeleteConsumerGroupSubscribeRelation', { ...member, ConsumerGroupId: group });
    await happen();
    expect([await waiting(group), await waiting('DEFAULT_GROUP')]).toEqual([2, 2]);
    await world.call('DeleteSubscribeRelation', amqp());
    await happen();
    // what waited is still delivered
    expect([await waiting(group), await waiting('DEFAULT_GROUP')]).toEqual([2, 2]);
    expect(await routes()).toEqual([]);
  });

  it('are replaced as a whole', async () => {
    await subscribe({ OtaJobFlag: true });
    const change = { ...amqp(), ConsumerGroupIds: ['DEFAULT_GROUP', 'DEFAULT_GROUP'], OtaVersionFlag: true };
    await world.call('UpdateSubscribeRelation', change);
    expect(await world.call('QuerySubscribeRelation', amqp())).toMatchObject({
      ConsumerGroupIds: ['DEFAULT_GROUP'],
      OtaJobFlag: false,
      OtaVersionFlag: true,
    });
    expect(await routes()).toEqual([`amqp:${world.scope.instanceId}:DEFAULT_GROUP ota.version.changed`]);
  });

  it('leave the routes of others alone', async () => {
    const { engine } = world.deps;
    const webhook = {
      instance_id: world.scope.instanceId,
      product_key: key,
      type: 'ota.job.updated',
      consumer: 'webhook:w',
    };
    await engine.transaction((tx) => tx.bulkInsert('event_route', [webhook]));
    await subscribe({ OtaJobFlag: true });
    await world.call('DeleteSubscribeRelation', amqp());
    expect(await routes()).toEqual(['webhook:w ota.job.updated']);
  });

  it('go with their product', async () => {
    await subscribe({ OtaJobFlag: true });
    await world.call('DeleteProduct', { ProductKey: key });
    expect(await routes()).toEqual([]);
    await world.call('DeleteConsumerGroup', { GroupId: group });
  });

  it('are one for each product, and one product of as many as a group may have', async () => {
    world.limit({ productsPerConsumerGroup: 1, groupsPerSubscription: 2 });
    const made = await world.atOnce([1, 2].map(() => () => subscribe({ OtaJobFlag: true })));
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const request = { ConsumerGroupIds: [group], OtaJobFlag: true, Type: 'AMQP' };
    const second = { ...request, ProductKey: await world.newProduct() };
    expect(await world.refused('CreateSubscribeRelation', { ...request, ProductKey: key })).toBe('subscription.exists');
    expect(await world.refused('CreateSubscribeRelation', second)).toBe('subscription.tooManyProducts');
    const groups = ['a_group', 'b_group'];
    for (const name of groups) await world.call('CreateConsumerGroup', { GroupName: name });
    await world.call('CreateConsumerGroupSubscribeRelation', { ConsumerGroupId: 'DEFAULT_GROUP', ProductKey: key });
    const { Data } = await world.call('QueryConsumerGroupList', { CurrentPage: 1, PageSize: 1, GroupName: 'a_group' });
    const third = { ConsumerGroupId: Data.ConsumerGroupDTO[0]?.GroupId ?? '', ProductKey: key };
    expect(await world.refused('CreateConsumerGroupSubscribeRelation', third)).toBe('subscription.tooManyGroups');
  });

  it('of others are not there', async () => {
    await subscribe({ OtaJobFlag: true });
    const stranger = await newScope(world.deps);
    const request = { ...amqp(), ConsumerGroupIds: ['DEFAULT_GROUP'], OtaJobFlag: true };
    expect(await world.refused('QuerySubscribeRelation', amqp(), stranger)).toBe('product.notFound');
    expect(await world.refused('DeleteSubscribeRelation', amqp(), stranger)).toBe('product.notFound');
    expect(await world.refused('UpdateSubscribeRelation', request, stranger)).toBe('product.notFound');
    expect(await world.refused('CreateSubscribeRelation', request, stranger)).toBe('product.notFound');
    // nor can a product of one's own be told to others
    const strange = await world.call('CreateConsumerGroup', { GroupName: 'theirs' }, stranger);
    const theirs = { ...request, ConsumerGroupIds: [strange.GroupId] };
    expect(await world.refused('UpdateSubscribeRelation', theirs)).toBe('consumerGroup.notFound');
  });
});
