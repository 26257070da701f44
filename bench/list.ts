import { sql } from 'kysely';
import type { TaskStatus } from '../src/store/schema.ts';
import { type Benchmark, peakMemory, type Row } from './support/benchmark.ts';
import { cpuSeconds } from './support/cpu.ts';
import { fillDevices, fillJob } from './support/fill.ts';
import { startHelper } from './support/helper-process.ts';
import type { LoadOrder, LoadReport } from './support/load-process.ts';
import { watchProcessors } from './support/processors.ts';
import type { ReportOrder, ReportReport } from './support/report-process.ts';
import type { BenchServer } from './support/server.ts';
import { type Caller, openConnection, type SignedCall, signedRequest } from './support/signed-calls.ts';
import { median, quantile } from './support/statistics.ts';

const PAGE = 10;
const CONNECTIONS = 32;
const TRANSITIONS_PER_SECOND = 2_000;

/** Counts of tasks are multiples of 100, the period of {@link mixed}. */
const full = { tasks: 1_000_000, few: 1_000, reporting: 6_000, rounds: 300, calls: 4_000, turns: 7 };
const small: typeof full = { tasks: 4_000, few: 1_000, reporting: 100, rounds: 5, calls: 64, turns: 2 };
type Size = typeof full;

export const benchList: Benchmark = {
  name: 'list',
  question:
    'Is a page of ListOTATaskByJob as fast at any depth, in a job of any size, filtered or not, and under load?',
  engines: ['sqlite', 'postgres'],
  async run({ quick, startServer, note }) {
    const size = quick ? small : full;
    await using server = await startServer();
    const caller: Caller = { endpoint: server.otaru.http, key: server.key };
    const { Data: product } = await server.client.call('CreateProduct', { ProductName: 'bench', NodeType: 0 });
    const productKey: string = product.ProductKey;
    note('filling the jobs');
    let few: Job;
    let many: Job;
    {
      await using store = await server.openStore();
      await fillDevices(store, productKey, size.reporting);
      few = {
        id: await fillJob(store, productKey, size.few, sql`'SUCCEEDED'`),
        totals: new Map([[undefined, size.few]]),
      };
      many = {
        id: await fillJob(store, productKey, size.tasks, mixed(size.reporting)),
        totals: totals(size.tasks, size.reporting),
      };
    }
    note('pages in turns');
    const rows = await depths(caller, few, many, size);
    note('calls by the thousand');
    rows.push(...(await throughput(server, caller, many, size)));
    note('pages while tasks change');
    rows.push(...(await busy(caller, { mqtt: server.otaru.mqtt, productKey }, many, size)));
    return [...rows, ...(await peakMemory(server))];
  },
};

interface Job {
  readonly id: string;
  readonly totals: ReadonlyMap<TaskStatus | undefined, number>;
}

/** The first tasks have been told of; behind them 90 % succeeded, 1 % failed, the others on their way, as a rollout leaves them. */
const mixed = (told: number) => sql<TaskStatus>`case when n < ${sql.lit(told)} then 'NOTIFIED'
  when n % 100 = 50 then 'FAILED' when n % 10 = 9 and n % 100 < 80 then 'QUEUED'
  when n % 100 = 99 then 'IN_PROGRESS' else 'SUCCEEDED' end`;

const totals = (tasks: number, told: number): Job['totals'] =>
  new Map<TaskStatus | undefined, number>([
    [undefined, tasks],
    ['SUCCEEDED', (tasks - told) * 0.9],
    ['QUEUED', (tasks - told) * 0.08],
    ['IN_PROGRESS', (tasks - told) * 0.01],
    ['FAILED', (tasks - told) * 0.01],
    ['NOTIFIED', told],
  ]);

/** @param number from 1; from the end if negative */
function page({ id, totals }: Job, number: number, status?: TaskStatus): SignedCall {
  const total = totals.get(status) ?? 0;
  const at = number < 0 ? Math.ceil(total / PAGE) + number + 1 : number;
  return {
    action: 'ListOTATaskByJob',
    parameters: { JobId: id, CurrentPage: at, PageSize: PAGE, TaskStatus: status },
    expect: `"Total":${total},`,
  };
}

/** A call on a connection of this process; what is timed begins after it was signed. */
async function timed(
  caller: Caller,
  measure: (time: (call: SignedCall) => Promise<number>) => Promise<void>,
): Promise<void> {
  using connection = await openConnection(caller.endpoint);
  await measure(async (call) => {
    const request = signedRequest(caller, call);
    const started = performance.now();
    await connection.send(request, call.expect);
    return performance.now() - started;
  });
}

/** Last pages of a long list against first ones, and a long list against a short one. */
async function depths(caller: Caller, few: Job, many: Job, size: Size): Promise<Row[]> {
  const statuses = [...many.totals.keys()];
  const calls = [
    page(few, 1),
    page(few, -1),
    ...statuses.flatMap((status) => [page(many, 1, status), page(many, -1, status)]),
  ];
  const times = calls.map((): number[] => []);
  await timed(caller, async (time) => {
    for (let round = -5; round < size.rounds; round += 1) {
      for (const [index, call] of calls.entries()) {
        const ms = await time(call);
        if (round >= 0) times[index]?.push(ms);
      }
    }
  });
  const [fewFirst, fewLast, ...pairs] = times.map(median) as [number, number, ...number[]];
  const [first, last] = pairs as [number, number];
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  return [
    ...statuses.flatMap((status, index): Row[] => {
      const [early, late] = pairs.slice(2 * index) as [number, number];
      const what = `${status ?? 'all'} (${many.totals.get(status)?.toLocaleString('en')})`;
      const atMost = status === undefined ? 1.3 : 1.5;
      return [
        { what: `first page, ${what}`, measured: ms(early) },
        { what: `last page against it, ${what}`, measured: ms(late), value: late / early, goal: { atMost } },
      ];
    }),
    { what: `first page of a job of ${size.few}`, measured: ms(fewFirst) },
    {
      what: `the long job's first page against it`,
      measured: ms(first),
      value: first / fewFirst,
      goal: { atMost: 1.3 },
    },
    { what: `last page of a job of ${size.few}`, measured: ms(fewLast) },
    { what: `the long job's last page against it`, measured: ms(last), value: last / fewLast, goal: { atMost: 1.3 } },
  ];
}

