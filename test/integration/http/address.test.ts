import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { limitProfiles } from '../../../src/contract/limits.ts';
import { createAccount } from '../../../src/domain/accounts.ts';
import { auditRecords } from '../../../src/domain/audit.ts';
import { unlimited } from '../../../src/domain/counter.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { uncounted } from '../../../src/domain/shared-counter.ts';
import { openHttp } from '../../../src/http/server.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { randomIds } from '../../../src/lib/ids.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createVault } from '../../../src/lib/vault.ts';
import type { Network } from '../../../src/net/networks.ts';
import { signedV1Url } from '../../acceptance/support/wire.ts';
import { eachEngine } from '../../support/engines.ts';

eachEngine('the address in the record of a call', (database) => {
  /** A changing call that says to come from elsewhere. @returns the address that is recorded */
  async function recorded(trustedProxies: readonly Network[], forwardedFor: string): Promise<string | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'otaru-address-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const engine = await database.open();
    await using blobs = await openBlobStore(`file:${folder}`);
    const deps = {
      engine,
      blobs,
      trustedProxies,
      clock: systemClock,
      log: silentLog,
      ids: randomIds(systemClock),
      vault: createVault(Buffer.alloc(32, 7)),
      limits: limitProfiles.aliyun,
      publicUrl: 'http://ota.example.com',
      figures: createFigures(systemClock),
      quota: uncounted,
      deviceRate: unlimited,
      checkAnswers: true,
      checkReady: async () => {},
    };
    const key = await createAccount(deps, 'root');
    await using http = await openHttp(deps, { host: '127.0.0.1', port: 0 });
    const url = signedV1Url(`http://127.0.0.1:${http.address.port}`, key, { Action: 'GenerateOTAUploadURL' });
    await new Promise<void>((resolve, reject) => {
      const sent = request(url, { headers: { 'x-forwarded-for': forwardedFor }, agent: false }, (response) =>
        response.resume().on('end', resolve),
      );
      sent.on('error', reject).end();
    });
    for await (const { address } of auditRecords(deps, {})) return address;
    return undefined;
  }

  it('is that of the peer, whatever the peer says', async () => {
    expect(await recorded([], '203.0.113.9')).toBe('127.0.0.1');
    expect(await recorded([{ address: '10.0.0.0', prefix: 8 }], '203.0.113.9')).toBe('127.0.0.1');
  });

  it('is what a trusted proxy says, the nearest address that is no proxy itself', async () => {
    const proxies = [
      { address: '127.0.0.1', prefix: 32 },
      { address: '10.0.0.0', prefix: 8 },
    ];
    expect(await recorded(proxies, '198.51.100.7, 203.0.113.9, 10.1.2.3')).toBe('203.0.113.9');
    expect(await recorded(proxies, 'unknown')).toBe('unknown');
  });
});
