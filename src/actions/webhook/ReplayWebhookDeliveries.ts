import { fail } from '../../domain/failure.ts';
import { replaySome } from '../../domain/webhook-log.ts';
import { requireWebhook } from '../../domain/webhooks.ts';
import type { Handler } from '../handler.ts';

export const ReplayWebhookDeliveries: Handler<'ReplayWebhookDeliveries'> = async (deps, scope, request) => {
  const { id } = await requireWebhook(deps, scope, request.WebhookId);
  const { EventIds: eventIds, Delivered: delivered, Since: since, Before: before } = request;
  const replayed = await replaySome(deps, id, { eventIds, delivered, since, before });
  if (!replayed) fail('webhook.notFound');
  if (eventIds && replayed.total === 0) fail('webhook.eventNotFound');
  return { Data: { Replayed: replayed.total, HasMore: replayed.hasMore, Before: replayed.before } };
};
