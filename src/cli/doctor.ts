import { access, constants, mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { openBlobStore } from '../blob/open-blob-store.ts';
import { type Config, readConfig } from '../config/env.ts';
import { randomText } from '../lib/ids.ts';
import { silentLog } from '../lib/log.ts';
import { openStore } from '../open-store.ts';
import { CommandError, print } from './output.ts';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly detail: string;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Check the configuration, the database, the blob store and what devices will be given.')
    .option('--json', 'print one line of JSON for each check')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(readConfig());
      for (const { check, state, detail } of findings) {
        print(json ? JSON.stringify({ check, state, detail }) : `${state.padEnd(8)} ${check.padEnd(12)} ${detail}`);
      }
      if (findings.some(({ state }) => state === 'fault'))
        throw new CommandError('There are faults that keep Otaru from working.');
    });
}

async function examine(config: Config): Promise<Finding[]> {
  const check = async (name: string, work: () => Promise<string>): Promise<Finding> => {
    try {
      return { check: name, state: 'ok', detail: await work() };
    } catch (error) {
      return { check: name, state: 'fault', detail: (error as Error).message };
    }
  };
  return [
    { check: 'node', state: 'ok', detail: `Node.js ${process.versions.node}` },
    await check('data folder', async () => {
      await mkdir(config.data, { recursive: true });
      await access(config.data, constants.R_OK | constants.W_OK | constants.X_OK);
      return `${config.data} can be written`;
    }),
    await check('database', async () => {
      await using store = await openStore(config, { log: silentLog });
      return `${await store.engine.describe()}, schema up to date, master key fits`;
    }),
    await check('blob store', () => tryBlobs(config)),
    ...publicUrlFindings(config),
    {
      check: 'limits',
      state: 'ok',
      detail:
        config.limits === 'aliyun' ? 'the documented limits and quotas hold (OTARU_LIMITS=aliyun)' : 'open: no quotas',
    },
  ];
}

async function tryBlobs(config: Config): Promise<string> {
  await using blobs = await openBlobStore(config.blobs, config.s3);
  const key = `doctor/${randomText(22)}`;
  await blobs.put(key, Readable.from([Buffer.from('otaru')]), { maxBytes: 5 });
  await blobs.delete(key);
  return `${config.blobs.split('?')[0]} takes and gives files`;
}

/** What device SDKs cannot cope with in a download URL (device-protocol 4.2, storage-and-events 2.2). */
function publicUrlFindings({ publicUrl }: Config): Finding[] {
  const found = (state: Finding['state'], detail: string): Finding => ({ check: 'public URL', state, detail });
  if (publicUrl === undefined) {
    return [
      found(
        'warning',
        'OTARU_PUBLIC_URL is not set: devices are given the loopback address, which serves this machine only',
      ),
    ];
  }
  const url = new URL(publicUrl);
  // path and query of a signed URL take 164 characters, and a whole URL may have 254
  if (publicUrl.length > 90)
    return [found('fault', `${publicUrl} is too long: device URLs would exceed 254 characters`)];
  if (url.port !== '') return [found('warning', `${publicUrl} names a port: C device SDKs cannot download from it`)];
  return [found('ok', publicUrl)];
}
