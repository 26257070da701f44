import { fail } from '../../domain/failure.ts';
import { removeWebhook, requireWebhook } from '../../domain/webhooks.ts';
import type { Handler } from '../handler.ts';

export const DeleteWebhook: Handler<'DeleteWebhook'> = async (deps, scope, request) => {
  const { id } = await requireWebhook(deps, scope, request.WebhookId);
  return (await removeWebhook(deps, id)) ? {} : fail('webhook.notFound');
};
