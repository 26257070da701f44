import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Benchmark, peakMemory } from './support/benchmark.ts';
import { makeFleet } from './support/fleet.ts';
import { collectGarbage, inspected } from './support/inspected.ts';
import { quantile } from './support/statistics.ts';

/** Descriptors that the server needs for itself. */
const RESERVED = 600;
/** As many as the machine is asked for at most. */
const MOST = 19_000;
/** Logins under way at a time. */
const PARALLEL = 200;
/** Connected and closed first: what the process needs once is not a connection's. */
const WARM_UP = 1_000;
/** Until all that follows from connecting is done. */
const SETTLE_MS = 4_000;
const CALLS = 50;

export const benchConnections: Benchmark = {
  name: 'connections',
  question: 'How many idle devices does a node hold, and at what memory each?',
  engines: ['sqlite', 'postgres'],
  async run({ quick, engine, startServer, note }) {
    const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })) || MOST;
    // the database makes no difference to what is held, only to the logins
    const count = quick ? 200 : engine === 'postgres' ? 5_000 : Math.min(MOST, limit - RESERVED);
    const warmUp = Math.min(WARM_UP, count);
    await using server = await startServer(inspected);
    await using fleet = await makeFleet(server, count);
    const { devices } = fleet;
    const held = async () => {
      await sleep(quick ? 100 : SETTLE_MS);
      // twice: what finalizers let go of is garbage only then
      await collectGarbage(server);
      await collectGarbage(server);
      return server.rss();
    };
    await devices.connect({ from: 0, to: warmUp, parallel: PARALLEL });
    await devices.disconnect({ from: 0, to: warmUp, parallel: PARALLEL });
    const bare = await held();
    note(`connecting ${count.toLocaleString('en')} devices`);
    const connected = await devices.connect({ from: 0, to: count, parallel: PARALLEL });
    const grown = await server.rss();
    const full = await held();
    const times: number[] = [];
    for (let call = 0; call < (quick ? 5 : CALLS); call += 1) {
      const start = performance.now();
      const { Data } = await server.client.call('QueryDeviceStatistics', { ProductKey: fleet.productKey });
      times.push(performance.now() - start);
      if (Data.onlineCount !== count) throw new Error(`${Data.onlineCount} devices are online`);
    }
    const alive = await devices.ping({ from: 0, to: count });
    const lost = await devices.lost({});
    if (lost > 0) throw new Error(`${lost} connections were lost`);
    const each = full === undefined || bare === undefined ? undefined : (full - bare) / count;
    const uncollected = grown === undefined || bare === undefined ? undefined : (grown - bare) / count;
    return [
      { what: 'devices connected and idle, none lost', measured: count.toLocaleString('en') },
      {
        what: 'memory of a connection above the bare process, garbage collected',
        ...(each === undefined ? {} : { value: each / 1_024, unit: 'KiB', goal: { atMost: 8 } }),
        bound: 'A few hundred connections say nothing: what the process needs once outweighs them.',
      },
      {
        what: 'the same with the garbage of the logins, which the process keeps as room',
        ...(uncollected === undefined ? {} : { value: uncollected / 1_024, unit: 'KiB' }),
      },
      {
        what: 'logins, each with a signature, a row and an event looked for',
        measured: `${Math.round(count / connected.seconds)}/s`,
      },
      {
        what: 'a login: p50, p99',
        measured: `${quantile(connected.times, 0.5).toFixed(0)}, ${quantile(connected.times, 0.99).toFixed(0)} ms`,
      },
      { what: 'a ping of each at once, last answer', measured: `${(alive.seconds * 1_000).toFixed(0)} ms` },
      {
        what: 'a call of the API meanwhile: p50, p99',
        measured: `${quantile(times, 0.5).toFixed(1)}, ${quantile(times, 0.99).toFixed(1)} ms`,
      },
      ...(await peakMemory(server)),
    ];
  },
};
