import { action } from '../action.ts';
import { bool, int, list, long, object, required, text, wrapped } from '../schema.ts';
import { instance, pagingAnswer } from './parts.ts';

const groupId = { GroupId: required(text('ID of the consumer group; `DEFAULT_GROUP` for the built-in one.')) };
const groupErrors = ['consumerGroup.invalidId', 'consumerGroup.notFound'] as const;
const groupInfo = {
  GroupId: required(text('ID.')),
  GroupName: required(text('Name.')),
  CreateTime: required(text('Time of creation, UTC.')),
};
const rates = {
  AccumulatedConsumeCountPerMinute: required(int('Backlog messages acknowledged within the last minute.')),
  RealTimeConsumeCountPerMinute: required(int('Fresh messages acknowledged within the last minute.')),
};

const member = {
  ConsumerGroupId: required(text('ID of the consumer group.')),
  ProductKey: required(text('Product that is subscribed to.')),
};
const productErrors = ['product.nullKey', 'product.malformedKey', 'product.notFound'] as const;

const relation = {
  ProductKey: required(text('Product that is subscribed to.')),
  Type: required(text('`AMQP`; `MNS` is refused.')),
};
const relationErrors = [...productErrors, 'subscription.invalidType', 'subscription.mnsNotSupported'] as const;
const flag = (what: string) => bool(`Whether to receive ${what}; false if left out.`);
/** What may be subscribed to (storage-and-events 3.6). */
const flags = {
  DeviceDataFlag: flag('what devices send; there are no such messages here'),
  DeviceStatusChangeFlag: flag('`/as/mqtt/status/…`'),
  DeviceTopoLifeCycleFlag: flag('changes of topologies; there are no such messages here'),
  DeviceLifeCycleFlag: flag('`…/thing/lifecycle`'),
  FoundDeviceListFlag: flag('found sub-devices; there are no such messages here'),
  ThingHistoryFlag: flag('historical data; there are no such messages here'),
  OtaEventFlag: flag('`…/ota/upgrade` and `…/ota/progress/post`'),
  DeviceTagFlag: flag('changes of tags; there are no such messages here'),
  OtaVersionFlag: flag('`…/ota/version/post`'),
  OtaJobFlag: flag('`…/ota/job/status`'),
};
const settings = {
  ...relation,
  ConsumerGroupIds: list(text('ID of a consumer group.'), 1_000, 'Who receives the messages, at most 10.'),
  MnsConfiguration: text('Of MNS only; ignored.'),
  ...flags,
};
const settingsErrors = [
  ...relationErrors,
  'subscription.noGroups',
  'subscription.tooManyGroups',
  'subscription.noFlag',
  'subscription.tooManyProducts',
  'consumerGroup.notFound',
] as const;

