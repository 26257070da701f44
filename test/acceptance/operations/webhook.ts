import { type Operation, textAt, type Via, type World } from './operation.ts';

const own = (world: World, via: Via) => ({ WebhookId: world[via]['webhook'] });
const unknown = { refused: () => ({ WebhookId: 'nothing' }), code: 'iot.webhook.NotFound' };

/** Nothing is listening at the address, and nothing has to. */
const url = 'https://hooks.example.com/ota';

export const webhookOperations: readonly Operation[] = [
  {
    action: 'CreateWebhook',
    good: () => ({ Url: url, Types: ['ota.task.*'] }),
    keep: (answer) => ({ webhook: textAt(answer, 'Data', 'WebhookId') }),
    refused: () => ({ Url: 'ftp://hooks.example.com' }),
    code: 'iot.webhook.InvalidUrl',
  },
  {
    action: 'TestWebhook',
    good: own,
    keep: (answer) => ({ testEvent: textAt(answer, 'Data', 'EventId') }),
    ...unknown,
  },
  {
    action: 'UpdateWebhook',
    good: (world, via) => ({ ...own(world, via), Enabled: false, Types: ['*'] }),
    refused: (world) => ({ ...own(world, 'v3'), Types: ['nothing'] }),
    code: 'iot.webhook.InvalidTypes',
  },
  {
    action: 'RotateWebhookSecret',
    good: own,
    refused: (world) => ({ ...own(world, 'v3'), OldSecretHours: 721 }),
    code: 'iot.common.InvalidFormattedParameter',
  },
  {
    action: 'ListWebhooks',
    good: () => ({}),
    same: true,
    refused: () => ({ IotInstanceId: 'iot-nothing' }),
    code: 'iot.Sre.IotInstanceNotFound',
  },
  {
    action: 'ListWebhookDeliveries',
    good: own,
    refused: (world) => ({ ...own(world, 'v3'), State: 'LOST' }),
    code: 'iot.common.InvalidFormattedParameter',
  },
  {
    action: 'ReplayWebhookDeliveries',
    good: (world, via) => ({ ...own(world, via), EventIds: [world[via]['testEvent']] }),
    refused: (world) => ({ ...own(world, 'v3'), EventIds: ['nothing'] }),
    code: 'iot.webhook.EventNotFound',
  },
  { action: 'DeleteWebhook', good: own, ...unknown },
];
