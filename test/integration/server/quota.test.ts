import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../../src/config/env.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { startServer } from '../../../src/server.ts';
import { popCore } from '../../acceptance/support/clients.ts';
import { rootKey } from '../../acceptance/support/otaru.ts';
import { onPostgres } from '../../support/engines.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

/** Moves the time until `work` is done, which takes real time as well. */
async function during<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  let done = false;
  const settled = work.finally(() => {
    done = true;
  });
  while (!done) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return settled;
}

onPostgres('the quota of an account', (database) => {
  it('holds over two servers, to the call, and is full again in the next second', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'otaru-quota-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const clock = createTestClock(Date.now());
    const config = readConfig({
      OTARU_DATA: folder,
      OTARU_HTTP: '127.0.0.1:0',
      OTARU_MQTT: '127.0.0.1:0',
      OTARU_DATABASE_URL: database.options.databaseUrl ?? '',
      OTARU_ACCESS_KEY_ID: rootKey.accessKeyId,
      OTARU_ACCESS_KEY_SECRET: rootKey.accessKeySecret,
    });
    await using one = await startServer(config, { log: silentLog, clock });
    await using other = await during(clock, startServer(config, { log: silentLog, clock }));

    /** Codes of the refusals; what is not refused leaves none. */
    const burst = async () => {
      const calls = [one, other].flatMap(({ http }) =>
        Array.from({ length: 60 }, () =>
          popCore(http, rootKey)
            .request('QueryProductList', { PageSize: 1, CurrentPage: 1 })
            .then(
              () => undefined,
              ({ code, message }: Error & { code?: string }) => code ?? message,
            ),
        ),
      );
      return (await Promise.all(calls)).filter((code) => code !== undefined);
    };
    const refused = await burst();
    expect(new Set(refused)).toEqual(new Set(['Throttling.User']));
    // 50 a second
    expect(refused).toHaveLength(120 - 50);
    await clock.advance(1_000);
    expect(await burst()).toHaveLength(120 - 50);
  });
});
