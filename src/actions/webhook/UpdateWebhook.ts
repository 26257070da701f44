import { fail } from '../../domain/failure.ts';
import { changeWebhook, requireWebhook } from '../../domain/webhooks.ts';
import type { Handler } from '../handler.ts';

export const UpdateWebhook: Handler<'UpdateWebhook'> = async (deps, scope, request) => {
  const { id } = await requireWebhook(deps, scope, request.WebhookId);
  const changed = await changeWebhook(deps, id, {
    url: request.Url,
    types: request.Types,
    products: request.AllProducts ? [] : request.ProductKeys,
    description: request.Description,
    enabled: request.Enabled,
  });
  return changed ? {} : fail('webhook.notFound');
};
