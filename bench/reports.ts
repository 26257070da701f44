import type { Engine } from '../src/store/engine.ts';
import { setModuleVersions } from '../src/store/queries/modules.ts';
import { type TaskRow, updateTasks } from '../src/store/queries/tasks.ts';
import { type Benchmark, peakMemory } from './support/benchmark.ts';
import { cpuSeconds } from './support/cpu.ts';
import { fillDevices } from './support/fill.ts';
import { makeFleet, NEW_VERSION } from './support/fleet.ts';
import { watchProcessors } from './support/processors.ts';
import { countedStates, startJob, tasksMade, uploadFirmware } from './support/rollout.ts';
import { median, quantile } from './support/statistics.ts';

/** What each device says in a round: how far it is, and at last the version that it runs. */
const ROUNDS: readonly (readonly (number | string)[])[] = [
  [10, 40],
  [70, 90],
  [100, NEW_VERSION],
];
/** Rows of one transaction of the direct writes. */
const BATCH = 1_000;

export const benchReports: Benchmark = {
  name: 'reports',
  question: 'At what rate are reports of connected devices stored before they are acknowledged?',
  engines: ['sqlite', 'postgres'],
  async run({ quick, startServer, note }) {
    const count = quick ? 100 : 10_000;
    await using server = await startServer();
    await using fleet = await makeFleet(server, count);
    const { client } = server;
    note(`connecting ${count.toLocaleString('en')} devices`);
    await fleet.devices.connect({ from: 0, to: count, parallel: 200 });
    const jobId = await startJob(client, fleet.productKey, await uploadFirmware(client, fleet.productKey));
    const told = await fleet.devices.told({ count, timeoutMs: 60_000 });
    if (told.length < count) throw new Error(`only ${told.length} devices were told`);

    // the same tasks of devices that are not connected, for the writes without a server
    await using store = await server.openStore();
    const { Data: other } = await client.call('CreateProduct', { ProductName: 'direct', NodeType: 0 });
    await fillDevices(store, other.ProductKey, count);
    const otherJobId = await startJob(client, other.ProductKey, await uploadFirmware(client, other.ProductKey));
    await tasksMade(store.engine, otherJobId, count);

    note('reports and direct writes in turns');
    const reports = { seconds: 0, said: 0, cpu: 0, busy: [] as number[], times: [] as number[] };
    let direct = 0;
    const pings: number[] = [];
    for (const said of ROUNDS) {
      const before = await cpuSeconds(server.otaru.pid);
      const processors = watchProcessors();
      const { seconds, times } = await fleet.devices.report({ from: 0, to: count, said });
      reports.busy.push(processors());
      const after = await cpuSeconds(server.otaru.pid);
      if (before !== undefined && after !== undefined) reports.cpu += after - before;
      reports.seconds += seconds;
      reports.said += count * said.length;
      reports.times.push(...times.map((time) => time / said.length));
      for (const word of said) direct += await writeDirectly(store.engine, otherJobId, word);
      // what the same connections can do where nothing has to be understood or stored
      for (const _ of said) pings.push(count / (await fleet.devices.ping({ from: 0, to: count })).seconds);
    }
    for (const id of [jobId, otherJobId]) {
      const states = await countedStates(store.engine, id);
      if (states['SUCCEEDED'] !== count) throw new Error(`not all have arrived: ${JSON.stringify(states)}`);
    }
    const rate = reports.said / reports.seconds;
    const microseconds = Math.round((reports.cpu / reports.said) * 1_000_000);
    const directRate = reports.said / direct;
    const pingRate = median(pings);
    const inTurn = 1 / (1 / pingRate + 1 / directRate);
    const perSecond = (value: number) => `${Math.round(value).toLocaleString('en')} a second`;
    return [
      { what: `same writes in batches of ${BATCH}, no server`, measured: `${Math.round(directRate)}/s` },
      {
        what: `reports acknowledged, ${count.toLocaleString('en')} devices`,
        measured: `${Math.round(rate)}/s`,
        value: rate / directRate,
        goal: { atLeast: 0.5 },
        bound: `A report takes the server ${microseconds} µs of processor time, SQLite included if that is what runs. The same connections have ${perSecond(pingRate)} pings answered, for which nothing is decoded or stored: to answer one and to write one of the direct writes, each after the other, is ${perSecond(inTurn)}, ${(inTurn / directRate).toFixed(2)} of the latter. The processors were ${median(reports.busy)} % busy with the server, the devices' own process and the database.`,
      },
      { what: 'pings answered on the same connections', measured: `${Math.round(pingRate)}/s` },
      { what: 'processor time of the server for a report', measured: `${microseconds} µs` },
      {
        what: 'a report, all devices at once: p50, p99',
        measured: `${quantile(reports.times, 0.5).toFixed(0)}, ${quantile(reports.times, 0.99).toFixed(0)} ms`,
      },
      ...(await peakMemory(server)),
    ];
  },
};

/** Writes into the tasks of a job what a report of each device would. @returns seconds */
async function writeDirectly(engine: Engine, jobId: string, said: number | string): Promise<number> {
  const tasks = await engine.read.selectFrom('task').selectAll().where('job_id', '=', jobId).orderBy('seq').execute();
  const now = Date.now();
  const start = performance.now();
  for (let from = 0; from < tasks.length; from += BATCH) {
    const batch = tasks.slice(from, from + BATCH);
    await engine.transaction(async (tx) => {
      await updateTasks(
        tx,
        batch.map((task) => ({ was: task, task: after(task, said, now) })),
      );
      if (typeof said === 'number') return;
      const version = { module: 'default', version: said, reported_at: now };
      await setModuleVersions(
        tx.db,
        batch.map((task) => ({ device_id: task.device_id, ...version })),
      );
    });
  }
  return (performance.now() - start) / 1_000;
}

function after(task: TaskRow, said: number | string, now: number): TaskRow {
  if (typeof said === 'number') {
    return {
      ...task,
      status: 'IN_PROGRESS',
      progress: said,
      first_progress_at: task.first_progress_at ?? now,
      modified_at: now,
    };
  }
  return { ...task, status: 'SUCCEEDED', progress: 100, active_module: null, modified_at: now };
}
