import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Otaru, startOtaru } from '../acceptance/support/otaru.ts';
import { missing, type OpenBrowser, openBrowser } from '../support/browser.ts';

describe.skipIf(missing)(`the server in a browser (${missing ?? 'Chromium'})`, () => {
  let otaru: Otaru;
  let browser: OpenBrowser;

  beforeAll(async () => {
    [otaru, browser] = await Promise.all([startOtaru(), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await otaru?.[Symbol.asyncDispose]();
  });

  it('says that it is well', async () => {
    await using visitor = await browser.visitor();
    const page = await visitor.newPage();
    const answer = await page.goto(`${otaru.http}/healthz`);
    expect(answer?.status()).toBe(200);
    expect(await page.locator('body').innerText()).toContain('ok');
  });
});
