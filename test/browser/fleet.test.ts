import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Otaru, startOtaru } from '../acceptance/support/otaru.ts';
import { missing, type OpenBrowser, openBrowser } from '../support/browser.ts';
import { overhang, seriousFaults, shownSoon, signIn } from './support/console.ts';

const PATIENCE_MS = 180_000;

describe.skipIf(missing)(`products, devices and groups in the console (${missing ?? 'Chromium'})`, () => {
  let otaru: Otaru;
  let browser: OpenBrowser;
  let key: { readonly accessKeyId: string; readonly accessKeySecret: string };
  let accountId: string;
  let device: MqttClient | undefined;

  beforeAll(async () => {
    [otaru, browser] = await Promise.all([startOtaru(), openBrowser()]);
    const account = await otaru.command('key', 'account', 'create', '--name', 'fleet');
    const { accountId: id = '', accessKeyId = '', accessKeySecret = '' } = account;
    accountId = id;
    key = { accessKeyId, accessKeySecret };
  });
  afterAll(async () => {
    device?.end(true);
    await browser?.[Symbol.asyncDispose]();
    await otaru?.[Symbol.asyncDispose]();
  });

  const shown = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
  const place = (page: Page, name: string) =>
    page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

  /** What the browser saves when `press` is done. */
  async function saved(page: Page, press: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    return readFileSync(await download.path(), 'utf8');
  }

  it('from a server without products to devices that are registered, found, connected, gathered and deleted', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using visitor = await browser.visitor({ locale: 'en' });
    const page = await visitor.newPage();
    await page.clock.install();
    await signIn(page, otaru, key);

    // a product
    await place(page, 'Products').click();
    await page.getByText('There are no products yet.').waitFor();
    await button(page, 'Create product').first().click();
    await field(page, 'Name').fill('x');
    await page.getByRole('dialog').getByRole('button', { name: 'Create product' }).click();
    await page.getByText('Too short.').waitFor();
    await field(page, 'Name').and(page.locator(':focus')).waitFor();
    await field(page, 'Name').fill('Street lamp');
    await page.getByText('Not allowed: blanks').waitFor();
    await field(page, 'Name').fill('Street_lamp');
    await page.getByRole('dialog').getByRole('button', { name: 'Create product' }).click();
    await shown(page, 'Street_lamp');
    const productKey = page.url().split('/').at(-1) ?? '';
    expect(productKey).toMatch(/^\w{11}$/);
    await place(page, 'Products').click();
    await button(page, 'Create product').click();
    await field(page, 'Name').fill('Street_lamp');
    await page.getByRole('dialog').getByRole('button', { name: 'Create product' }).click();
    await page.getByRole('dialog').getByText('already exists').waitFor();
    await field(page, 'Name').and(page.locator('[aria-invalid=true]:focus')).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Street_lamp' }).click();
    await shown(page, 'Street_lamp');
    await button(page, 'Add module').click();
    await field(page, 'Module name').fill('radio');
    await page.getByRole('dialog').getByRole('button', { name: 'Add module' }).click();
    await row(page, 'radio').waitFor();
    await button(page, 'Add module').click();
    await field(page, 'Module name').fill('radio');
    await page.getByRole('dialog').getByRole('button', { name: 'Add module' }).click();
    await field(page, 'Module name').and(page.locator('[aria-invalid=true]:focus')).waitFor();
    await page.keyboard.press('Escape');

    // one device, which connects with what its page shows
    await page.getByRole('link', { name: 'Register devices' }).click();
    await field(page, 'DeviceName').fill('lamp-0001');
    await button(page, 'Register').click();
    await shown(page, 'lamp-0001');
    await button(page, 'Show the program and the credentials').click();
    await page.getByRole('radio', { name: 'mosquitto_pub' }).check();
    const program = await page.locator('pre').first().innerText();
    expect(program).toContain(`-p ${new URL(otaru.mqtt).port} `);
    // a browser that does not let the page copy is not taken for one that does
    await page.evaluate(
      'navigator.clipboard.writeText = () => Promise.reject(new Error()); document.execCommand = () => false',
    );
    await button(page, 'Copy').first().click();
    await page.getByRole('alert').getByText('Select the text and copy it by hand.').waitFor();
    const option = (letter: string) => new RegExp(`-${letter} '([^']*)'`).exec(program)?.[1] ?? '';
    const connect = () =>
      mqtt.connect(otaru.mqtt, {
        clientId: option('i'),
        username: option('u'),
        password: option('P'),
        reconnectPeriod: 0,
      });
    device = connect();
    device.publish(option('t'), option('m'), { qos: 1 });
    await shownSoon(page, page.getByText('Online', { exact: true }).first());
    await row(page, 'default').getByText('1.0.0').waitFor();

    // what became of it since, as it happens: it goes, comes back, and comes once more
    const history = page.getByRole('region', { name: 'Status history' });
    const change = (position: number) => history.getByRole('row').nth(position);
    await shownSoon(page, change(1).getByText('Connected for the first time'));
    await device.endAsync();
    await shownSoon(page, change(1).getByText('The device signed off'));
    await new Promise<void>((resolve) => connect().once('connect', () => resolve()));
    device = connect();
    await shownSoon(page, change(1).getByText('A new connection took the place'));
    await shownSoon(page, change(1).getByText('until now'));
    expect(await change(1).innerText()).toContain('127.0.0.1');
    expect(await history.getByText('Online', { exact: true }).count()).toBe(3);
    expect(await history.getByText('Offline', { exact: true }).count()).toBe(1);

    // many, from a file with faults, one of which only the server knows
    await place(page, 'Devices').click();
    await page.getByRole('link', { name: 'Register devices' }).click();
    await page.getByRole('radio', { name: 'A list or CSV file' }).check();
    const names = Array.from({ length: 60 }, (_, index) => `lamp-${String(index + 2).padStart(4, '0')}`);
    const lines = ['DeviceName,Nickname', 'lamp-0001', 'abc', 'lamp-0002,Hall_left', ...names];
    await page.getByLabel('Or a CSV file').setInputFiles({
      name: 'lamps.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(lines.join('\r\n')),
    });
    await page.getByRole('row', { name: '3 abc This cannot be a DeviceName' }).waitFor();
    await page.getByRole('row', { name: '5 lamp-0002 The same name as in line 4' }).waitFor();
    await button(page, 'Register devices (61)').click();
    await page.getByText('Correct these lines, or leave them out.').waitFor();
    await page.getByLabel('Leave these lines out').check();
    await button(page, 'Register devices (61)').click();
    await row(page, 'lamp-0001').getByText('already exists').waitFor();
    await button(page, 'Register the others (60)').click();
    await page.getByRole('heading', { name: 'Devices registered: 60' }).waitFor();
    const credentials = await saved(page, () => button(page, 'Download the credentials (CSV)').click());
    expect(credentials.split('\r\n')[0]).toBe('ProductKey,DeviceName,DeviceSecret,IotId');
    expect(credentials.trim().split('\r\n')).toHaveLength(61);
    expect(credentials).toMatch(new RegExp(`^${productKey},lamp-0042,\\w{32},\\w+\\r$`, 'm'));

    // found again, also after a reload
    await page.getByRole('link', { name: 'To the devices' }).click();
    await page.getByText('of 2 · 61 in all').waitFor();
    await button(page, 'Next page').click();
    await row(page, 'lamp-0001').waitFor();
    await page.reload();
    await row(page, 'lamp-0001').waitFor();
    await page.getByLabel('Status').selectOption('ONLINE');
    await page.getByText('1 in all').waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByLabel('Status').selectOption('');
    const find = async (text: string) => {
      await page.getByLabel('Find by name or nickname').fill(text);
      await page.getByLabel('Find by name or nickname').press('Enter');
    };
    const exported = () =>
      saved(page, async () => {
        await button(page, 'Export as CSV').click();
        await button(page, 'Export').click();
      });
    await find('lamp-00');
    await page.getByText('of 2 · 61 in all').waitFor();
    await page.getByRole('row').nth(1).getByText('lamp-0001').waitFor();
    await button(page, 'Next page').click();
    await row(page, 'lamp-0061').waitFor();
    await page.reload();
    await row(page, 'lamp-0061').waitFor();
    expect((await exported()).trim().split('\r\n')).toHaveLength(62);
    await find('lamp-001');
    await page.getByText('10 in all').waitFor();
    const begun = await exported();
    expect(begun.trim().split('\r\n')).toHaveLength(11);
    expect(begun).toMatch(new RegExp(`^${productKey},lamp-0010,,UNACTIVE,\\w+,2\\S+Z\\r$`, 'm'));
    await page.getByLabel('Status').selectOption('ONLINE');
    await page.getByText('No name or nickname begins with “lamp-001”.').waitFor();
    await find('lamp-0001');
    await page.getByText('1 in all').waitFor();
    await page.getByLabel('Status').selectOption('');
    await find('Hall');
    await page.getByText('1 in all').waitFor();
    await row(page, 'lamp-0002').getByText('Hall_left').waitFor();
    await button(page, 'Export as CSV').click();
    await page.getByLabel('With their secrets').check();
    const secret = await saved(page, () => button(page, 'Export').click());
    expect(secret).toMatch(new RegExp(`^${productKey},lamp-0002,Hall_left,UNACTIVE,\\w+,2\\S+Z,\\w{32}\\r$`, 'm'));
    for (const none of ['LAMP', '"\'lamp', '%']) {
      await find(none);
      await page.getByText(`No name or nickname begins with “${none}”.`).waitFor();
    }
    await page.getByText('Names hold letters, digits and - _ @ . : only').waitFor();
    await button(page, 'Show all devices').click();
    await page.getByText('of 2 · 61 in all').waitFor();
    await page.getByLabel('Find by name').fill('lamp-0002, lamp-0003 lamp-9999');
    await page.getByLabel('Find by name').press('Enter');
    await page.getByText('2 in all').waitFor();
    await page.getByText('Not found in this product: lamp-9999').waitFor();
    await row(page, 'lamp-0002').getByText('Hall_left').waitFor();
    const list = await exported();
    expect(list).toMatch(/^\ufeffProductKey,DeviceName,Nickname,Status,/);
    expect(list).toMatch(new RegExp(`^${productKey},lamp-0002,Hall_left,UNACTIVE,\\w+,2\\S+Z\\r$`, 'm'));

    // changed and deleted
    await page.getByLabel('Select all rows shown').check();
    await button(page, 'Disable').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await row(page, 'lamp-0003').getByText('Disabled').waitFor();
    await page.getByRole('link', { name: 'lamp-0002' }).click();
    await shown(page, 'lamp-0002');
    await page.getByText('Disabled', { exact: true }).first().waitFor();
    const former = page.url();
    await page.goBack();
    await page.getByLabel('Select lamp-0002').check();
    await button(page, 'Delete').click();
    await page.getByRole('dialog').getByText('lamp-0002').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('1 in all').waitFor();
    await page.goForward();
    await page.getByText('There is no such device').waitFor();
    expect(page.url()).toBe(former);
    await page.goBack();
    await page.getByRole('link', { name: 'lamp-0003' }).click();
    await button(page, 'Enable').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
    await page.getByText('Inactive', { exact: true }).first().waitFor();
    await shownSoon(page, row(page, 'Enabled: it may connect again'));
    await row(page, 'Disabled: it may not connect').waitFor();
    await button(page, 'Add tag').click();
    await field(page, 'Key').fill('site');
    await field(page, 'Value').fill('harbour');
    await page.getByRole('dialog').getByRole('button', { name: 'Add tag' }).click();
    await row(page, 'site').getByText('harbour').waitFor();

    // groups, by hand and by rule
    await place(page, 'Groups').click();
    await button(page, 'Create group').first().click();
    await field(page, 'Name').fill('Harbour_lamps');
    await page.getByRole('dialog').getByRole('button', { name: 'Create group' }).click();
    await shown(page, 'Harbour_lamps');
    await button(page, 'Add devices').click();
    await field(page, 'Names of the devices').fill('lamp-0001, lamp-0003, lamp-9999');
    await page.getByRole('dialog').getByRole('button', { name: 'Add devices' }).click();
    await page.getByText('Added: 2. In it before: 0. Not found: 1.').waitFor();
    await page.getByRole('dialog').getByText('Not found in this product: lamp-9999').waitFor();
    await page.keyboard.press('Escape');
    await button(page, 'Add devices').and(page.locator(':focus')).waitFor();
    await row(page, 'lamp-0001').getByText('Online').waitFor();
    await page.getByLabel('Select lamp-0001').check();
    await button(page, 'Remove from group').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove from group' }).click();
    await row(page, 'lamp-0001').waitFor({ state: 'detached' });
    await page.goto(`${otaru.http}/console/#/devices?product=${productKey}&name=lamp-0001`);
    await page.getByLabel('Select lamp-0001').check();
    await button(page, 'Add to group').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add to group' }).click();
    await page.getByText('Please fill this in.').waitFor();
    await page.getByLabel('Static group').selectOption('Harbour_lamps');
    await page.getByRole('dialog').getByRole('button', { name: 'Add to group' }).click();
    await page.getByText('Added: 1. In it before: 0. Not found: 0.').waitFor();
    await place(page, 'Groups').click();
    await button(page, 'Create group').click();
    await field(page, 'Name').fill('Harbour_lamps');
    await page.getByRole('radio', { name: 'Dynamic' }).check();
    await field(page, 'Rule').fill('tag.tag_name = harbour');
    const create = page.getByRole('dialog').getByRole('button', { name: 'Create group' });
    const refused = page.locator('[aria-invalid=true]:focus');
    await create.click();
    await field(page, 'Rule').and(refused).waitFor();
    await field(page, 'Rule').fill('tag.tag_name = "site" AND tag.tag_value = "harbour"');
    await create.click();
    await field(page, 'Name').and(refused).waitFor();
    await page.getByText('The group name already exists.').waitFor();
    await field(page, 'Name').fill('Tagged_lamps');
    await create.click();
    await shown(page, 'Tagged_lamps');
    await row(page, 'lamp-0003').waitFor();
    await page.goto(`${otaru.http}/console/#/groups?page=9`);
    await page.getByText('There is nothing on this page any more').waitFor();
    await button(page, 'First page').click();
    await page.getByRole('link', { name: 'Tagged_lamps' }).waitFor();

    // a product with devices stays
    await page.goto(`${otaru.http}/console/#/products/${productKey}`);
    await button(page, 'Delete').first().click();
    await page.getByRole('dialog').getByText('Devices in this product: 60').waitFor();

    // who deletes a device from its page is led away from it, and finds it no more
    const last = `/console/#/devices/${productKey}/lamp-0060`;
    await page.goto(otaru.http + last);
    await shown(page, 'lamp-0060');
    await button(page, 'Delete').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await shown(page, 'Devices');
    await page.goto(otaru.http + last);
    await page.getByText('There is no such device').waitFor();
  });

  it('is read by keyboard and screen reader, in both languages, light and dark, on a narrow screen', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using visitor = await browser.visitor({ locale: 'en', bypassCSP: true });
    const page = await visitor.newPage();
    await signIn(page, otaru, key);
    await place(page, 'Products').click();
    await page.getByRole('link', { name: 'Street_lamp' }).click();
    await shown(page, 'Street_lamp');
    const productKey = page.url().split('/').at(-1) ?? '';
    await place(page, 'Groups').click();
    await page.getByRole('link', { name: 'Tagged_lamps' }).click();
    await shown(page, 'Tagged_lamps');
    const group = page.url().split('#')[1] ?? '';
    const addresses = [
      '/products',
      `/products/${productKey}`,
      `/devices?product=${productKey}`,
      `/devices/register?product=${productKey}&way=list`,
      `/devices/${productKey}/lamp-0001`,
      '/groups',
      group,
    ];
    for (const look of ['light', 'dark'] as const) {
      const dark = look === 'dark';
      await page
        .locator('header select')
        .nth(0)
        .selectOption(dark ? 'zh' : 'en');
      await page.locator('header select').nth(1).selectOption(look);
      if (dark) await page.setViewportSize({ width: 360, height: 740 });
      for (const address of addresses) {
        await page.goto(`${otaru.http}/console/#${address}`);
        await page.getByRole('main').locator('h1').waitFor();
        await page.locator('.loading').first().waitFor({ state: 'detached' });
        expect(await seriousFaults(page), `${address} ${look}`).toEqual([]);
        expect(await overhang(page), `${address} ${look}`).toBe(0);
      }
    }
    await page.getByRole('heading', { name: 'Tagged_lamps' }).waitFor();
    await page.getByText('动态分组').first().waitFor();
  });

  it('offers nobody what a policy does not permit', { timeout: PATIENCE_MS }, async () => {
    const file = join(otaru.data, 'reader.json');
    const statement = {
      Effect: 'Allow',
      Action: ['iot:Query*', 'iot:List*', 'iot:BatchGet*', 'iot:BatchQuery*'],
      Resource: '*',
    };
    const denial = { Effect: 'Deny', Action: 'iot:QueryDeviceBySQL', Resource: '*' };
    writeFileSync(file, JSON.stringify({ Version: '1', Statement: [statement, denial] }));
    const reader = await otaru.command(
      'key',
      'user',
      'create',
      '--account',
      accountId,
      '--name',
      'ann',
      '--policy',
      file,
    );
    rmSync(file);
    await using visitor = await browser.visitor({ locale: 'en' });
    const page = await visitor.newPage();
    const { accessKeyId = '', accessKeySecret = '' } = reader;
    await signIn(page, otaru, { accessKeyId, accessKeySecret });
    await place(page, 'Products').click();
    await page.getByRole('link', { name: 'Street_lamp' }).click();
    await page.getByText('radio').waitFor();
    const offers = ['Create product', 'Edit', 'Delete', 'Add module', 'Disable', 'Add tag', 'Create group'];
    const offered = async () => {
      for (const name of offers) expect(await button(page, name).count(), name).toBe(0);
      expect(await page.getByRole('link', { name: 'Register devices' }).count()).toBe(0);
    };
    await offered();
    await place(page, 'Devices').click();
    await page.getByText('59 in all').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await offered();
    // who may not search finds whole names
    await page.getByLabel('Find by name', { exact: true }).fill('lamp-006');
    await page.getByLabel('Find by name', { exact: true }).press('Enter');
    await page.getByText('Not found in this product: lamp-006').waitFor();
    await page.getByLabel('Find by name', { exact: true }).fill('lamp-0061');
    await page.getByLabel('Find by name', { exact: true }).press('Enter');
    await page.getByText('1 in all').waitFor();
    await page.getByRole('link', { name: 'lamp-0061' }).click();
    await shown(page, 'lamp-0061');
    await offered();
    await place(page, 'Groups').click();
    await page.getByRole('link', { name: 'Tagged_lamps' }).waitFor();
    await offered();
    await page.goto(`${otaru.http}/console/#/devices/register`);
    await page.getByText('Your policy does not permit what this page does.').waitFor();
  });
});
