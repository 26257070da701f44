import { fail } from '../../domain/failure.ts';
import { OLD_SECRET_MS, requireWebhook, rotateWebhook } from '../../domain/webhooks.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const RotateWebhookSecret: Handler<'RotateWebhookSecret'> = async (deps, scope, request) => {
  const { id } = await requireWebhook(deps, scope, request.WebhookId);
  const hours = request.OldSecretHours;
  const rotated = await rotateWebhook(deps, id, hours === undefined ? OLD_SECRET_MS : hours * 3_600_000);
  if (!rotated) fail('webhook.notFound');
  return { Data: { Secret: rotated.secret, OldSecretUntil: utcText(rotated.oldSecretUntil) } };
};
