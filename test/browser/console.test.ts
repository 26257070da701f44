import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Otaru, rootKey, startOtaru } from '../acceptance/support/otaru.ts';
import { missing, type OpenBrowser, openBrowser } from '../support/browser.ts';
import { callAsPage, overhang, seriousFaults, settled, signIn, visit } from './support/console.ts';

/** Bytes that may come over the wire before the page can be used. */
const FIRST_LOAD = 250_000;

describe.skipIf(missing)(`the console (${missing ?? 'Chromium'})`, () => {
  let otaru: Otaru;
  let browser: OpenBrowser;

  beforeAll(async () => {
    [otaru, browser] = await Promise.all([startOtaru(), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await otaru?.[Symbol.asyncDispose]();
  });

  it('speaks the language of the browser until another is chosen, and remembers that', async () => {
    await using visitor = await browser.visitor({ locale: 'zh-CN' });
    const page = await visitor.newPage();
    await page.goto(`${otaru.http}/console/`);
    await page.getByRole('heading', { name: '登录 Otaru' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByLabel('语言').selectOption('English');
    await page.getByRole('heading', { name: 'Sign in to Otaru' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Otaru' }).waitFor();
  });

  it('says in words, with a RequestId, that name and secret do not fit', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await page.goto(`${otaru.http}/console`);
    await page.getByLabel('AccessKey ID').fill(rootKey.accessKeyId);
    await page.getByLabel('AccessKey secret').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('AccessKey secret is wrong').waitFor();
    expect(await alert.innerText()).toMatch(/RequestId\s+[0-9A-F-]{36}/);
  });

  it('loads in less than 250 KB, from this server only, under a policy that nothing breaks', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    const broken: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) broken.push(message.text());
    });
    page.on('pageerror', (error) => broken.push(error.message));
    const sizes = new Map<string, number>();
    page.on('requestfinished', async (request) => {
      const { responseBodySize, responseHeadersSize } = await request.sizes();
      sizes.set(request.url(), responseBodySize + responseHeadersSize);
    });
    await signIn(page, otaru);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await settled(page);
    expect([...sizes.keys()].filter((address) => !address.startsWith(otaru.http))).toEqual([]);
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThan(FIRST_LOAD);
    expect(broken).toEqual([]);
  });

  it('waits for nothing but the server before it shows the first page, and asks for what it needs at once', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await signIn(page, otaru);
    // which ends what the first page goes on to ask
    await page.goto('about:blank');
    const session = Promise.withResolvers<void>();
    const answers = Promise.withResolvers<void>();
    const asked: string[] = [];
    await page.route('**/console/session', async (route) => {
      await session.promise;
      await route.continue();
    });
    await page.route('**/api/*', async (route) => {
      asked.push(route.request().url().split('/').at(-1) ?? '');
      await answers.promise;
      await route.continue();
    });
    // a page that waits a while before it shows what is there would wait for ever
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    const code = page.waitForResponse(/overview-page.*\.js/);
    const lines = page.waitForResponse(/chart.*\.js/);
    await page.goto(`${otaru.http}/console/`);
    await Promise.all([code, lines]);
    session.resolve();
    await expect.poll(() => asked.toSorted()).toEqual(['ListOTAJob', 'QueryOTAHistory', 'QueryOTAOverview']);
    answers.resolve();
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('tells someone on an empty server what to do next, on a narrow screen too', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US', viewport: { width: 360, height: 700 } });
    const page = await visitor.newPage();
    await signIn(page, otaru);
    await page.getByText('Create a product, the type to which your devices belong.').waitFor();
    expect(await overhang(page)).toBe(0);
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Packages' }).click();
    await page.getByText('No packages yet').waitFor();
    expect(await overhang(page)).toBe(0);
  });

  it('uploads a package with the digest that the browser computed, and deletes it', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await signIn(page, otaru);
    await callAsPage(page, 'CreateProduct', { ProductName: 'Lamp', NodeType: '0' });
    await visit(page, '/packages');
    await page.getByRole('link', { name: 'Upload a package' }).first().click();
    await page.getByRole('button', { name: 'Upload and create' }).click();
    await page.getByText('Choose a file.').waitFor();
    expect(await page.evaluate('document.activeElement.type')).toBe('file');
    await page.getByLabel('choose a file').setInputFiles({ name: 'none.bin', mimeType: '', buffer: Buffer.alloc(0) });
    await page.getByText('none.bin is empty.').waitFor();
    await page.getByRole('button', { name: 'Remove none.bin' }).click();
    const file = Buffer.alloc(3_000_000, 7);
    const path = join(otaru.data, 'lamp-1.4.0.bin');
    writeFileSync(path, file);
    await page.getByLabel('choose a file').setInputFiles(path);
    await page.getByText(createHash('sha256').update(file).digest('hex')).waitFor();
    expect(await page.getByLabel('Version', { exact: true }).inputValue()).toBe('1.4.0');
    await page.getByLabel('Package name').fill('lamp.firmware');
    await page.getByRole('button', { name: 'Upload and create' }).click();
    await page.getByText('Not allowed: “.”', { exact: true }).waitFor();
    await page.getByLabel('Package name').fill('lamp_firmware');
    // said for a few seconds, while the page of the package is loaded
    const said = page.getByText('the server found the same digest as this browser').waitFor();
    const granted = Promise.withResolvers<void>();
    await page.route('**/api/GenerateOTAUploadURL', async (route) => {
      await granted.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Upload and create' }).click();
    // an upload does not end with a slip of the hand
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    const question = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    await (await question).dismiss();
    granted.resolve();
    await said;
    await page.getByRole('heading', { name: 'lamp_firmware · 1.4.0' }).waitFor();
    await page.getByText('This package has to be verified on test devices').waitFor();
    await page.getByRole('link', { name: 'Verify on test devices' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    expect(await download.failure()).toBeNull();
    expect(await seriousFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No packages yet').waitFor();
  });

  it('offers a user only what the policy permits, and the server refuses the rest', async () => {
    const policy = join(otaru.data, 'policy.json');
    writeFileSync(
      policy,
      JSON.stringify({
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: ['iot:ListOTAFirmware', 'iot:QueryProductList'], Resource: '*' }],
      }),
    );
    const keys = (await otaru.command('key', 'list')) as unknown as readonly { readonly accountId: string }[];
    const account = ['--account', String(keys[0]?.accountId)];
    const made = await otaru.command('key', 'user', 'create', '--name', 'reader', '--policy', policy, ...account);
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await signIn(page, otaru, {
      accessKeyId: made['accessKeyId'] ?? '',
      accessKeySecret: made['accessKeySecret'] ?? '',
    });
    const places = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    await page.getByRole('link', { name: 'Packages' }).click();
    await page.getByText('No packages yet').waitFor();
    expect(await places.allInnerTexts()).toEqual(['Products', 'Packages']);
    expect(await page.getByRole('link', { name: 'Upload a package' }).count()).toBe(0);
    expect(await callAsPage(page, 'CreateProduct', { ProductName: 'Forbidden', NodeType: '0' })).toMatchObject({
      answer: { Success: false, Code: 'iot.common.RamActionPermissionDeny' },
    });
  });

  it('keeps the focus where a keyboard or a reading voice goes on', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US', viewport: { width: 1_280, height: 320 } });
    const page = await visitor.newPage();
    await signIn(page, otaru);
    await callAsPage(page, 'CreateProduct', { ProductName: 'Bulb', NodeType: '0' });
    const focused = (where: string) => page.locator(`${where}:focus`).waitFor();
    const place = page.getByRole('navigation', { name: 'Pages' });

    // another page begins at its top
    await page.getByRole('heading', { name: 'Updates over time' }).scrollIntoViewIfNeeded();
    await place.getByRole('link', { name: 'Products' }).dispatchEvent('click');
    await page.getByRole('link', { name: 'Bulb' }).waitFor();
    await focused('main');
    expect(await page.evaluate('scrollY')).toBe(0);

    // a dialog begins at its first field and gives the focus back
    await page.getByRole('link', { name: 'Bulb' }).click();
    const edit = page.getByRole('button', { name: 'Edit', exact: true });
    await edit.click();
    await expect.poll(() => page.evaluate('document.activeElement.value')).toBe('Bulb');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Edit');

    // what is looked for can be typed on
    await place.getByRole('link', { name: 'Packages' }).click();
    await page.getByLabel('Version').fill('9.9');
    await page.keyboard.press('Enter');
    await page.getByText('No package fits the filter.').waitFor();
    await page.keyboard.type('.1');
    expect(await page.getByLabel('Version').inputValue()).toBe('9.9.1');
  });

  it('says that the server is away while it shows what it said last', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    await page.clock.install();
    await signIn(page, otaru);
    await page.getByText('No job is running.').waitFor();
    // a card that has nothing to show yet says in its own words that the server is away
    await page.locator('body:not(:has(.loading))').waitFor();
    const banner = page.getByRole('main').getByText('The server does not answer.');
    await visitor.setOffline(true);
    await page.clock.fastForward(3_100);
    await expect
      .poll(async () => {
        await page.clock.fastForward(2_100);
        return banner.isVisible();
      })
      .toBe(true);
    await page.getByText('No job is running.').waitFor();
    await visitor.setOffline(false);
    await page.clock.fastForward(10_100);
    await banner.waitFor({ state: 'detached' });

    // nor does the code of a page come; it does when the page is gone to once more
    const place = page.getByRole('navigation', { name: 'Pages' });
    await page.route(/packages-page.*\.js/, (route) => route.abort());
    await place.getByRole('link', { name: 'Packages' }).click();
    await page.getByRole('alert').waitFor();
    await page.unrouteAll();
    await place.getByRole('link', { name: 'Products' }).click();
    await page.getByRole('heading', { name: 'Products' }).waitFor();
    await place.getByRole('link', { name: 'Packages' }).click();
    await page.getByRole('heading', { name: 'Packages' }).waitFor();
  });

  it('has no serious fault that axe finds, light and dark, in both languages', async () => {
    for (const [locale, colorScheme] of [
      ['en-US', 'light'],
      ['zh-CN', 'dark'],
    ] as const) {
      await using visitor = await browser.visitor({ locale, colorScheme });
      const page = await visitor.newPage();
      await page.goto(`${otaru.http}/console/`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await seriousFaults(page), `sign-in ${locale}`).toEqual([]);
      await signIn(page, otaru);
      for (const address of ['/', '/packages', '/packages/new']) {
        await visit(page, address);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await settled(page);
        expect(await seriousFaults(page), `${address} ${locale}`).toEqual([]);
      }
    }
  });

  it('ends the session for good when the viewer signs out', async () => {
    await using visitor = await browser.visitor({ locale: 'en-US' });
    const page = await visitor.newPage();
    const printed: string[] = [];
    page.on('console', (message) => printed.push(message.text()));
    await signIn(page, otaru);
    expect(printed).toEqual([]);
    await page.evaluate("location.hash = '/settings/audit'");
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByRole('button', { name: 'Account:' }).click();
    await page.route('**/console/session', (route) => route.fulfill({ status: 503, body: '' }));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are still signed in').waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Otaru' }).waitFor();
    expect((await callAsPage(page, 'QueryOTAOverview')).status).toBe(401);
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Otaru' }).waitFor();
    // who comes next does not land where this one was
    expect(new URL(page.url()).hash).toBe('#/');
  });
});
