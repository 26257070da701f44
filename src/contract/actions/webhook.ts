import { action } from '../action.ts';
import { bool, int, list, long, object, required, text, wrapped } from '../schema.ts';
import { instance } from './parts.ts';

const id = { WebhookId: required(text('ID of the webhook.')) };
const manages = { family: 'webhook', extension: true, service: 'otaru' } as const;

const settings = {
  Types: list(text('A type of events, a family of them such as `ota.task.*`, or `*` for all.'), 100, 'What is sent.'),
  ProductKeys: list(text('ProductKey.'), 100, 'Only events of these products.'),
  Description: text('For people, at most 100 characters.'),
};
const settingsErrors = [
  'webhook.invalidUrl',
  'webhook.invalidTypes',
  'webhook.longDescription',
  'product.notFound',
] as const;

const webhook = {
  WebhookId: required(text('ID.')),
  Url: required(text('Where to.')),
  Description: required(text('For people.')),
  Types: required(wrapped('Type', text('What is sent.'))),
  ProductKeys: required(wrapped('ProductKey', text('Only events of these products; none means all.'))),
  Status: required(text('`ON` or `OFF`.')),
  OffReason: text('Why it is off.'),
  FailingSince: text('UTC time since which every attempt has failed.'),
  OldSecretUntil: text('UTC time until which the secret before the present one signs, too.'),
  Waiting: required(int('Events that are still to be sent, counted up to 1,000.')),
  Dead: required(int('Events that were given up after the last attempt, counted up to 1,000.')),
  CreateTime: required(text('Time of creation, UTC.')),
  ModifiedTime: required(text('Time of the last change, UTC.')),
};

const delivery = {
  EventId: required(text('ID of the event; `webhook-id` of the request is `msg_` and this.')),
  Type: required(text('Type of the event.')),
  Topic: required(text('Topic of the event.')),
  EventTime: required(text('When it happened, UTC.')),
  State: required(text('`WAITING`, `DELIVERED` or `DEAD`.')),
  Attempts: required(int('Attempts begun.')),
  NextTime: text('When it is sent next, UTC; absent unless it waits.'),
  ModifiedTime: required(text('When that was noted, UTC.')),
  Note: required(text('What came of the last attempt.')),
};

/** Endpoints that events are sent to; the vendor has them in its console only, and in another form. */
export const webhookActions = [
  action({
    ...manages,
    name: 'ListWebhooks',
    summary: 'Lists the webhooks of the instance, the oldest first, without their secrets.',
    qps: 10,
    changes: false,
    request: { ...instance },
    response: { Data: required(wrapped('Webhook', object(webhook))) },
    errors: [],
  }),
  action({
    ...manages,
    name: 'CreateWebhook',
    summary: 'Sends events to a URL from now on. The secret that signs them is shown only here.',
    qps: 5,
    // the URL may be a key to what it leads to
    changes: ['Types', 'ProductKeys'],
    request: {
      Url: required(text('Where to: `https://…` or `http://…`, at most 2,000 characters. A public address.')),
      ...settings,
      ...instance,
    },
    response: {
      Data: required(
        object({
          WebhookId: required(text('ID of the webhook.')),
          Secret: required(text('`whsec_…`, as receivers are given it.')),
        }),
      ),
    },
    errors: [...settingsErrors, 'webhook.countExceeded'],
  }),
  action({
    ...manages,
    name: 'UpdateWebhook',
    summary: 'Changes a webhook: what is sent and where to, and whether. What is left out stays.',
    qps: 5,
    changes: ['WebhookId', 'Types', 'ProductKeys', 'AllProducts', 'Enabled'],
    request: {
      ...id,
      Url: text('Where to, as of CreateWebhook. What waits is sent there, too.'),
      ...settings,
      AllProducts: bool('Whether events of all products are sent; ProductKeys then does not count.'),
      Enabled: bool(
        'Switches it on, and what waited is sent; or off, and events that happen meanwhile are not kept for it.',
      ),
      ...instance,
    },
    response: {},
    errors: ['webhook.notFound', ...settingsErrors],
  }),
  action({
    ...manages,
    name: 'RotateWebhookSecret',
    summary: 'Gives a webhook a new secret, shown only here. The one before signs, too, for a while.',
    qps: 5,
    changes: ['WebhookId'],
    request: {
      ...id,
      OldSecretHours: int('How long the old secret signs, 0-720 hours; 24 if left out.'),
      ...instance,
    },
    response: {
      Data: required(
        object({
          Secret: required(text('`whsec_…`, as receivers are given it.')),
          OldSecretUntil: required(text('UTC time until which the old secret signs.')),
        }),
      ),
    },
    errors: ['webhook.notFound', 'common.invalidParameter'],
  }),
  action({
    ...manages,
    name: 'DeleteWebhook',
    summary: 'Forgets a webhook with all that it has still to be told.',
    qps: 5,
    changes: ['WebhookId'],
    request: { ...id, ...instance },
    response: {},
    errors: ['webhook.notFound'],
  }),
  action({
    ...manages,
    name: 'TestWebhook',
    summary: 'Sends an event of type `webhook.test`, as any other; ListWebhookDeliveries shows what came of it.',
    qps: 5,
    changes: ['WebhookId'],
    request: { ...id, ...instance },
    response: { Data: required(object({ EventId: required(text('ID of the event.')) })) },
    errors: ['webhook.notFound', 'webhook.off'],
  }),
  action({
    ...manages,
    name: 'ListWebhookDeliveries',
    summary: 'Lists what a webhook was sent, is to be sent, and could not be sent.',
    qps: 10,
    changes: false,
    request: {
      ...id,
      State: text(
        'Only those: `WAITING`, the next to be sent first; `DELIVERED` or `DEAD`, the latest first. All if left out, the newest events first.',
      ),
      PageSize: int('Rows on a page, at most 100; 20 if left out.'),
      NextToken: text('NextToken of the page before, with the same State.'),
      ...instance,
    },
    response: {
      Data: required(wrapped('Delivery', object(delivery))),
      NextToken: required(text('Leads to the next page; empty on the last one.')),
    },
    errors: ['webhook.notFound', 'common.invalidPage', 'common.invalidParameter', 'common.illegalPageToken'],
  }),
  action({
    ...manages,
    name: 'ReplayWebhookDeliveries',
    summary:
      'Sends again, from the first attempt on: certain events, or what was given up. At most about 5,000 at a time.',
    qps: 2,
    changes: ['WebhookId', 'EventIds', 'Delivered', 'Since', 'Before'],
    request: {
      ...id,
      EventIds: list(text('ID of an event.'), 100, 'Only these, whatever came of them.'),
      Delivered: bool('Whether to send again also what was delivered and is still in the log.'),
      Since: long('Only what ended at this time, in milliseconds since 1970, or later; from the first on if left out.'),
      Before: long(
        'Only what ended before this time, in milliseconds since 1970; now if left out. To go on after a call that left some, its `Before`.',
      ),
      ...instance,
    },
    response: {
      Data: required(
        object({
          Replayed: required(int('How many are sent again.')),
          HasMore: required(bool('Whether there may be more that the call did not get to.')),
          Before: required(long('Echo, or the time of the call, whichever is earlier.')),
        }),
      ),
    },
    errors: ['webhook.notFound', 'webhook.eventNotFound', 'common.invalidParameter'],
  }),
] as const;
