import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { openBrowser } from '../test/support/browser.ts';

/** Writes docs/images/: the console as it looks when the demo's rollout is over. Needs `npm run build` and Chromium. */
const FOLDER = 'docs/images';
const DESK = { width: 1280, height: 800 };
const HAND = { width: 390, height: 780 };

const demo = spawn(process.execPath, ['src/main.ts', 'demo', '--keep', '--devices', '120'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
// also when something below fails, so that nothing stays behind
process.on('exit', () => demo.kill('SIGKILL'));
const told = new Map<string, string>();
for await (const line of createInterface({ input: demo.stdout })) {
  const [name = '', value = ''] = line.split(/\s{2,}/);
  told.set(name, value);
  if (name === 'AccessKeySecret') break;
}
const address = told.get('Console');
if (address === undefined) throw new Error('the demo told no address of the console');

mkdirSync(FOLDER, { recursive: true });
{
  await using browser = await openBrowser();
  const looks = [
    { suffix: '', viewport: DESK, locale: 'en-US', colorScheme: 'light' },
    { suffix: '-zh', viewport: DESK, locale: 'zh-CN', colorScheme: 'light' },
    { suffix: '-dark', viewport: DESK, locale: 'en-US', colorScheme: 'dark' },
    { suffix: '-phone', viewport: HAND, locale: 'en-US', colorScheme: 'light' },
  ] as const;
  for (const { suffix, ...look } of looks) {
    await using visitor = await browser.visitor(look);
    const page = await visitor.newPage();
    await page.goto(address);
    await page.locator('input[type=password]').waitFor();
    if (suffix === '') await shoot(page, 'sign-in');
    await page.locator('input[autocomplete=username]').fill(told.get('AccessKeyId') ?? '');
    await page.locator('input[type=password]').fill(told.get('AccessKeySecret') ?? '');
    await page.locator('button[type=submit]').click();
    await page.locator('#main').waitFor();
    const { jobId, firmwareId, productKey, deviceName } = await findNames(page);
    const places = {
      overview: '/',
      job: `/jobs/${jobId}`,
      ...(suffix === ''
        ? {
            products: `/products/${productKey}`,
            devices: `/devices?product=${productKey}`,
            device: `/devices/${productKey}/${deviceName}`,
            groups: '/groups',
            packages: '/packages',
            package: `/packages/${firmwareId}`,
            jobs: '/jobs',
            'new-job': `/jobs/new?firmware=${firmwareId}&kind=static`,
            tasks: `/jobs/${jobId}/tasks`,
            events: '/events',
            settings: '/settings',
          }
        : {}),
    };
    for (const [name, address] of Object.entries(places)) {
      await page.evaluate(`location.hash = ${JSON.stringify(address)}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await shoot(page, `${name}${suffix}`);
    }
  }
}
demo.kill('SIGINT');
await once(demo, 'exit');

async function shoot(page: Page, name: string): Promise<void> {
  await page.locator('body:not(:has(.loading))').waitFor();
  // charts are drawn a frame later
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 500)))');
  await page.screenshot({ path: `${FOLDER}/${name}.png` });
  console.log(`${FOLDER}/${name}.png`);
}

async function findNames(page: Page) {
  const ask = (action: string, parameters: Record<string, string>) =>
    page.evaluate(
      async ([name, pairs]) => {
        const headers = { 'X-Otaru-Console': '1' };
        const response = await fetch(`./api/${name}`, { method: 'POST', headers, body: new URLSearchParams(pairs) });
        return (await response.json()) as never;
      },
      [action, parameters] as const,
    );
  const jobs: { Data: { SimpleOTAJobInfo: { JobId: string; FirmwareId: string; ProductKey: string }[] } } = await ask(
    'ListOTAJob',
    { CurrentPage: '1', PageSize: '1' },
  );
  const job = jobs.Data.SimpleOTAJobInfo[0];
  if (!job) throw new Error('the demo made no job');
  const devices: { Data: { DeviceInfo: { DeviceName: string }[] } } = await ask('QueryDevice', {
    ProductKey: job.ProductKey,
    CurrentPage: '1',
    PageSize: '1',
  });
  return {
    jobId: job.JobId,
    firmwareId: job.FirmwareId,
    productKey: job.ProductKey,
    deviceName: devices.Data.DeviceInfo[0]?.DeviceName ?? '',
  };
}
