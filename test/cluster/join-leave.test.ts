import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { currentSdk, models } from '../acceptance/support/clients.ts';
import { type Otaru, rootKey } from '../acceptance/support/otaru.ts';
import type { Rollout } from '../acceptance/support/rollout.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { connectFleet, countsOf, prepare, registerMany, rollOutToAll, stepsOf, watchTasks } from './support/fleet.ts';
import { type Nodes, startNodes } from './support/nodes.ts';

const DEVICES = 400;
const CALLERS = 4;
/** How the loss of a connection looks to a caller, who may call again. */
const LOSSES = /ECONNRESET|ECONNREFUSED|EPIPE|socket hang up/;

describe.skipIf(inject('postgresSocket') === '')('under load', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await startNodes(2);
  });
  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
  });

  it('a node joins and another drains and leaves: calls fail by a lost connection at most, and no task is lost', async () => {
    const rollout = await prepare(nodes, 'load');
    const devices = await registerMany(rollout, DEVICES);
    await watchTasks(nodes);
    await using fleet = await connectFleet(nodes, devices, { min: 0, max: 8_000 });
    const callers = Array.from({ length: CALLERS }, (_, index) => keepCalling(nodes, rollout, index));
    const served = () => Math.min(...callers.map(({ calls }) => calls()));
    const servedMore = async (count: number) => {
      const goal = served() + count;
      await eventually(async () => expect(served()).toBeGreaterThan(goal), 60_000);
    };

    await servedMore(10);
    const joined = await nodes.join();
    const jobId = await rollOutToAll(rollout);
    // devices that come back from their update come to all of them
    const held = () => nodes.sql('select distinct node_id from presence');
    await eventually(async () => expect(await held()).toHaveLength(3), 60_000);
    const leaving = nodes.all[0] as Otaru;
    const underWay = await nodes.sql(`select seq from task where job_id = '${jobId}' and active_module is not null`);
    expect(underWay).not.toEqual([]);
    expect(await leaving.stop()).toBe(0);
    // nothing of it is left to be buried
    const alive = `select holder from lease where name like 'node:%' and until > ${Date.now()}`;
    expect(await nodes.sql(alive)).toHaveLength(2);
    const left = `select node_id from presence where node_id not in (${alive})`;
    await eventually(async () => expect(await nodes.sql(left)).toEqual([]));
    await servedMore(10);

    await fleet.updated();
    expect(fleet.totals()).toEqual({ downloads: DEVICES, pushesAfterEnd: 0 });
    const failures = (await Promise.all(callers.map((caller) => caller.stop()))).flat();
    expect(failures.filter((failure) => !LOSSES.test(failure))).toEqual([]);
    // the one that left may say that it had no time to record an end: the others have done so, see above
    expect(joined.log()).toBe('');
    const { kept, counted } = await countsOf(nodes, jobId);
    expect(kept).toEqual(counted);
    expect((await stepsOf(nodes, jobId))['SUCCEEDED']).toEqual({ 1: DEVICES });
  });
});

/** Calls by the current SDK, one after the other, reads and writes. */
function keepCalling({ http }: Nodes, { productKey, firmwareId }: Rollout, caller: number) {
  const sdk = currentSdk(http, rootKey);
  const failures: string[] = [];
  let calls = 0;
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      try {
        const name = `group_${caller}_${calls}`;
        if (calls % 3 === 0) await sdk.createDeviceGroup(new models.CreateDeviceGroupRequest({ groupName: name }));
        else if (calls % 3 === 1) await sdk.queryOTAFirmware(new models.QueryOTAFirmwareRequest({ firmwareId }));
        else await sdk.queryProduct(new models.QueryProductRequest({ productKey }));
      } catch (error) {
        const { name, code, message } = error as Error & { code?: string };
        failures.push([name, code, message].join(' '));
      }
      calls += 1;
    }
    return failures;
  };
  const running = run();
  return {
    calls: () => calls,
    stop() {
      stopped = true;
      return running;
    },
  };
}
