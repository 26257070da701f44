import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Otaru, rootKey } from '../../acceptance/support/otaru.ts';
import type { OpenBrowser } from '../../support/browser.ts';

/** A page of somebody who is signed in and stays: in English, on a usual screen, open to axe. */
export async function openConsole(browser: OpenBrowser, otaru: Pick<Otaru, 'http'>): Promise<Page> {
  const viewport = { width: 1_280, height: 900 };
  const visitor = await browser.visitor({ viewport, locale: 'en-US', bypassCSP: true });
  const page = await visitor.newPage();
  page.setDefaultTimeout(20_000);
  await signIn(page, otaru);
  return page;
}

/** Opens the console and signs in with a key, the account's own unless another is given. */
export async function signIn(page: Page, otaru: Pick<Otaru, 'http'>, key = rootKey): Promise<void> {
  await page.goto(`${otaru.http}/console/`);
  await fillSignIn(page, key);
}

/** Signs in on whatever page asks for it. */
export async function fillSignIn(page: Page, key = rootKey): Promise<void> {
  await page.locator('input[autocomplete=username]').fill(key.accessKeyId);
  await page.locator('input[type=password]').fill(key.accessKeySecret);
  await page.locator('button[type=submit]').click();
  await page.locator('#main').waitFor();
}

/** Goes to a page by its address behind the `#`. */
export async function visit(page: Page, address: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(address)}`);
}

/** Calls an action as the page does. @returns status and answer */
export function callAsPage(
  page: Page,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly answer: Record<string, unknown> }> {
  return page.evaluate(
    async ([name, pairs]) => {
      const response = await fetch(`./api/${name}`, {
        method: 'POST',
        headers: { 'X-Otaru-Console': '1' },
        body: new URLSearchParams(pairs),
      });
      return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
    },
    [action, { ...parameters }] as const,
  );
}

/**
 * Waits for what the page shows once it asks again, which it does every few seconds: its clock, which has to be installed
 * before, runs ahead.
 */
export const shownSoon = (page: Page, place: Locator): Promise<void> =>
  expect
    .poll(async () => {
      await page.clock.fastForward(5_000);
      return place.isVisible();
    })
    .toBe(true);

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly any: readonly { readonly message: string }[] }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds serious or critical on the page as it stands, each with the elements that it concerns. */
export async function seriousFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe);
  // what passes is not gathered
  const { violations } = await page.evaluate<{ readonly violations: readonly Finding[] }>(
    "axe.run({ resultTypes: ['violations'] })",
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`));
}

/** Waits until nothing on the page is still loading, nor faded because what it shows is another question's answer. */
export const settled = (page: Page): Promise<void> => page.locator('body:not(:has(.loading, table.stale))').waitFor();

/** Pixels by which the page is wider than the window; 0 when nothing has to be scrolled sideways. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
