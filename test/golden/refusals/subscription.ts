import { member } from '../story.ts';
import { listOf, newProduct, type Refuser, refuseProducts } from './refuser.ts';

export async function refusalsOfSubscriptions(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const newGroup = async (name: string) =>
    member(await world.call('CreateConsumerGroup', { GroupName: name }), 'GroupId');
  const group = await newGroup('first');
  const other = await newGroup('second');

  const fresh = { GroupName: 'third' };
  await refuse('a malformed name', 'CreateConsumerGroup', { GroupName: 'two words' });
  await refuse('one too many', 'CreateConsumerGroup', fresh, { limits: { consumerGroups: 2 } });
  await refuse('a malformed name', 'UpdateConsumerGroup', { GroupId: group, NewGroupName: 'x' });
  await refuse('a name that is taken', 'UpdateConsumerGroup', { GroupId: group, NewGroupName: 'second' });
  for (const [action, rest] of [
    ['UpdateConsumerGroup', { NewGroupName: 'third' }],
    ['DeleteConsumerGroup', {}],
    ['QueryConsumerGroupByGroupId', {}],
    ['QueryConsumerGroupStatus', {}],
    ['ResetConsumerGroupPosition', {}],
  ] as const) {
    await refuse('an empty GroupId', action, { ...rest, GroupId: '' });
    await refuse('a malformed GroupId', action, { ...rest, GroupId: 'two words' });
    await refuse('an unknown group', action, { ...rest, GroupId: 'nothing' });
  }

  const productKey = await newProduct(refuser);
  const amqp = { ProductKey: productKey, Type: 'AMQP' };
  const settings = { 'ConsumerGroupIds.1': group, OtaJobFlag: 'true' };
  for (const action of [
    'CreateSubscribeRelation',
    'UpdateSubscribeRelation',
    'QuerySubscribeRelation',
    'DeleteSubscribeRelation',
  ]) {
    await refuseProducts(refuser, action, { ...settings, Type: 'AMQP' });
    await refuse('a type that is none', action, { ...amqp, ...settings, Type: 'KAFKA' });
    await refuse('MNS', action, { ...amqp, ...settings, Type: 'MNS' });
  }
  await refuse('a product without one', 'UpdateSubscribeRelation', { ...amqp, ...settings });

  const refuseSettings = async (action: string) => {
    await refuse('no groups', action, { ...amqp, OtaJobFlag: 'true' });
    await refuse('too many groups', action, {
      ...amqp,
      OtaJobFlag: 'true',
      ...listOf('ConsumerGroupIds', 11, (index) => `group${index}`),
    });
    await refuse('no flag', action, { ...amqp, ...settings, OtaJobFlag: 'false' });
    await refuse('an unknown group', action, { ...amqp, ...settings, 'ConsumerGroupIds.2': 'nothing' });
    const full = { limits: { productsPerConsumerGroup: 0 } };
    await refuse('a group with too many products', action, { ...amqp, ...settings }, full);
  };
  await refuseSettings('CreateSubscribeRelation');
  await world.call('CreateSubscribeRelation', { ...amqp, ...settings });
  await refuseSettings('UpdateSubscribeRelation');

  const second = { ProductKey: productKey, ConsumerGroupId: other };
  const unheard = await newProduct(refuser, 'unheard');
  for (const action of ['CreateConsumerGroupSubscribeRelation', 'DeleteConsumerGroupSubscribeRelation']) {
    await refuseProducts(refuser, action, { ConsumerGroupId: group });
    await refuse('a malformed group', action, { ...second, ConsumerGroupId: '' });
    await refuse('an unknown group', action, { ...second, ConsumerGroupId: 'nothing' });
    await refuse('a product without a subscription', action, { ...second, ProductKey: unheard });
  }
  const create = 'CreateConsumerGroupSubscribeRelation';
  await refuse('one too many', create, second, { limits: { groupsPerSubscription: 1 } });
  await refuse('a group with too many products', create, second, { limits: { productsPerConsumerGroup: 0 } });
}
