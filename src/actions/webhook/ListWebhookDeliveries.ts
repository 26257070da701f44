import { fail } from '../../domain/failure.ts';
import { page } from '../../domain/paging.ts';
import { pageOfDeliveries } from '../../domain/webhook-log.ts';
import { requireWebhook } from '../../domain/webhooks.ts';
import type { Handler } from '../handler.ts';
import { deliveryMembers, deliveryStates } from './members.ts';

export const ListWebhookDeliveries: Handler<'ListWebhookDeliveries'> = async (deps, scope, request) => {
  const { id } = await requireWebhook(deps, scope, request.WebhookId);
  const { size } = page(1, request.PageSize ?? 20, { maxSize: 100 });
  const state = request.State === undefined ? undefined : stateOf(request.State);
  const found = await pageOfDeliveries(deps, id, { state, size, token: request.NextToken });
  if (!found) fail('webhook.notFound');
  return { Data: { Delivery: found.deliveries.map(deliveryMembers) }, NextToken: found.nextToken };
};

function stateOf(name: string): keyof typeof deliveryStates {
  const states = Object.keys(deliveryStates) as (keyof typeof deliveryStates)[];
  return (
    states.find((state) => deliveryStates[state] === name) ?? fail('common.invalidParameter', { Parameter: 'State' })
  );
}
