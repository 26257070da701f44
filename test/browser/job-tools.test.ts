import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillDevices, fillJob } from '../../bench/support/fill.ts';
import { type BenchServer, serverStarter } from '../../bench/support/server.ts';
import { missing, type OpenBrowser, openBrowser } from '../support/browser.ts';
import { fillSignIn, openConsole, seriousFaults, visit } from './support/console.ts';
import { uploadedPackage } from './support/devices.ts';

const TASKS = 1_200;
const QUEUED = 400;
/** Calls that the test makes beside each other. */
const AT_ONCE = 20;
const deviceName = (number: number) => `device-${String(number).padStart(7, '0')}`;

describe.skipIf(missing)(`what is done with a job in the console (${missing ?? 'Chromium'})`, () => {
  let server: BenchServer;
  let browser: OpenBrowser;
  let page: Page;
  let jobId: string;
  let firmwareId: string;

  beforeAll(async () => {
    [server, browser] = await Promise.all([serverStarter(undefined)(), openBrowser()]);
    const { Data: product } = await server.client.call('CreateProduct', { ProductName: 'Lamp', NodeType: 0 });
    firmwareId = await uploadedPackage(server, product.ProductKey, '3.0.0', false);
    await using store = await server.openStore();
    await fillDevices(store, product.ProductKey, TASKS);
    jobId = await fillJob(
      store,
      product.ProductKey,
      TASKS,
      sql<'QUEUED' | 'FAILED'>`case when n < ${sql.lit(QUEUED)} then 'QUEUED' else 'FAILED' end`,
    );
    page = await openConsole(browser, server.otaru);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const dialog = () => page.getByRole('dialog');
  const grid = () => page.getByRole('grid', { name: 'Tasks' });

  it('changes how fast it goes', async () => {
    await visit(page, `/jobs/${jobId}`);
    await button('Change').click();
    await dialog().getByLabel('Devices told per minute').fill('250');
    await dialog().getByLabel('Tags').fill('nothing');
    expect(await dialog().getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog().getByLabel('Tags').fill('site=hall');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Save' }).click();
    await page.getByText('250 devices a minute').waitFor();
    await page.locator('code', { hasText: 'site=hall' }).waitFor();
  });

  it('saves its tasks as CSV, all of a state', async () => {
    await visit(page, `/jobs/${jobId}/tasks?status=QUEUED`);
    await button('Export as CSV').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog().getByRole('button', { name: 'Export' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines).toHaveLength(QUEUED + 1);
    expect(lines[0]).toMatch(/^\ufeffDeviceName,TaskStatus,/);
    expect(lines.at(-1)).toContain(`${deviceName(QUEUED - 1)},QUEUED`);
  });

  it('cancels those that are chosen by a range, then all that are left, and says how many devices that hits', async () => {
    await grid()
      .getByRole('checkbox', { name: `Select ${deviceName(0)}` })
      .waitFor();
    await grid().getByRole('row').nth(1).getByRole('gridcell').first().click();
    await grid().focus();
    await page.keyboard.press('Shift+End');
    await page.getByText(`${QUEUED} selected`).waitFor();
    await button('Clear the selection').click();
    await page.keyboard.press('Tab');
    await grid().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('2 selected').waitFor();
    await button('Cancel (2)').click();
    await dialog().getByText('2 devices will not be updated by this job.').waitFor();
    await dialog().getByRole('button', { name: 'Cancel the tasks' }).click();
    await page.getByText('2 tasks are canceled.').waitFor();
    await page.getByRole('link', { name: `Queued ${QUEUED - 2}` }).waitFor();

    await button(`Select all ${QUEUED - 2}`).click();
    await page.getByText(`All ${QUEUED - 2} tasks (Queued) are selected`).waitFor();
    await button(`Cancel (${QUEUED - 2})`).click();
    const cancel = dialog().getByRole('button', { name: 'Cancel the tasks' });
    expect(await cancel.isDisabled()).toBe(true);
    await dialog().getByLabel('Type 2.0.0 to go on').fill('2.0.0');
    await cancel.click();
    await page.getByRole('link', { name: `Canceled ${QUEUED}` }).waitFor();
    await page.getByText('No task fits the filter').waitFor();
  });

  it('is made for the devices of a file, waits for confirmation, and is confirmed', async () => {
    await visit(page, `/jobs/new?firmware=${firmwareId}&kind=static`);
    await page.getByRole('radio', { name: /^Named devices/ }).check();
    const names = Array.from({ length: 15 }, (_, index) => deviceName(index)).join('\n');
    await page
      .getByLabel('File of device names')
      .setInputFiles({ name: 'devices.csv', mimeType: 'text/csv', buffer: Buffer.from(`${names}\nno name\n`) });
    await page.getByText('devices.csv: 15 names').waitFor();
    await page.getByText('1 entry is no device name: no name').waitFor();
    await button('Next').click();
    await page.getByText('More settings').click();
    await page.getByLabel('Each task waits for confirmation').check();
    await button('Review').click();
    await page
      .locator('.figure', { hasText: 'Devices that get the update' })
      .getByText('15', { exact: true })
      .waitFor();
    await button('Start the job').click();
    await page.getByRole('link', { name: 'Look at them and confirm' }).click();
    await button('Select all 15').click();
    await button('Confirm (15)').click();
    await dialog().getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('15 tasks are confirmed.').waitFor();
    await page.getByRole('link', { name: 'Queued 15' }).waitFor();
    const [, made] = /jobs\/(\w+)\/tasks/.exec(page.url()) ?? [];
    await visit(page, `/jobs/${made}`);
    await page.getByText('15 tasks are queued: they wait for their turn, or for their devices to be online.').waitFor();
    expect(await page.getByText('Time left').count()).toBe(0);
    await page.getByText('HTTP(S)').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('is not lost with the session, takes many typed names, and is begun anew', async () => {
    await visit(page, `/jobs/new?firmware=${firmwareId}&kind=static&step=who`);
    await page.getByRole('radio', { name: /^Named devices/ }).check();
    const names = Array.from({ length: 250 }, (_, index) => deviceName(index)).join('\n');
    await page.getByRole('textbox', { name: 'Device names' }).fill(names);
    await page.getByText('250 names').waitFor();
    await page.evaluate(async () => {
      await fetch('./session', { method: 'DELETE', headers: { 'X-Otaru-Console': '1' } });
    });
    await button('Next').click();
    await page.getByText('Your session has ended').waitFor();
    await fillSignIn(page);
    await page.getByText('This is what you had chosen before in this window.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Device names' }).inputValue()).toBe(names);
    await button('Next').click();
    await button('Review').click();
    await page
      .locator('.figure', { hasText: 'Devices that get the update' })
      .getByText('235', { exact: true })
      .waitFor();
    await page.getByText('15 still have a task of another job, keep it, and fail in this one.').waitFor();
    await button('Begin anew').click();
    expect(await page.getByRole('radio', { name: /^All devices/ }).isChecked()).toBe(true);
    await page.reload();
    expect(await page.getByRole('radio', { name: /^All devices/ }).isChecked()).toBe(true);
  });

  it('is made for any group, however many there are', async () => {
    const groups = Array.from({ length: 205 }, (_, index) => `Group_${index}`);
    // more at once than the server lets through wait, and are turned away when it is slow
    for (let from = 0; from < groups.length; from += AT_ONCE) {
      const some = groups.slice(from, from + AT_ONCE);
      await Promise.all(some.map((GroupName) => server.client.call('CreateDeviceGroup', { GroupName })));
    }
    await page.getByRole('radio', { name: /^A group/ }).check();
    await expect
      .poll(() => page.getByLabel('Group', { exact: true }).getByRole('option').count())
      .toBe(groups.length + 1);
    for (const name of ['Group_0', 'Group_204']) await page.getByLabel('Group', { exact: true }).selectOption(name);
  });

  it('goes on finding devices until its search is ended', async () => {
    await visit(page, `/jobs/new?firmware=${firmwareId}&kind=dynamic`);
    await page.getByRole('radio', { name: /^Dynamic/, checked: true }).waitFor();
    await button('Next').click();
    await page.getByText('One to ten versions.').waitFor();
    await button(/^1\.0\.0/).click();
    await button('Next').click();
    await button('Review').click();
    await page
      .locator('.figure', { hasText: 'Devices that get the update' })
      .getByText(/^[\d,]+$/)
      .waitFor();
    await button('Start the job').click();
    await button('End the search').click();
    await dialog().getByRole('button', { name: 'End the search' }).click();
    await page.getByText('The search has ended.').waitFor();
    await page.locator('.page-head').getByText('Search ended').waitFor();
  });
});
