import type { ConsumerGroup } from '../../domain/consumer-groups.ts';
import { type SubscriptionFlag, subscriptionFlags } from '../../domain/subscriptions.ts';
import { utcText } from '../../wire/time.ts';

/** A consumer group as the list and the details show it. */
export const groupMembers = ({ id, name, createdAt }: ConsumerGroup) => ({
  GroupId: id,
  GroupName: name,
  CreateTime: utcText(createdAt),
});

type Flags = { readonly [F in SubscriptionFlag]?: boolean | undefined };

/** What a client wants a subscription to be. */
export const settingsOf = (request: Flags & { readonly ConsumerGroupIds?: readonly string[] | undefined }) => ({
  groupIds: request.ConsumerGroupIds ?? [],
  flags: subscriptionFlags.filter((flag) => request[flag] === true),
});

export const flagMembers = (flags: readonly SubscriptionFlag[]) =>
  Object.fromEntries(subscriptionFlags.map((flag) => [flag, flags.includes(flag)])) as Record<
    SubscriptionFlag,
    boolean
  >;
