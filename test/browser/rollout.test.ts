import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BenchServer, serverStarter } from '../../bench/support/server.ts';
import { missing, type OpenBrowser, openBrowser } from '../support/browser.ts';
import { openConsole, overhang, seriousFaults, settled, visit } from './support/console.ts';
import { type Identity, registerDevices, startDevices, uploadedPackage } from './support/devices.ts';

const SOUND = 42;
const BAD = 8;
const DEVICES = SOUND + BAD;
const names = Array.from({ length: DEVICES }, (_, index) => `lamp-${10 + index}`);

describe.skipIf(missing)(`a rollout in the console (${missing ?? 'Chromium'})`, () => {
  let server: BenchServer;
  let browser: OpenBrowser;
  let bad: readonly Identity[];
  let badDevices: AsyncDisposable;
  let soundDevices: AsyncDisposable;
  let page: Page;
  let firmwareId: string;

  beforeAll(async () => {
    [server, browser] = await Promise.all([serverStarter(undefined)(), openBrowser()]);
    const { Data: product } = await server.client.call('CreateProduct', { ProductName: 'Lamp', NodeType: 0 });
    await registerDevices(server, product.ProductKey, ['asleep']);
    const devices = await registerDevices(server, product.ProductKey, names);
    bad = devices.slice(SOUND);
    soundDevices = startDevices(server, devices.slice(0, SOUND));
    badDevices = startDevices(server, bad, 'flash=100%');
    firmwareId = await uploadedPackage(server, product.ProductKey, '1.1.0');
    const online = async () => {
      const { Data: figures } = await server.client.call('QueryDeviceStatistics', { ProductKey: product.ProductKey });
      return figures.onlineCount;
    };
    await vi.waitFor(async () => expect(await online()).toBe(DEVICES), { timeout: 30_000, interval: 200 });
    page = await openConsole(browser, server.otaru);
  });
  afterAll(async () => {
    await badDevices?.[Symbol.asyncDispose]();
    await soundDevices?.[Symbol.asyncDispose]();
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const figure = (name: string) => page.locator('.figure', { has: page.getByText(name, { exact: true }) });

  it('begins with a verification, since nothing else may be done with a new package', async () => {
    await visit(page, '/jobs');
    await page.getByText('No jobs yet').waitFor();
    await page.getByRole('link', { name: 'New job' }).first().click();
    await button(/^Choose: firmware/).click();
    expect(await page.getByRole('radio', { name: /^Verification/ }).isChecked()).toBe(true);
    await button('Next').click();
    await page.getByText('Name one to ten devices.').waitFor();
    const field = page.getByRole('textbox', { name: 'Test devices' });
    expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');

    await button('Choose from the devices').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name or nickname begins with').fill('LAMP');
    await dialog.getByText('No name or nickname begins with “LAMP”.').waitFor();
    for (const name of names.slice(0, 2)) {
      await dialog.getByLabel('Name or nickname begins with').fill(name);
      await dialog.getByRole('row', { name: `${name} Online 1.0.0` }).waitFor();
      await dialog.getByLabel(`Select ${name}`, { exact: true }).check();
    }
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Take them' }).click();
    expect(await field.inputValue()).toBe(names.slice(0, 2).join('\n'));

    await field.fill(`${names[0]}，nobody、${names[1]}`);
    await button('Next').click();
    await page.getByText('No devices of this product: nobody').waitFor();
    await button('Leave it out').click();
    expect(await field.inputValue()).toBe(names.slice(0, 2).join('\n'));
    await button('Next').click();
    await button('Review').click();
    await page.getByRole('row', { name: `${names[0]} Online 1.0.0` }).waitFor();
    await button('Start the verification').click();
    await page.getByRole('heading', { name: 'Progress' }).waitFor();
    await page.getByText('Completed').waitFor();
    await page.getByText('All test devices run the new version.').waitFor();
    const next = page.getByRole('link', { name: 'Roll out' });
    expect(await next.getAttribute('href')).toContain(`firmware=${firmwareId}&kind=static`);
  });

  it('shows who would be hit, keeps what was chosen on the way back, and refuses where it belongs', async () => {
    await visit(page, '/jobs/new?firmware=unknown');
    await page.getByRole('link', { name: 'Back to the packages' }).waitFor();
    await visit(page, `/jobs/new?firmware=${firmwareId}&kind=static`);
    await page.getByRole('radio', { name: /^Named devices/ }).check();
    await page.getByRole('textbox', { name: 'Device names' }).fill(`${names[0]}`);
    await button('Next').click();
    await button('Review').click();
    await page.getByText('No device would get the update.').waitFor();
    expect(await button('Start the job').isDisabled()).toBe(true);
    await button('Back').click();
    await button('Back').click();
    await page.getByRole('textbox', { name: 'Device names' }).fill(`${names[0]}\n${names[5]}`);
    await button('Next').click();
    await page.getByRole('spinbutton', { name: 'Devices told per minute' }).fill('5');
    await button('Review').click();
    await page.getByText('A whole number from 10 to 10,000.').waitFor();
    await page.getByRole('spinbutton', { name: 'Devices told per minute' }).fill('600');
    await button('Review').click();
    await figure('Devices that get the update').getByText('1', { exact: true }).waitFor();
    await page.getByText('1 runs this version already.').waitFor();
    await page.getByText('600 devices a minute').waitFor();
    expect(await seriousFaults(page)).toEqual([]);

    await button('Back').click();
    await page.getByText('More settings').click();
    await page.getByLabel('After a failure').selectOption('Try once more');
    await page.getByLabel('Before each retry wait').selectOption('1 day');
    await button('Review').click();
    await page.getByText('Has to be shorter than the timeout.').waitFor();
    await page.getByLabel('After a failure').selectOption('No retry');
    const tags = page.getByRole('textbox', { name: 'Tags' });
    await tags.fill(`site=${'x'.repeat(1_100)}`);
    await button('Review').click();
    await page.getByRole('alert').waitFor();
    expect(await button('Start the job').isDisabled()).toBe(true);
    await button('Change that').click();
    await page.locator('.field', { hasText: 'Tags' }).locator('.field-error').waitFor();
    await tags.fill('');
    expect(await tags.isVisible()).toBe(true);
    await button('Back').click();

    await page.getByRole('radio', { name: /^All devices/ }).check();
    await button('Next').click();
    expect(await page.getByRole('spinbutton', { name: 'Devices told per minute' }).inputValue()).toBe('600');
    await button('Review').click();
    await figure('Devices that get the update')
      .getByText(String(DEVICES - 2), { exact: true })
      .waitFor();
    await page.getByText('1 has never been online, so its version is not known.').waitFor();
    await page.setViewportSize({ width: 360, height: 780 });
    expect(await overhang(page)).toBe(0);
    await page.setViewportSize({ width: 1_280, height: 900 });

    // loaded anew, it is what was chosen that is looked at
    await page.reload();
    await page.getByText('This is what you had chosen before in this window.').waitFor();
    await page.getByRole('heading', { name: 'Review', exact: true }).waitFor();
    await figure('Devices that get the update')
      .getByText(String(DEVICES - 2), { exact: true })
      .waitFor();
    await button('Start the job').click();
  });

  it('is followed to its end', async () => {
    await page.getByRole('heading', { name: 'Progress' }).waitFor();
    await page.getByText('Completed').waitFor();
    expect(await figure('Finished').innerText()).toContain('100%');
    const causes = page.getByRole('region', { name: 'Failures by cause' });
    await causes.getByRole('row', { name: new RegExp(`Flashing failed.* ${BAD} `) }).waitFor();
    await page.getByRole('link', { name: `All ${BAD} that failed` }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('runs again on those that failed, chosen by hand', async () => {
    await badDevices[Symbol.asyncDispose]();
    badDevices = startDevices(server, bad);
    await page.getByRole('link', { name: 'All tasks' }).click();
    const states = page.getByRole('navigation', { name: 'Tasks by state' });
    await states.getByRole('link', { name: /^Failed/ }).click();
    const grid = page.getByRole('grid', { name: 'Tasks' });
    await grid.getByRole('row').nth(1).waitFor();
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(BAD + 1));
    expect(await seriousFaults(page)).toEqual([]);

    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    const details = page.getByRole('dialog', { name: `Details of ${names[SOUND]}` });
    await details.getByRole('row', { name: /Flashing failed/ }).waitFor();
    await page.setViewportSize({ width: 360, height: 780 });
    expect(await overhang(page)).toBe(0);
    expect(await seriousFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 1_280, height: 900 });
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(await grid.evaluate('document.activeElement.getAttribute("role")')).toBe('grid');
    await grid.getByRole('button', { name: `Details of ${names[SOUND]}` }).click();
    await details.getByRole('button', { name: 'Close' }).click();

    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('Shift+End');
    await page.getByText(`${BAD} selected`).waitFor();
    await button(`Upgrade again (${BAD})`).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Upgrade again' }).click();
    await page.getByText(`${BAD} devices get the update again.`).waitFor();
    await page.getByRole('link', { name: new RegExp(`^Succeeded ${DEVICES - 2}$`) }).waitFor();
  });

  it('still tells what had failed before it succeeded', async () => {
    const [first] = bad as [Identity];
    await visit(page, `/devices/${first.productKey}/${first.deviceName}`);
    const past = page.getByRole('region', { name: 'Updates by package' });
    await past.getByRole('button', { name: `Succeeded Details of ${first.deviceName}` }).click();
    const details = page.getByRole('dialog', { name: `Details of ${first.deviceName}` });
    await details.getByRole('row', { name: /Flashing failed/ }).waitFor();
    await details.getByText('Succeeded', { exact: true }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('stands in the list of jobs, which is filtered by status', async () => {
    await visit(page, '/jobs');
    await page.getByLabel('Status').selectOption('Completed');
    await page.waitForURL(/status=COMPLETED/);
    await page.getByRole('table').getByRole('row').nth(2).waitFor();
    await settled(page);
    expect(await seriousFaults(page)).toEqual([]);
  });
});
