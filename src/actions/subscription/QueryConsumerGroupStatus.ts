import { statusOfConsumerGroup } from '../../domain/consumer-groups.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const QueryConsumerGroupStatus: Handler<'QueryConsumerGroupStatus'> = async (deps, scope, request) => {
  const status = await statusOfConsumerGroup(deps, scope, request.GroupId);
  const sum = (kind: 'fresh' | 'backlog') => status.connections.reduce((total, one) => total + one[kind], 0);
  const [fresh, backlog] = [sum('fresh'), sum('backlog')];
  return {
    AccumulationCount: status.backlog,
    ConsumerSpeed: fresh + backlog,
    AccumulatedConsumeCountPerMinute: backlog,
    RealTimeConsumeCountPerMinute: fresh,
    LastConsumerTime: status.lastConsumedAt === undefined ? '' : utcText(status.lastConsumedAt),
    ClientConnectionStatusList: {
      ConsumerGroupClientConnectionInfo: status.connections.map((one) => ({
        ClientId: one.clientId,
        ClientIpPort: one.address,
        OnlineTime: one.connectedAt,
        AccumulatedConsumeCountPerMinute: one.backlog,
        RealTimeConsumeCountPerMinute: one.fresh,
      })),
    },
  };
};
