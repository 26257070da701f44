import type { Teller } from './story-tasks.ts';

/** Who receives which events over AMQP. */
export async function tellOfSubscriptions({
  world,
  call,
  member,
}: Pick<Teller, 'world' | 'call' | 'member'>): Promise<void> {
  const { stranger } = world.keys;
  const newProduct = async (name: string) =>
    member(await world.call('CreateProduct', { ProductName: name, NodeType: '0' }), 'ProductKey');
  const productKey = await newProduct('heard');

  const group = member(await call('a group', 'CreateConsumerGroup', { GroupName: '账单_bills' }), 'GroupId');
  await call('a name that is taken', 'CreateConsumerGroup', { GroupName: '账单_bills' });
  await call('without a name', 'CreateConsumerGroup', {});
  const other = member(await world.call('CreateConsumerGroup', { GroupName: 'maps' }), 'GroupId');
  await call('another name', 'UpdateConsumerGroup', { GroupId: group, NewGroupName: 'billing' });
  await call('the built-in one', 'UpdateConsumerGroup', { GroupId: 'DEFAULT_GROUP', NewGroupName: 'billing' });
  await call('one that is there', 'QueryConsumerGroupByGroupId', { GroupId: group });
  await call('the built-in one', 'QueryConsumerGroupByGroupId', { GroupId: 'DEFAULT_GROUP' });
  await call("another account's", 'QueryConsumerGroupByGroupId', { GroupId: group }, { as: stranger });
  const page = { CurrentPage: '1', PageSize: '10' };
  await call('newest first, the built-in one last', 'QueryConsumerGroupList', page);
  await call('of a name', 'QueryConsumerGroupList', { ...page, GroupName: 'billing' });
  await call('of a part of a name', 'QueryConsumerGroupList', { ...page, GroupName: 'ill', Fuzzy: 'true' });
  await call('of a name that is none', 'QueryConsumerGroupList', { ...page, GroupName: 'ill' });
  await call('a page that is too large', 'QueryConsumerGroupList', { ...page, PageSize: '1001' });

  const relation = { ProductKey: productKey, Type: 'AMQP' };
  await call('of a product without one', 'QuerySubscribeRelation', relation);
  await call('to tasks and jobs', 'CreateSubscribeRelation', {
    ...relation,
    'ConsumerGroupIds.1': group,
    OtaEventFlag: 'true',
    OtaJobFlag: 'true',
    DeviceDataFlag: 'false',
  });
  await call('a second one', 'CreateSubscribeRelation', {
    ...relation,
    'ConsumerGroupIds.1': group,
    OtaEventFlag: 'true',
  });
  await call('over MNS', 'CreateSubscribeRelation', { ...relation, Type: 'MNS', MnsConfiguration: '{}' });
  await call('what it is', 'QuerySubscribeRelation', relation);
  const added = { ProductKey: productKey, ConsumerGroupId: other };
  await call('a second group', 'CreateConsumerGroupSubscribeRelation', added);
  await call('to a product without a subscription', 'CreateConsumerGroupSubscribeRelation', {
    ...added,
    ProductKey: await newProduct('unheard'),
  });
  await call('with two groups', 'QuerySubscribeRelation', relation);
  await call('a group of it', 'DeleteConsumerGroup', { GroupId: other });
  await call('a group', 'DeleteConsumerGroupSubscribeRelation', added);
  await call('one that is not in it', 'DeleteConsumerGroupSubscribeRelation', added);
  await call('the only group', 'DeleteConsumerGroupSubscribeRelation', { ...added, ConsumerGroupId: group });
  await call('other flags', 'UpdateSubscribeRelation', {
    ...relation,
    'ConsumerGroupIds.1': group,
    'ConsumerGroupIds.2': 'DEFAULT_GROUP',
    DeviceStatusChangeFlag: 'true',
    DeviceTagFlag: 'true',
  });
  await call('no flags', 'UpdateSubscribeRelation', { ...relation, 'ConsumerGroupIds.1': group });
  await call('that was changed', 'QuerySubscribeRelation', relation);

  const device = await world.call('RegisterDevice', { ProductKey: productKey, DeviceName: 'lamp-1' });
  const lamp = world.device(productKey, 'lamp-1', member(device, 'IotId'));
  await call('of a group that nobody uses', 'QueryConsumerGroupStatus', { GroupId: group });
  await world.devices.connected(lamp, { connectionId: 'c-heard', ip: '192.0.2.3' });
  await world.consume(`amqp:${group}`, 'client <1> & more');
  await world.devices.disconnected(lamp, 'c-heard');
  await call('of one that is used', 'QueryConsumerGroupStatus', { GroupId: group });
  await call('an unknown one', 'QueryConsumerGroupStatus', { GroupId: 'nothing' });
  await call('that has a backlog', 'ResetConsumerGroupPosition', { GroupId: group });
  await call('an unknown one', 'ResetConsumerGroupPosition', { GroupId: 'nothing' });
  await call('without a backlog', 'QueryConsumerGroupStatus', { GroupId: group });

  await call('that is there', 'DeleteSubscribeRelation', relation);
  await call('the same again', 'DeleteSubscribeRelation', relation);
  await call('the built-in one', 'DeleteConsumerGroup', { GroupId: 'DEFAULT_GROUP' });
  await call('one without subscriptions', 'DeleteConsumerGroup', { GroupId: other });
}
