import { emit } from '../../src/domain/events.ts';
import { claimAttempts, settleAttempt } from '../../src/domain/webhook-attempts.ts';
import { jobUpdatedEvent } from '../../src/wire/event-messages.ts';
import { member, type Story, teller } from './story.ts';

/** Endpoints that events are sent to, and what came of it. */
export const tellOfWebhooks: Story = async (world, kept) => {
  const call = teller(world, kept);
  const { stranger, powerless } = world.keys;
  const productKey = member(await world.call('CreateProduct', { ProductName: 'heard', NodeType: '0' }), 'ProductKey');

  await call('none', 'ListWebhooks', {});
  const filter = { 'Types.1': 'ota.task.*', 'Types.2': 'ota.job.updated', 'ProductKeys.1': productKey };
  const url = 'https://hooks.example.com/ota?a=1&b=<2>';
  const made = await call('with a filter', 'CreateWebhook', { Url: url, ...filter, Description: '运维 <ops>' });
  const id = { WebhookId: member(made, 'WebhookId') };
  const all = await call('of everything', 'CreateWebhook', { Url: 'http://hooks.example.com' });
  const other = { WebhookId: member(all, 'WebhookId') };
  await call('without a URL', 'CreateWebhook', {});
  await call('by a user without rights', 'CreateWebhook', { Url: url }, { as: powerless });

  await call('to another address, of all products', 'UpdateWebhook', {
    ...id,
    Url: 'https://hooks.example.com/two',
    AllProducts: 'true',
    Description: '',
  });
  await call('switched off', 'UpdateWebhook', { ...other, Enabled: 'false' });
  await call('with a new secret', 'RotateWebhookSecret', { ...id, OldSecretHours: '48' });
  await call('with a new secret and for the usual time', 'RotateWebhookSecret', other);
  await call('those there are', 'ListWebhooks', {});
  await call("another account's", 'ListWebhooks', {}, { as: stranger });
  await call('by a user without rights', 'ListWebhooks', {}, { as: powerless });

  for (const jobId of ['job1', 'job2', 'job3']) {
    const job = { productKey, firmwareId: 'f1', jobId, module: 'default' };
    const event = jobUpdatedEvent(job, 'COMPLETED', world.clock.now());
    await world.engine.transaction((tx) => emit(tx, world.deps, [event]));
  }
  await world.clock.advance(1_000);
  const test = await call('one that is on', 'TestWebhook', id);
  await call('one that is off', 'TestWebhook', other);
  const answers = [204, 500, undefined];
  const claimed = await claimAttempts(world.deps, id.WebhookId, answers.length);
  for (const [index, { claim }] of (claimed?.messages ?? []).entries()) {
    const status = answers[index];
    // the last attempt, after which it is given up
    const last = { ...claim, attempts: status === 500 ? 10 : claim.attempts };
    const answered = status === undefined ? undefined : { status, retryAfterMs: undefined };
    const result = answered ? ({ kind: 'answered', ...answered } as const) : ({ kind: 'stopped' } as const);
    await settleAttempt(world.deps, id.WebhookId, last, result);
  }

  await call('newest first', 'ListWebhookDeliveries', id);
  const first = await call('a page', 'ListWebhookDeliveries', { ...id, PageSize: '1', State: 'WAITING' });
  const next = { ...id, PageSize: '1', State: 'WAITING', NextToken: member(first, 'NextToken') };
  await call('the page after it', 'ListWebhookDeliveries', next);
  await call('what was given up', 'ListWebhookDeliveries', { ...id, State: 'DEAD' });
  await call('what was delivered', 'ListWebhookDeliveries', { ...id, State: 'DELIVERED' });
  await call('one that was sent nothing', 'ListWebhookDeliveries', other);
  await call('a page that is too large', 'ListWebhookDeliveries', { ...id, PageSize: '101' });
  await call('a state that is none', 'ListWebhookDeliveries', { ...id, State: 'LOST' });
  await call('a token of another list', 'ListWebhookDeliveries', { ...next, State: 'DEAD' });

  await world.clock.advance(1_000);
  await call('what was given up', 'ReplayWebhookDeliveries', id);
  await call('what was delivered, too', 'ReplayWebhookDeliveries', { ...id, Delivered: 'true' });
  await call('what ended before anything did', 'ReplayWebhookDeliveries', { ...id, Delivered: 'true', Before: '0' });
  const now = world.clock.now();
  await call('what ended in a range of time', 'ReplayWebhookDeliveries', {
    ...id,
    Delivered: 'true',
    Since: String(now - 3_600_000),
    Before: String(now),
  });
  await call('a range that ends before it begins', 'ReplayWebhookDeliveries', {
    ...id,
    Since: String(now),
    Before: String(now - 1),
  });
  const event = { 'EventIds.1': member(test, 'EventId') };
  await call('one event', 'ReplayWebhookDeliveries', { ...id, ...event });
  await call('an event of another webhook', 'ReplayWebhookDeliveries', { ...other, ...event });

  await call('one that is there', 'DeleteWebhook', other);
  await call('the same again', 'DeleteWebhook', other);
  for (const action of [
    'UpdateWebhook',
    'RotateWebhookSecret',
    'TestWebhook',
    'ListWebhookDeliveries',
    'ReplayWebhookDeliveries',
    'DeleteWebhook',
  ]) {
    await call("another account's", action, id, { as: stranger });
  }
};
