import { overviewOfWebhooks } from '../../domain/webhook-log.ts';
import type { Handler } from '../handler.ts';
import { webhookMembers } from './members.ts';

/** The contract says so; an endpoint may have millions waiting. */
const MOST_COUNTED = 1_000;

export const ListWebhooks: Handler<'ListWebhooks'> = async (deps, { instanceId }) => {
  const webhooks = await overviewOfWebhooks(deps, { instanceId, most: MOST_COUNTED });
  return { Data: { Webhook: webhooks.map((row) => webhookMembers(row, deps.clock.now())) } };
};
