import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillDevices, fillJob } from '../../bench/support/fill.ts';
import { type BenchServer, serverStarter } from '../../bench/support/server.ts';
import { missing, type OpenBrowser, openBrowser } from '../support/browser.ts';
import { openConsole, seriousFaults } from './support/console.ts';

const TASKS = 1_000_000;
const FAILED = 10_000;
const status = sql<'FAILED' | 'SUCCEEDED'>`case when n % 100 = 50 then 'FAILED' else 'SUCCEEDED' end`;

describe.skipIf(missing)(`a job of a million tasks (${missing ?? 'Chromium'})`, () => {
  let server: BenchServer;
  let browser: OpenBrowser;
  let jobId: string;
  let page: Page;

  beforeAll(async () => {
    [server, browser] = await Promise.all([serverStarter(undefined)({ OTARU_LIMITS: 'aliyun' }), openBrowser()]);
    const { Data: product } = await server.client.call('CreateProduct', { ProductName: 'Lamp', NodeType: 0 });
    await using store = await server.openStore();
    await fillDevices(store, product.ProductKey, 1);
    jobId = await fillJob(store, product.ProductKey, TASKS, status);
    page = await openConsole(browser, server.otaru);
  }, 120_000);
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const grid = () => page.getByRole('grid', { name: 'Tasks' });
  const device = (number: number) => grid().getByText(`device-${String(number).padStart(7, '0')}`, { exact: true });
  const rowsDrawn = () => grid().getByRole('row').count();

  it('is scrolled to its end, and drawn a screen at a time', async () => {
    await page.goto(`${server.otaru.http}/console/#/jobs/${jobId}/tasks`);
    await device(0).waitFor();
    expect(await grid().getAttribute('aria-rowcount')).toBe(String(TASKS + 1));
    await grid().evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await device(TASKS - 1).waitFor();
    expect(await grid().getByRole('row').last().getAttribute('aria-rowindex')).toBe(String(TASKS + 1));
    expect(await rowsDrawn()).toBeLessThan(60);
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('is moved row by row by keys and wheel at any depth', async () => {
    await grid().focus();
    await page.keyboard.press('Home');
    await device(0).waitFor();
    await page.keyboard.press('End');
    await device(TASKS - 1).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    const active = await grid().getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${active}"]`).getAttribute('aria-rowindex')).toBe(String(TASKS - 1));

    await page.getByLabel('Row', { exact: true }).fill('500001');
    await page.getByRole('button', { name: 'Go to row' }).click();
    await device(500_000).waitFor();
    const top = async () => (await device(500_000).boundingBox())?.y ?? Number.NaN;
    const before = await top();
    await device(500_000).hover();
    await page.mouse.wheel(0, 40);
    await expect.poll(top).toBeCloseTo(before - 40, 0);
    await page.mouse.wheel(0, -40);
    await expect.poll(top).toBeCloseTo(before, 0);
  });

  it('is filtered by state, goes to any page, and stays there when it is loaded anew', async () => {
    await page.getByRole('link', { name: /^Failed/ }).click();
    await device(50).waitFor();
    expect(await grid().getAttribute('aria-rowcount')).toBe(String(FAILED + 1));
    await page.getByRole('button', { name: 'Last page' }).click();
    // the hundred tasks of the last page begin with this one
    await device(TASKS - 9_950).waitFor();
    await page.waitForURL(/row=99\d\d/);
    await page.reload();
    await device(TASKS - 9_950).waitFor();
  });

  it('is found in by name', async () => {
    const name = 'device-0765432';
    await page.getByRole('searchbox').fill(name);
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('No task fits the filter').waitFor();
    await page.getByRole('link', { name: /^All/ }).click();
    await device(765_432).waitFor();
    expect(await grid().getAttribute('aria-rowcount')).toBe('2');
  });
});
