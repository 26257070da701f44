import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Otaru, rootKey, startOtaru } from '../acceptance/support/otaru.ts';
import { missing, type OpenBrowser, openBrowser } from '../support/browser.ts';
import { callAsPage, overhang, seriousFaults, settled, shownSoon, signIn, visit } from './support/console.ts';

/** What was sent, and the status with which the next one is answered. */
interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly got: { readonly headers: Record<string, string>; readonly body: string }[];
  status: number;
}

async function startReceiver(): Promise<Receiver> {
  const got: Receiver['got'] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    got.push({ headers: request.headers as Record<string, string>, body });
    response.writeHead(receiver.status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ota`,
    got,
    status: 204,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

describe.skipIf(missing)(`events and settings in the console (${missing ?? 'Chromium'})`, () => {
  let otaru: Otaru;
  let browser: OpenBrowser;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    [otaru, browser] = await Promise.all([startOtaru({ OTARU_WEBHOOK_ALLOW: '127.0.0.1' }), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await otaru?.[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
  });

  it('makes a webhook, shows what it was answered, and replays', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await page.clock.install();
    await signIn(page, otaru);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Forwarding' }).click();
    await page.getByText('No webhooks yet').waitFor();
    await page.getByRole('row', { name: 'DEFAULT_GROUP DEFAULT_GROUP 0 0 Never' }).waitFor();
    await page.getByRole('button', { name: 'Create a webhook' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill('ftp://127.0.0.1/');
    await dialog.getByRole('button', { name: 'Create a webhook' }).click();
    const wrong = page.locator('[aria-invalid=true]:focus');
    await dialog.getByLabel('Address').and(wrong).waitFor();
    await dialog.getByText('it must begin with https://').waitFor();
    await dialog.getByLabel('Address').fill(receiver.url);
    await dialog.getByLabel('Description').fill('Ticket system');
    await dialog.getByLabel('Chosen events').check();
    await dialog.getByLabel('All ota.task.*').check();
    expect(await dialog.getByLabel('ota.task.failed').isDisabled()).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create a webhook' }).click();
    const shown = page.getByRole('dialog', { name: 'Secret of the webhook' });
    const secret = await shown.locator('code').innerText();
    await shown.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('heading', { name: 'Ticket system' }).waitFor();
    await page.getByText('ota.task.*').waitFor();

    // it sends a test event by itself
    const deliveries = page.getByRole('region', { name: 'Deliveries' });
    await shownSoon(page, deliveries.getByRole('row', { name: 'webhook.test' }).getByText('Delivered'));
    await deliveries.getByText('answered 204').waitFor();
    const [sent] = receiver.got;
    expect(new Webhook(secret).verify(sent?.body ?? '', sent?.headers ?? {})).toMatchObject({ type: 'webhook.test' });

    const WebhookId = /\/events\/(\w+)/.exec(page.url())?.[1] ?? '';
    // the receiver has an event before the server has noted the answer, and what still waits is not replayed
    const noted = () =>
      expect
        .poll(
          async () => {
            const { answer } = await callAsPage(page, 'ListWebhookDeliveries', { WebhookId, State: 'DELIVERED' });
            return (answer as { readonly Data?: { readonly Delivery: readonly unknown[] } }).Data?.Delivery.length;
          },
          { interval: 300 },
        )
        .toBe(1);
    await deliveries.getByRole('button', { name: 'Replay' }).click();
    await expect.poll(() => receiver.got.length).toBe(2);
    await noted();
    expect(receiver.got[1]?.headers['webhook-id']).toBe(sent?.headers['webhook-id']);
    await shownSoon(page, deliveries.getByText('Delivered'));
    await deliveries.getByLabel('Select all rows shown').check();
    await page.getByRole('button', { name: 'Replay selected (1)' }).click();
    await expect.poll(() => receiver.got.length).toBe(3);
    await noted();

    receiver.status = 500;
    await shownSoon(page, deliveries.getByText('Delivered'));
    await page.getByRole('button', { name: 'Replay failures…' }).click();
    const replaying = page.getByRole('dialog');
    await replaying.getByLabel('Only what ended from this time on').fill('2030-01-01T08:00');
    await replaying.getByLabel('Only what ended before').fill('2030-01-01T08:00');
    await replaying.getByRole('button', { name: 'Replay' }).click();
    await replaying.getByText('It is not after the time from which on.').waitFor();
    await replaying.getByLabel('Only what ended from this time on').fill('2020-01-01T08:00');
    await page.getByLabel('Also what was delivered').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
    await page.getByText('Sent again: 1', { exact: true }).last().waitFor();
    await page.getByLabel('State').selectOption('Waiting');
    await shownSoon(page, deliveries.getByText('500'));
    expect(page.url()).toContain('state=WAITING');
    await settled(page);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('A test event is on its way').waitFor();

    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('button', { name: 'Switch on' }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No webhooks yet').waitFor();

    // what the settings of the server forbid is told at once, and not with the first event
    await page.getByRole('button', { name: 'Create a webhook' }).first().click();
    await dialog.getByLabel('Address').fill('http://10.1.2.3/ota');
    await dialog.getByRole('button', { name: 'Create a webhook' }).click();
    await shown.getByRole('button', { name: 'I have kept it' }).click();
    await shownSoon(
      page,
      page.getByText('the address 10.1.2.3 is not public and OTARU_WEBHOOK_ALLOW does not name it'),
    );
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No webhooks yet').waitFor();
  });

  it('makes a user with rights and a key, who may do no more than that, and the audit tells of it', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await signIn(page, otaru);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click();
    await page.getByText('No users yet').waitFor();
    await page.getByRole('button', { name: 'Create a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill('night-shift');
    await dialog.getByLabel('Read only').check();
    await dialog.getByLabel('Own policy').check();
    await dialog.getByRole('textbox', { name: 'Policy document' }).fill('{');
    await dialog.getByText('This is not JSON.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Create a user' }).isDisabled()).toBe(true);
    await dialog.getByLabel('May roll out').check();
    // too long is said, and not cut off
    await dialog.getByLabel('Password').fill('x'.repeat(129));
    await dialog.getByRole('button', { name: 'Create a user' }).click();
    await dialog.getByText('It has to have 10–128 characters.').waitFor();
    await dialog.getByLabel('Password').fill('short');
    await dialog.getByRole('button', { name: 'Create a user' }).click();
    await dialog.getByLabel('Password').and(page.locator('[aria-invalid=true]:focus')).waitFor();
    await dialog.getByLabel('Password').fill('long enough for the night');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create a user' }).click();
    const users = page.getByRole('region', { name: 'Users' });
    await users.getByRole('row', { name: 'night-shift' }).getByText('May roll out').waitFor();

    const keys = page.getByRole('region', { name: 'AccessKeys' });
    await keys.getByRole('row', { name: rootKey.accessKeyId }).getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('It is the last active key of the account itself. If the account has no password').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Create an AccessKey' }).click();
    await dialog.getByLabel('Whose').selectOption('night-shift');
    await dialog.getByRole('button', { name: 'Create an AccessKey' }).click();
    const shown = page.getByRole('dialog', { name: 'Secret of the AccessKey' });
    await shown.waitFor();
    const [accessKeyId = '', accessKeySecret = ''] = await shown.locator('code').allInnerTexts();
    await shown.getByRole('button', { name: 'I have kept it' }).click();
    const row = keys.getByRole('row', { name: accessKeyId });
    // whole words: the buttons Disable and Delete beside each other hold them, too
    await row.getByText('Enabled', { exact: true }).waitFor();

    await using other = await browser.visitor({ locale: 'en-US' });
    const theirs = await other.newPage();
    await signIn(theirs, otaru, { accessKeyId, accessKeySecret });
    await visit(theirs, '/settings');
    const tabs = theirs.getByRole('navigation', { name: 'Parts of the settings' });
    await tabs.waitFor();
    expect(await tabs.getByRole('link').allInnerTexts()).toEqual(['Quotas']);
    await theirs.getByRole('row', { name: 'Products' }).getByText('0 / ').waitFor();
    expect(await seriousFaults(theirs)).toEqual([]);

    await row.getByRole('button', { name: 'Disable' }).click();
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await row.getByText('Disabled', { exact: true }).waitFor();
    await theirs.reload();
    await theirs.getByRole('heading', { name: 'Sign in to Otaru' }).waitFor();

    await page.getByRole('link', { name: 'Audit' }).click();
    const operation = page.getByLabel('Operation', { exact: true });
    await operation.and(page.locator('[list]')).fill('CreateUser');
    await page.locator('datalist option[value=CreateUser]').waitFor({ state: 'attached' });
    expect(await page.locator('datalist option[value=ListUsers]').count()).toBe(0);
    await page.getByLabel('Result').selectOption('Succeeded');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('button', { name: 'Find' }).and(page.locator(':focus')).waitFor();
    const records = page.getByRole('region', { name: 'Audit' });
    await records.getByRole('row', { name: 'CreateUser' }).getByText('Succeeded').waitFor();
    expect(page.url()).toContain('action=CreateUser');
    // those that were refused go when the answer has come
    await records.getByRole('row', { name: 'Failed' }).first().waitFor({ state: 'detached' });
    await records.getByRole('button', { name: 'Details of CreateUser' }).click();
    await dialog.getByText('night-shift').waitFor();
    await dialog.getByText('RequestId').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('offers a user no key of the account itself', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await signIn(page, otaru);
    const statement = { Effect: 'Allow', Action: ['otaru:*AccessKey*'], Resource: '*' };
    const Policy = JSON.stringify({ Version: '1', Statement: [statement] });
    const { answer: user } = await callAsPage(page, 'CreateUser', { UserName: 'key-keeper', Policy });
    const { answer: key } = await callAsPage(page, 'CreateAccessKey', { UserId: String(user['UserId']) });
    const accessKeyId = String(key['AccessKeyId']);
    await using other = await browser.visitor({ locale: 'en-US' });
    const theirs = await other.newPage();
    await signIn(theirs, otaru, { accessKeyId, accessKeySecret: String(key['AccessKeySecret']) });
    await visit(theirs, '/settings/users');
    const row = (id: string) => theirs.getByRole('region', { name: 'AccessKeys' }).getByRole('row', { name: id });
    await row(accessKeyId).getByRole('button', { name: 'Disable' }).waitFor();
    expect(await row(rootKey.accessKeyId).getByRole('button', { name: 'Disable' }).count()).toBe(0);
    await theirs.getByRole('button', { name: 'Create an AccessKey' }).click();
    expect(await theirs.getByLabel('Whose').getByRole('option').allInnerTexts()).toEqual(['key-keeper']);
  });

  it('lets one change the own password, and tells in Chinese what the server refuses; a disabled user is out', async () => {
    await using admin = await browser.visitor({ locale: 'en-US' });
    const page = await admin.newPage();
    await signIn(page, otaru);
    const [former, wanted] = ['long enough for the day', 'another one for the day'];
    await callAsPage(page, 'CreateUser', { UserName: 'day-shift', Password: former });

    await using visitor = await browser.visitor({ locale: 'zh-CN' });
    const theirs = await visitor.newPage();
    const enter = async (password: string) => {
      await theirs.goto(`${otaru.http}/console/`);
      await theirs.locator('input[name=way]').last().check({ force: true });
      await theirs.locator('input[autocomplete=username]').fill('day-shift');
      await theirs.locator('input[type=password]').fill(password);
      await theirs.locator('button[type=submit]').click();
    };
    await enter(former);
    await theirs.getByRole('button', { name: '账号：day-shift' }).click();
    expect(await seriousFaults(theirs)).toEqual([]);
    await theirs.keyboard.press('Escape');
    await theirs.getByRole('button', { name: '账号：day-shift' }).and(theirs.locator(':focus')).click();
    await theirs.getByRole('button', { name: '修改密码' }).click();
    const dialog = theirs.getByRole('dialog', { name: '修改密码' });
    const change = dialog.getByRole('button', { name: '修改密码' });
    await dialog.getByLabel('当前密码').fill('not the one of the day');
    await dialog.getByLabel('新密码', { exact: true }).fill(wanted);
    await dialog.getByLabel('确认新密码').fill(former);
    await change.click();
    await dialog.getByText('两次输入的密码不一致。').waitFor();
    await dialog.getByLabel('确认新密码').fill(wanted);
    await change.click();
    await dialog.getByRole('alert').getByText('当前密码不正确。').waitFor();
    expect(await seriousFaults(theirs)).toEqual([]);
    await dialog.getByLabel('当前密码').fill(former);
    await change.click();
    await theirs.getByText('密码已修改。').waitFor();
    await theirs.reload();
    await theirs.getByRole('button', { name: '账号：day-shift' }).waitFor();

    await visit(page, '/settings/users');
    const row = page.getByRole('region', { name: 'Users' }).getByRole('row', { name: 'day-shift' });
    await row.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await row.getByText('Disabled', { exact: true }).waitFor();
    // who returns to a tab hears of it without doing anything
    await theirs.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await theirs.getByText('会话已结束，请重新登录。').waitFor();
    // a server that is too busy at that moment is asked again
    await theirs.route('**/console/session', (route) => route.fulfill({ status: 503, json: {} }), { times: 1 });
    await theirs.reload();
    await theirs.getByRole('heading', { name: '登录 Otaru' }).waitFor();
    await enter(wanted);
    await theirs.getByRole('alert').getByText('用户已被禁用').waitFor();
    await row.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
    await row.getByText('Enabled', { exact: true }).waitFor();
  });

  it('has no serious fault that axe finds in dark and in Chinese, nor scrolls sideways at 360 px', async () => {
    await using visitor = await browser.visitor({
      locale: 'zh-CN',
      colorScheme: 'dark',
      viewport: { width: 360, height: 740 },
    });
    const page = await visitor.newPage();
    await signIn(page, otaru);
    for (const address of ['/events', '/settings/users', '/settings/quotas', '/settings/audit']) {
      await visit(page, address);
      await checkPage(page, address);
    }
  });
});

async function checkPage(page: Page, address: string): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await settled(page);
  expect(await seriousFaults(page), address).toEqual([]);
  expect(await overhang(page), address).toBe(0);
}
