import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBlobStore } from '../src/blob/open-blob-store.ts';
import { downloadUrl } from '../src/domain/downloads.ts';
import { uploadForm } from '../test/acceptance/support/upload.ts';
import { freePort, missing, startDeployedNginx } from '../test/support/proxies.ts';
import { type Benchmark, peakMemory, type Row } from './support/benchmark.ts';
import { download, openSlowDownloads } from './support/downloads.ts';
import type { BenchServer } from './support/server.ts';
import { interleave, median, quantile } from './support/statistics.ts';

const MIB = 2 ** 20;
/** What nginx comes from when it asks the server, so that the server can tell it from the benchmark. */
const NGINX_ADDRESS = '127.0.0.2';

export const benchDownload: Benchmark = {
  name: 'download',
  question: 'Is a package sent at half of the rate of nginx with sendfile or more, and what do 200 slow devices cost?',
  // the database is asked once for a download
  engines: ['sqlite'],
  async run({ quick, startServer, note }) {
    const bytes = quick ? 5_000_000 : 100_000_000;
    const rounds = quick ? 2 : 7;
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'otaru-bench-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const port = await freePort();
    await using server = await startServer({
      OTARU_TRUSTED_PROXIES: NGINX_ADDRESS,
      OTARU_DOWNLOADS: 'x-accel:/otaru-packages',
    });
    note(`uploading ${bytes / 1_000_000} MB`);
    const { target, file } = await upload(server, bytes);
    const own = { port: Number(new URL(server.otaru.http).port), target };
    if (missing.nginx) note(`${missing.nginx}: nothing to compare with`);
    else {
      const blobs = join(server.otaru.data, 'blobs');
      const nginx = await startDeployedNginx({
        folder,
        blobs,
        port,
        http: `127.0.0.1:${own.port}`,
        changes: [
          ['proxy_http_version 1.1;', `proxy_http_version 1.1; proxy_bind ${NGINX_ADDRESS};`],
          ['location / {', `location /plain/ { alias ${blobs}/; }\n location / {`],
        ],
      });
      stack.use(nginx);
    }
    const nginx = { port, target: `/plain/${file}` };
    const accel = { port, target };
    const contenders = missing.nginx ? [own] : [nginx, own, accel];

    const checkMs = missing.nginx ? 0 : await timeOfCheck(accel);
    const rows: Row[] = [];
    const idle = await server.rss();
    for (const parallel of [1, 8]) {
      note(`${parallel} at a time, ${rounds} rounds`);
      const all = (one: typeof own) => () =>
        Promise.all(Array.from({ length: parallel }, () => download(one.port, one.target, bytes)));
      const { pid } = server.otaru;
      const before = await processorSeconds(pid);
      const times = await interleave(contenders.map(all), { rounds, warmUp: 1 });
      const gigabytes = (bytes * parallel * (rounds + 1)) / 1e9;
      const perGigabyte = ((await processorSeconds(pid)) - before) / gigabytes;
      const rate = (index: number) => (bytes * parallel) / 1e6 / (median(times[index] ?? []) / 1_000);
      const shown = (index: number) => `${Math.round(rate(index))} MB/s`;
      const many = `${parallel} at a time`;
      if (missing.nginx) {
        rows.push({ what: `the server, ${many}`, measured: shown(0) });
        continue;
      }
      rows.push(
        { what: `nginx, ${many}`, measured: shown(0) },
        {
          what: `the server against it, ${many}`,
          measured: shown(1),
          value: rate(1) / rate(0),
          ...(parallel > 1 ? { goal: { atLeast: 0.5 } } : {}),
          bound: `one event loop that copies every byte twice: ${perGigabyte.toFixed(2)} s of processor time for 1 GB`,
        },
        {
          what: `nginx told by the server (X-Accel-Redirect) against it, ${many}`,
          measured: shown(2),
          value: rate(2) / rate(0),
          ...(parallel > 1 ? { goal: { atLeast: 0.9 } } : {}),
          bound: `the server's word before each file: ${checkMs.toFixed(1)} ms, one after the other`,
        },
      );
    }
    rows.push(...(await slowDownloads(server, own, quick)));
    const peak = await server.peakRss();
    if (idle !== undefined && peak !== undefined) {
      const growth = Math.round((peak - idle) / MIB);
      rows.push({
        what: 'memory above that of the idle server, peak',
        value: growth,
        unit: 'MiB',
        goal: { atMost: 64 },
      });
    }
    return [...rows, ...(await peakMemory(server))];
  },
};

/** Devices on thin lines, all at once; meanwhile a program calls the API. */
async function slowDownloads(
  server: BenchServer,
  { port, target }: { readonly port: number; readonly target: string },
  quick: boolean,
): Promise<Row[]> {
  const count = quick ? 20 : 200;
  const rounds = quick ? 3 : 10;
  const call = async () => {
    const start = performance.now();
    await server.client.call('QueryProductList', { CurrentPage: 1, PageSize: 10 });
    return performance.now() - start;
  };
  const alone: number[] = [];
  for (let round = 0; round < rounds * 30; round++) alone.push(await call());
  const before = (await server.rss()) ?? 0;
  using downloads = await openSlowDownloads({ port, target, count });
  const meanwhile: number[] = [];
  let going = count;
  for (let round = 0; round < rounds; round++) {
    const received = downloads.received();
    const until = performance.now() + 1_000;
    while (performance.now() < until) {
      meanwhile.push(await call());
      await sleep(10);
    }
    going = Math.min(going, downloads.received().filter((bytes, index) => bytes > (received[index] ?? 0)).length);
  }
  const each = (((await server.rss()) ?? 0) - before) / count / 1024;
  const shown = (times: readonly number[]) => `${median(times).toFixed(1)} / ${quantile(times, 0.99).toFixed(1)} ms`;
  return [
    {
      what: `slow downloads (64 KiB/s) that go on, of ${count}`,
      value: going,
      unit: 'downloads',
      goal: { atLeast: count },
    },
    { what: 'memory of the server for each of them', measured: `${Math.max(0, Math.round(each))} KiB` },
    { what: 'an API call alone, median / p99', measured: shown(alone) },
    { what: 'an API call meanwhile, median / p99', measured: shown(meanwhile) },
  ];
}

/** @returns what a device would ask for, and the path of the file in the server's folder of packages */
async function upload(server: BenchServer, size: number): Promise<{ readonly target: string; readonly file: string }> {
  const { Data: grant } = await server.client.call('GenerateOTAUploadURL', { FileSuffix: 'bin' });
  const { Host: host, Key: key, Policy: policy, OSSAccessKeyId, Signature: signature } = grant;
  const answer = await uploadForm({ host, key, policy, OSSAccessKeyId, signature }, randomBytes(size));
  if (answer.status !== 200) throw new Error(`the upload was answered ${answer.status}`);
  await using store = await server.openStore();
  await using blobs = await openBlobStore(`file:${join(server.otaru.data, 'blobs')}`);
  return { target: downloadUrl({ ...store, publicUrl: '' }, key), file: blobs.pathOf?.(key) ?? '' };
}

/** Milliseconds that nginx waits for the server before it sends a file. */
async function timeOfCheck({ port, target }: { readonly port: number; readonly target: string }): Promise<number> {
  const check = () => fetch(`http://127.0.0.1:${port}${target}`, { method: 'HEAD' });
  const [times = []] = await interleave([check], { rounds: 30, warmUp: 5 });
  return median(times);
}

/** Of all threads; 0 where the system does not tell. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // user and system time, in hundredths
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}
