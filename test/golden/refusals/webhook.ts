import { member } from '../story.ts';
import { listOf, newProduct, type Refuser, UNKNOWN_PRODUCT } from './refuser.ts';

export async function refusalsOfWebhooks(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const url = { Url: 'https://hooks.example.com/ota' };
  const made = await world.call('CreateWebhook', url);
  const own = { WebhookId: member(made, 'WebhookId') };
  const productKey = await newProduct(refuser);

  for (const [action, right] of [
    ['CreateWebhook', url],
    ['UpdateWebhook', own],
  ] as const) {
    await refuse('a URL of another scheme', action, { ...right, Url: 'ftp://hooks.example.com' });
    await refuse('a URL with a password', action, { ...right, Url: 'https://u:p@hooks.example.com' });
    await refuse('a URL that is too long', action, { ...right, Url: `https://hooks.example.com/${'x'.repeat(2_000)}` });
    await refuse('no URL at all', action, { ...right, Url: '' });
    await refuse('a type that is none', action, { ...right, 'Types.1': '*', 'Types.2': 'ota.tasks' });
    await refuse('a long description', action, { ...right, Description: 'x'.repeat(101) });
    await refuse('an unknown product', action, {
      ...right,
      'ProductKeys.1': productKey,
      'ProductKeys.2': UNKNOWN_PRODUCT,
    });
    await refuse('a malformed product', action, { ...right, 'ProductKeys.1': '' });
    await refuse('too many types', action, { ...right, ...listOf('Types', 101, () => '*') });
  }
  for (const action of [
    'UpdateWebhook',
    'RotateWebhookSecret',
    'TestWebhook',
    'ListWebhookDeliveries',
    'ReplayWebhookDeliveries',
    'DeleteWebhook',
  ]) {
    await refuse('an unknown one', action, { WebhookId: 'nothing' });
    await refuse('a malformed one', action, { WebhookId: 'two words' });
    await refuse('none', action, {});
  }
  for (const OldSecretHours of ['-1', '721']) {
    await refuse('a time that is none', 'RotateWebhookSecret', { ...own, OldSecretHours });
  }
  await refuse('a token that is none', 'ListWebhookDeliveries', { ...own, NextToken: 'bm90aGluZw' });
  await refuse('a page without rows', 'ListWebhookDeliveries', { ...own, PageSize: '0' });
  await refuse('an unknown event', 'ReplayWebhookDeliveries', { ...own, 'EventIds.1': 'nothing' });
  await refuse('a malformed event', 'ReplayWebhookDeliveries', { ...own, 'EventIds.1': 'two words' });
  for (let count = 1; count < 50; count += 1) await world.call('CreateWebhook', url);
  await refuse('one too many', 'CreateWebhook', url);
}
