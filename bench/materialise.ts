import { sql } from 'kysely';
import { postForm } from '../src/cli/api-client.ts';
import type { Store } from '../src/open-store.ts';
import type { Db } from '../src/store/engine.ts';
import { lockCandidatesByName } from '../src/store/queries/jobs.ts';
import type { TaskRow } from '../src/store/queries/tasks.ts';
import { type Benchmark, peakMemory, type Row } from './support/benchmark.ts';
import { addPackage, fillDevices, filledDevice, isPostgres } from './support/fill.ts';
import type { BenchServer } from './support/server.ts';
import { openConnection, signedRequest } from './support/signed-calls.ts';
import { median, quantile } from './support/statistics.ts';

/** Rows of one transaction of the bare insert; larger ones are no faster. */
const BARE_ROWS = 10_000;
/** Between two looks at how far the job is: they are calls of the API, whose times are measured. */
const LOOK_MS = 20;

export const benchMaterialise: Benchmark = {
  name: 'materialise',
  question:
    'Is a job of a million devices there at once, and do its tasks follow nearly as fast as rows can be inserted?',
  engines: ['sqlite', 'postgres'],
  async run({ quick, startServer, note }) {
    const count = quick ? 5_000 : 1_000_000;
    await using server = await startServer({ OTARU_METRICS: '127.0.0.1:0' });
    const { Data: product } = await server.client.call('CreateProduct', { ProductName: 'bench', NodeType: 0 });
    const productKey: string = product.ProductKey;
    await using store = await server.openStore();
    note('filling the product with devices');
    await fillDevices(store, productKey, count);
    const firmwareId = await addPackage(store, productKey);
    const listUrl = await uploadNames(server, productKey, count);

    note('the job');
    const before = await readMetrics(server); // delays are told from here on
    const create = {
      FirmwareId: firmwareId,
      ProductKey: productKey,
      TargetSelection: 'SPECIFIC',
      DnListFileUrl: listUrl,
    };
    const started = performance.now();
    const { Data: job } = await server.client.call('CreateOTAStaticUpgradeJob', create);
    const answered = performance.now();
    const told = await readMetrics(server);
    const looks = await watch(server, job.JobId, count);
    const seconds = (performance.now() - answered) / 1_000;
    const after = await readMetrics(server);
    const ownSeconds = after.cpu - before.cpu;

    note('the bare insert');
    const bareSeconds = await bareInsert(store, job.JobId, count);
    const heldSeconds = await holdDevices(store, productKey, count);
    return [
      {
        what: `a job of a list of ${count.toLocaleString('en')} names, answer`,
        value: (answered - started) / 1_000,
        unit: 's',
        goal: { atMost: 1 },
        bound: `The names are read and checked one by one, for ${(told.cpu - before.cpu).toFixed(2)} s of the server's processor time.`,
      },
      { what: 'the bare insert of its tasks', measured: `${bareSeconds.toFixed(1)} s` },
      {
        what: 'its tasks against that',
        measured: `${seconds.toFixed(1)} s`,
        value: seconds / bareSeconds,
        goal: { atMost: 2 },
        bound: `The server's process, with its SQLite if that is what runs, worked for ${ownSeconds.toFixed(1)} s of them. Looking up its devices and holding them still, which the insert does not do, takes ${heldSeconds.toFixed(1)} s by itself.`,
      },
      { what: 'delay of the event loop meanwhile, p99', value: after.p99 * 1_000, unit: 'ms', goal: { atMost: 50 } },
      { what: 'delay of the event loop meanwhile, longest', value: after.max * 1_000, unit: 'ms' },
      {
        what: 'a page of its tasks meanwhile',
        measured: `p50 ${median(looks).toFixed(1)} ms, p99 ${quantile(looks, 0.99).toFixed(1)} ms`,
      },
      ...(await peakMemory(server)),
    ] satisfies Row[];
  },
};

/** @returns the FileUrl of a list of every filled device, one a line */
async function uploadNames({ client }: BenchServer, productKey: string, count: number): Promise<string> {
  const { Data: grant } = await client.call('GenerateDeviceNameListURL');
  const names = Array.from({ length: count }, (_, seq) => filledDevice(productKey, seq).deviceName);
  await postForm(grant, grant.AccessKeyId, Buffer.from(`${names.join('\n')}\n`));
  return grant.FileUrl;
}

/** Looks at the job until it has all its tasks. @returns milliseconds that the looks took */
async function watch(server: BenchServer, jobId: string, count: number): Promise<number[]> {
  const caller = { endpoint: server.otaru.http, key: server.key };
  const call = { action: 'ListOTATaskByJob', parameters: { JobId: jobId, CurrentPage: 1, PageSize: 10 } };
  using connection = await openConnection(caller.endpoint);
  const times: number[] = [];
  for (let total = 0; total < count; ) {
    const request = signedRequest(caller, { ...call, expect: '' });
    const started = performance.now();
    const answer = await connection.send(request, '"Total":');
    times.push(performance.now() - started);
    total = Number(/"Total":(\d+)/.exec(answer)?.[1]);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return times;
}

/** How late the server's event loop was since the last call, 10 s ago or more, and how long its process has worked; in seconds. */
async function readMetrics(server: BenchServer) {
  const text = await (await fetch(server.otaru.metrics)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    p99: read('nodejs_eventloop_lag_p99_seconds'),
    max: read('nodejs_eventloop_lag_max_seconds'),
    cpu: read('process_cpu_seconds_total'),
  };
}

/**
 * The same rows into an empty table with the same indexes on the same database, as any rows are inserted in bulk: a
 * statement for thousands of rows, with all members of each, and nothing looked up.
 * @returns seconds, without the making of the rows
 */
async function bareInsert(store: Store, jobId: string, count: number): Promise<number> {
  const { engine } = store;
  await engine.transaction(async ({ db }) => {
    if (await isPostgres(store)) await sql`create table bare_task (like task including all)`.execute(db);
    else await copySqliteTable(db);
  });
  let ms = 0;
  for (let from = 0; from < count; from += BARE_ROWS) {
    const rows: TaskRow[] = await engine.read
      .selectFrom('task')
      .selectAll()
      .where('job_id', '=', jobId)
      .where('seq', '>=', from)
      .where('seq', '<', from + BARE_ROWS)
      .orderBy('seq')
      .execute();
    const started = performance.now();
    // the table has the columns of `task`
    await engine.transaction((tx) => tx.bulkInsert('bare_task' as 'task', rows));
    ms += performance.now() - started;
  }
  return ms / 1_000;
}

/**
 * What a job does before it inserts: finds devices by name, and locks them with their versions.
 * @returns seconds for `count` devices, told by those of some steps
 */
async function holdDevices({ engine }: Store, productKey: string, count: number): Promise<number> {
  const step = 1_000;
  const steps = Math.min(100, count / step);
  const started = performance.now();
  for (let index = 0; index < steps; index += 1) {
    const names = Array.from(
      { length: step },
      (_, offset) => filledDevice(productKey, index * step + offset).deviceName,
    );
    await engine.transaction((tx) => lockCandidatesByName(tx, { productKey, module: 'default', names }));
  }
  return ((performance.now() - started) / 1_000) * (count / (steps * step));
}

async function copySqliteTable(db: Db): Promise<void> {
  const { rows } = await sql<{
    sql: string;
  }>`select sql from sqlite_master where tbl_name = 'task' and sql is not null`.execute(db);
  // `task` as a word: of the table, and of the indexes that are named after it
  for (const row of rows) await sql.raw(row.sql.replace(/\btask(?=[_ ])/g, 'bare_task')).execute(db);
}
