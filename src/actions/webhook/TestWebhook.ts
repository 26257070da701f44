import { fail } from '../../domain/failure.ts';
import { queueTest, requireWebhook } from '../../domain/webhooks.ts';
import type { Handler } from '../handler.ts';

export const TestWebhook: Handler<'TestWebhook'> = async (deps, scope, request) => {
  const { id } = await requireWebhook(deps, scope, request.WebhookId);
  return { Data: { EventId: (await queueTest(deps, id)) ?? fail('webhook.notFound') } };
};
