import { type Operation, page, type Tree, textAt, UNKNOWN_PRODUCT, type Via, type World } from './operation.ts';

const nothing = { GroupId: 'nothing' };
const unknown = { refused: () => nothing, code: 'iot.consumer.group.ConsumerGroupNotExist' };
const own = (world: World, via: Via) => ({ GroupId: world[via]['consumerGroup'] });
const relation = (world: World, via: Via) => ({ ProductKey: world[via]['product'], Type: 'AMQP' });
const member = (world: World, via: Via) => ({
  ProductKey: world[via]['product'],
  ConsumerGroupId: world[via]['consumerGroup'],
});
const unknownProduct = {
  refused: () => ({ ProductKey: UNKNOWN_PRODUCT, Type: 'AMQP' }),
  code: 'iot.prod.NotExistedProduct',
};

const atShared = (action: string): Operation => ({
  action,
  good: (world) => own(world, 'v3'),
  same: true,
  ...unknown,
});
const settings = (world: World, via: Via, more: Tree) => ({
  ...relation(world, via),
  ConsumerGroupIds: ['DEFAULT_GROUP'],
  ...more,
});

export const subscriptionOperations: readonly Operation[] = [
  {
    action: 'CreateConsumerGroup',
    good: (_, via) => ({ GroupName: `账单_${via}` }),
    keep: (answer) => ({ consumerGroup: textAt(answer, 'GroupId') }),
    refused: () => ({ GroupName: '账单_v1' }),
    code: 'iot.consumer.group.ConsumerGroupNameExisted',
  },
  {
    action: 'UpdateConsumerGroup',
    good: (world, via) => ({ ...own(world, via), NewGroupName: `bills_${via}` }),
    refused: () => ({ GroupId: 'DEFAULT_GROUP', NewGroupName: 'bills' }),
    code: 'iot.consumer.group.ChangeDefaultConsumerGroupNotAllowed',
  },
  atShared('QueryConsumerGroupByGroupId'),
  {
    action: 'QueryConsumerGroupList',
    good: () => ({ ...page, GroupName: 'ills_', Fuzzy: true }),
    same: true,
    refused: () => ({ ...page, PageSize: 1_001 }),
    code: 'iot.common.InvalidPageParams',
  },
  {
    action: 'CreateSubscribeRelation',
    good: (world, via) => settings(world, via, { OtaEventFlag: true, OtaJobFlag: true, DeviceDataFlag: false }),
    refused: (world) => settings(world, 'v3', { Type: 'MNS', OtaEventFlag: true }),
    code: 'iot.consumer.group.MnsNotSupport',
  },
  {
    action: 'UpdateSubscribeRelation',
    good: (world, via) => settings(world, via, { OtaVersionFlag: true }),
    refused: (world) => settings(world, 'v3', {}),
    code: 'iot.consumer.group.CallbackTypeEmpty',
  },
  {
    action: 'CreateConsumerGroupSubscribeRelation',
    good: member,
    refused: (world) => ({ ...member(world, 'v3'), ConsumerGroupId: 'nothing' }),
    code: 'iot.consumer.group.ConsumerGroupNotExist',
  },
  {
    action: 'QuerySubscribeRelation',
    good: (world) => relation(world, 'v3'),
    same: true,
    ...unknownProduct,
  },
  atShared('QueryConsumerGroupStatus'),
  atShared('ResetConsumerGroupPosition'),
  {
    action: 'DeleteConsumerGroupSubscribeRelation',
    good: member,
    refused: (world) => ({ ...member(world, 'v3'), ConsumerGroupId: 'DEFAULT_GROUP' }),
    code: 'iot.consumer.group.DeleteConsumerGroupFailed',
  },
  { action: 'DeleteSubscribeRelation', good: relation, ...unknownProduct },
  {
    action: 'DeleteConsumerGroup',
    good: own,
    refused: () => ({ GroupId: 'DEFAULT_GROUP' }),
    code: 'iot.consumer.group.ChangeDefaultConsumerGroupNotAllowed',
  },
];
