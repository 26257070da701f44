import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PackageNotice } from '../src/wire/device-messages.ts';
import type { BareGatewayReady, PushOrder } from './support/bare-gateway.ts';
import { type Benchmark, peakMemory } from './support/benchmark.ts';
import { cpuSeconds } from './support/cpu.ts';
import { preciseNow } from './support/devices.ts';
import { makeFleet, NEW_VERSION } from './support/fleet.ts';
import { type HeldDevices, startDevices } from './support/held-devices.ts';
import { watchProcessors } from './support/processors.ts';
import { countedStates, noneLeft, startJob, uploadFirmware } from './support/rollout.ts';
import { median } from './support/statistics.ts';

const PARALLEL = 200;
const TIMEOUT_MS = 60_000;
const ARRIVALS_MS = 4_000;
/** As long as what the server sends. */
const EXAMPLE: PackageNotice = {
  version: NEW_VERSION,
  module: 'default',
  isDiff: false,
  signMethod: 'SHA256',
  files: [
    {
      name: '',
      source: `http://127.0.0.1:8080/d/${'x'.repeat(150)}`,
      size: 4_096,
      md5: 'd'.repeat(32),
      sign: 's'.repeat(64),
    },
  ],
  extData: {},
};

export const benchPush: Benchmark = {
  name: 'push',
  question: 'How soon has the last of all connected devices been told of a job?',
  engines: ['sqlite', 'postgres'],
  async run({ quick, startServer, note }) {
    const count = quick ? 200 : 10_000;
    const rounds = quick ? 1 : 3;
    await using server = await startServer();
    await using fleet = await makeFleet(server, count);
    await using bare = await startBareGateway();
    await using bareDevices = await startDevices(bare.mqtt, { productKey: fleet.productKey, secret: 'any' });
    note(`connecting ${count.toLocaleString('en')} devices, twice`);
    await fleet.devices.connect({ from: 0, to: count, parallel: PARALLEL });
    await bareDevices.connect({ from: 0, to: count, parallel: PARALLEL });
    // devices are looked at two seconds after they have come; that is not to mix with what follows
    await sleep(ARRIVALS_MS);

    const whole: number[] = [];
    const pushing: number[] = [];
    const bareSeconds: number[] = [];
    let cpu = 0;
    const busy: number[] = [];
    await using store = await server.openStore();
    for (let round = 0; round < rounds; round += 1) {
      note(`round ${round + 1} of ${rounds}`);
      const bareTold = await toldSince(bareDevices, count, async () => bare.pushToAll(EXAMPLE));
      bareSeconds.push((bareTold.last - bareTold.startedAt) / 1_000);
      const firmwareId = await uploadFirmware(server.client, fleet.productKey);
      let jobId = '';
      const before = await cpuSeconds(server.otaru.pid);
      const processors = watchProcessors();
      const told = await toldSince(fleet.devices, count, async () => {
        jobId = await startJob(server.client, fleet.productKey, firmwareId);
      });
      busy.push(processors());
      cpu += ((await cpuSeconds(server.otaru.pid)) ?? 0) - (before ?? 0);
      whole.push((told.last - told.startedAt) / 1_000);
      pushing.push((told.last - told.first) / 1_000);
      const states = await countedStates(store.engine, jobId);
      if (states['NOTIFIED'] !== count) throw new Error(`not all are told: ${JSON.stringify(states)}`);
      // a device has one task at a time
      await server.client.call('CancelOTATaskByJob', { JobId: jobId, CancelNotifiedTask: true });
      await noneLeft(store.engine, jobId);
    }
    const can = count / median(bareSeconds);
    const does = count / median(pushing);
    const microseconds = Math.round((cpu / rounds / count) * 1_000_000);
    // of all processes on the machine, from the call to the last device
    const allSeconds = (median(busy) / 100) * availableParallelism() * median(whole);
    const allMicroseconds = Math.round((allSeconds / count) * 1_000_000);
    return [
      { what: 'the same gateway, without a database, tells all', measured: `${Math.round(can)}/s` },
      {
        what: `a job tells ${count.toLocaleString('en')} devices, first to last`,
        measured: `${Math.round(does)}/s`,
        value: does / can,
        goal: { atLeast: 0.5 },
        bound: `To make the task of a device, to find, change and commit it and to send the message takes ${microseconds} µs of the server's processor time, ${allMicroseconds} µs with all that ran on the machine meanwhile: the database, the devices' own process. The ${availableParallelism()} processors were ${median(busy)} % busy.`,
      },
      {
        what: 'from the call that makes the job to the last device told',
        measured: `${(median(whole) * 1_000).toFixed(0)} ms`,
      },
      ...(await peakMemory(server)),
    ];
  },
};

/** When the first and the last device were told since `cause`, in milliseconds since 1970. */
async function toldSince(devices: HeldDevices, count: number, cause: () => Promise<void>) {
  await devices.forget({});
  const startedAt = preciseNow();
  await cause();
  const told = await devices.told({ count, timeoutMs: TIMEOUT_MS });
  if (told.length !== count) throw new Error(`${told.length} of ${count} devices were told`);
  return { startedAt, first: told[0] as number, last: told.at(-1) as number };
}

async function startBareGateway() {
  const child = fork(`${import.meta.dirname}/support/bare-gateway.ts`);
  const [{ mqtt }] = (await once(child, 'message')) as [BareGatewayReady];
  return {
    mqtt,
    pushToAll: (notice: PackageNotice) => void child.send({ package: notice } satisfies PushOrder),
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
