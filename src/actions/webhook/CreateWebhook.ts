import { addWebhook } from '../../domain/webhooks.ts';
import type { Handler } from '../handler.ts';

export const CreateWebhook: Handler<'CreateWebhook'> = async (deps, scope, request) => {
  const { webhookId, secret } = await addWebhook(deps, scope, {
    url: request.Url,
    types: request.Types ?? ['*'],
    products: request.ProductKeys ?? [],
    description: request.Description ?? '',
  });
  return { Data: { WebhookId: webhookId, Secret: secret } };
};
