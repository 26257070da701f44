import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const program = (process.env.PATH ?? '')
  .split(delimiter)
  .concat('/usr/bin', '/snap/bin', '/opt/homebrew/bin', '/Applications/Chromium.app/Contents/MacOS')
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome', 'Chromium'].map((name) => join(folder, name)))
  .find(existsSync);

/** Why tests in a browser cannot run on this machine; undefined when they can. */
export const missing = program === undefined ? 'Chromium is not installed (apt-get install chromium)' : undefined;

/** A Chromium without a window. */
export interface OpenBrowser extends AsyncDisposable {
  /** A visitor of their own: cookies and storage are shared with no other. Ends with the browser. */
  visitor(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** Starts with an empty profile, asks nothing of the network by itself, and ends with the test process. */
export async function openBrowser(): Promise<OpenBrowser> {
  if (program === undefined) throw new Error(missing);
  const browser = await chromium.launch({
    executablePath: program,
    // Root cannot have it, nor can many containers, and nothing but Otaru is visited.
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    visitor: (options) => browser.newContext(options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