/** Server-side subscriptions: who receives which events over AMQP (storage-and-events 3.7). */
export const subscriptionActions = [
  action({
    name: 'CreateConsumerGroup',
    family: 'subscription',
    summary: 'Makes a consumer group: consumers that share the messages among them.',
    qps: 5,
    changes: ['GroupName'],
    request: {
      GroupName: required(text('4-30 Chinese characters, which count 2, letters, digits, `_`.')),
      ...instance,
    },
    response: { GroupId: required(text('ID of the consumer group.')) },
    errors: ['consumerGroup.invalidName', 'consumerGroup.nameTaken', 'consumerGroup.countExceeded'],
  }),
  action({
    name: 'UpdateConsumerGroup',
    family: 'subscription',
    summary: 'Renames a consumer group.',
    qps: 5,
    changes: ['GroupId'],
    request: { ...groupId, NewGroupName: required(text('The new name, as of CreateConsumerGroup.')), ...instance },
    response: {},
    errors: [...groupErrors, 'consumerGroup.builtIn', 'consumerGroup.invalidName', 'consumerGroup.nameTaken'],
  }),
  action({
    name: 'DeleteConsumerGroup',
    family: 'subscription',
    summary: 'Deletes a consumer group that no subscription names, and its backlog.',
    qps: 5,
    changes: ['GroupId'],
    request: { ...groupId, ...instance },
    response: {},
    errors: [...groupErrors, 'consumerGroup.builtIn', 'consumerGroup.inUse'],
  }),
  action({
    name: 'QueryConsumerGroupByGroupId',
    family: 'subscription',
    summary: 'Shows a consumer group.',
    qps: 5,
    changes: false,
    request: { ...groupId, ...instance },
    response: { Data: required(object(groupInfo)) },
    errors: groupErrors,
  }),
  action({
    name: 'QueryConsumerGroupList',
    family: 'subscription',
    summary: 'Lists the consumer groups, newest first.',
    qps: 5,
    changes: false,
    request: {
      CurrentPage: required(int('Page number, from 1.')),
      PageSize: required(int('Rows on a page, at most 1,000.')),
      GroupName: text('Only groups of this name.'),
      Fuzzy: bool('Whether GroupName may be a part of the name.'),
      ...instance,
    },
    response: { ...pagingAnswer, Data: required(wrapped('ConsumerGroupDTO', object(groupInfo))) },
    errors: ['common.invalidPage'],
  }),
  action({
    name: 'QueryConsumerGroupStatus',
    family: 'subscription',
    summary: 'Shows who of a consumer group is connected, how fast it consumes, and its backlog.',
    qps: 5,
    changes: false,
    request: { ...groupId, ...instance },
    response: {
      AccumulationCount: required(int('Messages that wait or are not acknowledged yet.')),
      ConsumerSpeed: required(int('Messages acknowledged within the last minute.')),
      ...rates,
      LastConsumerTime: required(text('When a message was last acknowledged, UTC; empty if none ever was.')),
      ClientConnectionStatusList: required(
        wrapped(
          'ConsumerGroupClientConnectionInfo',
          object({
            ClientId: required(text('What the consumer calls itself.')),
            ClientIpPort: required(text('Its address.')),
            OnlineTime: required(long('When it connected, in milliseconds.')),
            ...rates,
          }),
        ),
      ),
    },
    errors: groupErrors,
  }),
  action({
    name: 'ResetConsumerGroupPosition',
    family: 'subscription',
    summary: 'Empties the backlog of a consumer group.',
    qps: 5,
    changes: ['GroupId'],
    request: { ...groupId, ...instance },
    response: {},
    errors: groupErrors,
  }),
  action({
    name: 'CreateConsumerGroupSubscribeRelation',
    family: 'subscription',
    summary: 'Adds a consumer group to the subscription of a product.',
    qps: 5,
    changes: ['ConsumerGroupId', 'ProductKey'],
    request: { ...member, ...instance },
    response: {},
    errors: [
      ...groupErrors,
      ...productErrors,
      'subscription.notFound',
      'subscription.tooManyGroups',
      'subscription.tooManyProducts',
    ],
  }),
  action({
    name: 'DeleteConsumerGroupSubscribeRelation',
    family: 'subscription',
    summary: 'Takes a consumer group out of the subscription of a product, unless it is the only one.',
    qps: 5,
    changes: ['ConsumerGroupId', 'ProductKey'],
    request: { ...member, ...instance },
    response: {},
    errors: [
      ...groupErrors,
      ...productErrors,
      'subscription.notFound',
      'subscription.notSubscribed',
      'subscription.lastGroup',
    ],
  }),
  action({
    name: 'CreateSubscribeRelation',
    family: 'subscription',
    summary: 'Subscribes consumer groups to events of a product.',
    qps: 5,
    changes: ['ProductKey', 'Type'],
    request: { ...settings, ...instance },
    response: {},
    errors: [...settingsErrors, 'subscription.exists'],
  }),
  action({
    name: 'UpdateSubscribeRelation',
    family: 'subscription',
    summary: 'Replaces the consumer groups and flags of a subscription.',
    qps: 5,
    changes: ['ProductKey', 'Type'],
    request: { ...settings, ...instance },
    response: {},
    errors: [...settingsErrors, 'subscription.notFound'],
  }),
  action({
    name: 'QuerySubscribeRelation',
    family: 'subscription',
    summary: 'Shows the subscription of a product.',
    qps: 5,
    changes: false,
    request: { ...relation, ...instance },
    response: {
      ProductKey: required(text('Echo.')),
      Type: required(text('Echo.')),
      // a bare array
      ConsumerGroupIds: required(list(text(''), Number.MAX_SAFE_INTEGER, 'IDs of the consumer groups.')),
      MnsConfiguration: required(text('Empty.')),
      DeviceDataFlag: required(bool('As set, like the other flags.')),
      DeviceStatusChangeFlag: required(bool('As set.')),
      DeviceTopoLifeCycleFlag: required(bool('As set.')),
      DeviceLifeCycleFlag: required(bool('As set.')),
      FoundDeviceListFlag: required(bool('As set.')),
      ThingHistoryFlag: required(bool('As set.')),
      OtaEventFlag: required(bool('As set.')),
      DeviceTagFlag: required(bool('As set.')),
      OtaVersionFlag: required(bool('As set.')),
      OtaJobFlag: required(bool('As set.')),
    },
    errors: [...relationErrors, 'subscription.notFound'],
  }),
  action({
    name: 'DeleteSubscribeRelation',
    family: 'subscription',
    summary: 'Ends the subscription of a product. What waits already is still delivered.',
    qps: 5,
    changes: ['ProductKey', 'Type'],
    request: { ...relation, ...instance },
    response: {},
    errors: [...relationErrors, 'subscription.notFound'],
  }),
] as const;
