import { type Benchmark, peakMemory, type Row } from './support/benchmark.ts';
import { preciseNow } from './support/devices.ts';
import { makeFleet, NEW_VERSION } from './support/fleet.ts';
import type { UpdateTimes } from './support/held-devices.ts';
import { countedStates, startJob, uploadFirmware } from './support/rollout.ts';
import { quantile } from './support/statistics.ts';

export const benchRollout: Benchmark = {
  name: 'rollout',
  question: 'How long does a whole update of a fleet take, and each of its stages?',
  engines: ['sqlite', 'postgres'],
  async run({ quick, startServer, note }) {
    const count = quick ? 100 : 10_000;
    await using server = await startServer();
    await using fleet = await makeFleet(server, count);
    const { devices, productKey } = fleet;
    note(`connecting ${count.toLocaleString('en')} devices`);
    const connected = await devices.connect({ from: 0, to: count, parallel: 200 });
    const firmwareId = await uploadFirmware(server.client, productKey);
    note('the rollout');
    const updating = devices.update({ from: 0, to: count, version: NEW_VERSION, timeoutMs: 240_000 });
    const createdAt = preciseNow();
    const jobId = await startJob(server.client, productKey, firmwareId);
    const { times, failures, again } = await updating;
    if (failures.length > 0) throw new Error(`${failures.length} updates failed, the first with ${failures[0]}`);
    if (times.length !== count) throw new Error(`${count - times.length} devices were lost`);
    if (again > 0) throw new Error(`${again} devices were told twice`);
    const lost = await devices.lost({});
    if (lost > 0) throw new Error(`${lost} connections were lost`);
    await using store = await server.openStore();
    const states = await countedStates(store.engine, jobId);
    if (states['SUCCEEDED'] !== count) throw new Error(`the job says ${JSON.stringify(states)}`);
    const { Total: total } = await server.client.call('ListOTATaskByJob', {
      JobId: jobId,
      CurrentPage: 1,
      PageSize: 1,
      TaskStatus: 'SUCCEEDED',
    });
    if (total !== count) throw new Error(`the list says that ${total} have arrived`);

    const stage = (what: string, of: (device: UpdateTimes) => number) => row(what, times.map(of));
    const ended = Math.max(...times.map((device) => device.reportedAt));
    return [
      { what: `devices updated, none lost, none told twice`, measured: count.toLocaleString('en') },
      {
        what: 'whole rollout, from the call that makes the job to the last version stored',
        measured: `${((ended - createdAt) / 1_000).toFixed(1)} s, ${Math.round(count / ((ended - createdAt) / 1_000))} devices/s`,
      },
      row('connected: p50, p99', connected.times),
      stage('told after the call: p50, p99', (device) => device.toldAt - createdAt),
      stage('downloaded after being told (64 at a time): p50, p99', (device) => device.downloadedAt - device.toldAt),
      stage('progress stored: p50, p99', (device) => device.progressedAt - device.downloadedAt),
      stage('new version stored: p50, p99', (device) => device.reportedAt - device.progressedAt),
      ...(await peakMemory(server)),
    ];
  },
};

const row = (what: string, times: readonly number[]): Row => ({
  what,
  measured: `${quantile(times, 0.5).toFixed(0)}, ${quantile(times, 0.99).toFixed(0)} ms`,
});