/**
 * What a signed call costs that asks the database for nothing: no group can have this name, which is seen before
 * anything is looked up. What is left is what every call pays: HTTP, signature, nonce, quota, instance, answer.
 */
const emptyCall: SignedCall = {
  action: 'QueryDeviceGroupList',
  parameters: { GroupName: '-', CurrentPage: 1, PageSize: PAGE },
  expect: '"Total":0,',
};

/** Calls from {@link CONNECTIONS} connections at a time, made by a process of its own. */
async function throughput({ otaru }: BenchServer, caller: Caller, many: Job, size: Size): Promise<Row[]> {
  const count = size.calls;
  await using load = startHelper<LoadOrder, LoadReport>('load-process.ts');
  const pages = Array.from({ length: 100 }, () => page(many, 1 + Math.floor((Math.random() * size.tasks) / PAGE)));
  const run = async (calls: readonly SignedCall[]) => {
    const before = await cpuSeconds(otaru.pid);
    const { rate } = await load.ask({ caller, calls, count, connections: CONNECTIONS });
    const after = await cpuSeconds(otaru.pid);
    return { rate, cpu: (((after ?? Number.NaN) - (before ?? Number.NaN)) / count) * 1e6 };
  };
  const empty: Awaited<ReturnType<typeof run>>[] = [];
  const list: typeof empty = [];
  const processors = watchProcessors();
  for (let turn = -1; turn < size.turns; turn += 1) {
    const one = await run([emptyCall]);
    const other = await run(pages);
    if (turn < 0) continue;
    empty.push(one);
    list.push(other);
  }
  const rateOf = (turns: typeof empty) => median(turns.map(({ rate }) => rate));
  const cpuOf = (turns: typeof empty) => `${Math.round(median(turns.map(({ cpu }) => cpu)))} µs`;
  const perSecond = (rate: number) => `${Math.round(rate).toLocaleString('en')}/s`;
  return [
    { what: `empty signed calls, ${CONNECTIONS} connections`, measured: perSecond(rateOf(empty)) },
    {
      what: 'pages of 10 tasks at random depths against them',
      measured: perSecond(rateOf(list)),
      value: rateOf(list) / rateOf(empty),
      goal: { atLeast: 0.6 },
      bound: `Processors, ${processors()} % busy. An empty call takes ${cpuOf(empty)} of the server's processor time and asks the database for who calls and for the nonce; a page takes ${cpuOf(list)} and asks for the job and for its rows besides.`,
    },
  ];
}

/** The list while devices report: each of them that its update has begun, and later that it has failed. */
async function busy(
  caller: Caller,
  { mqtt, productKey }: { readonly mqtt: string; readonly productKey: string },
  many: Job,
  size: Size,
): Promise<Row[]> {
  await using devices = startHelper<ReportOrder, ReportReport>('report-process.ts');
  await devices.ask({ op: 'connect', mqtt, productKey, from: 0, count: size.reporting });
  const anyPage = (status?: TaskStatus) =>
    page(many, 1 + Math.floor((Math.random() * (many.totals.get(status) ?? 0)) / PAGE), status);
  const idle: number[] = [];
  const loaded: number[] = [];
  let reports: ReportReport | undefined;
  let busyPercent = 0;
  await timed(caller, async (time) => {
    // of succeeded tasks the number stays what it is, so that it can be held against the answers
    const one = async (times: number[]) =>
      void times.push(await time(anyPage(times.length % 2 ? 'SUCCEEDED' : undefined)));
    while (idle.length < size.calls / 2) await one(idle);
    const processors = watchProcessors();
    const reporting = devices.ask({ op: 'report', perSecond: TRANSITIONS_PER_SECOND }).then((report) => {
      reports = report;
    });
    while (!reports) await one(loaded);
    await reporting;
    busyPercent = processors();
    const failed = (many.totals.get('FAILED') ?? 0) + size.reporting;
    await time({ ...page(many, 1, 'FAILED'), expect: `"Total":${failed},` });
  });
  const p99 = (times: readonly number[]) => quantile(times, 0.99);
  const { taken = 0, seconds = 1 } = reports ?? {};
  const bound = `Processors, ${busyPercent} % busy, which the server shares with the devices, with who measures and with its database.`;
  return [
    {
      what: `tasks of the job that change, by reports of ${size.reporting.toLocaleString('en')} devices`,
      value: Math.round(taken / seconds),
      unit: 'a second',
      goal: { atLeast: size.reporting === full.reporting ? 0.95 * TRANSITIONS_PER_SECOND : 0 },
      bound,
    },
    { what: 'page at any depth before that, p99', measured: `${p99(idle).toFixed(2)} ms` },
    {
      what: 'page at any depth meanwhile, p99 against it',
      measured: `${p99(loaded).toFixed(2)} ms (p50 ${median(loaded).toFixed(2)})`,
      value: p99(loaded) / p99(idle),
      goal: { atMost: 3 },
      bound,
    },
  ];
}
