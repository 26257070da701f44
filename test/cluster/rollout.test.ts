import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { models } from '../acceptance/support/clients.ts';
import type { Otaru } from '../acceptance/support/otaru.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { allReported, countsOf, prepare, registerMany, rollOutToAll, stepsOf, watchTasks } from './support/fleet.ts';
import { type Nodes, startNodes } from './support/nodes.ts';

const DEVICES = 300;

describe.skipIf(inject('postgresSocket') === '')('kill -9 of a node in the middle of a rollout', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await startNodes(3);
  });
  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
  });

  it(`to ${DEVICES} devices: every task ends, none twice, and the counters are exact`, async () => {
    const rollout = await prepare(nodes, 'rollout');
    const { sdk } = rollout;
    const devices = await registerMany(rollout, DEVICES);
    expect(devices).toHaveLength(DEVICES);
    await watchTasks(nodes);
    await using fleet = nodes.simulate(devices, '2.0.0', '--connect-rate', '200', '--step-percent', '50');
    await allReported(nodes, DEVICES);
    const jobId = await rollOutToAll(rollout);
    const total = async (taskStatus?: string) => {
      const request = new models.ListOTATaskByJobRequest({ jobId, taskStatus, currentPage: 1, pageSize: 1 });
      return (await sdk.listOTATaskByJob(request)).body.total ?? 0;
    };
    await eventually(async () => expect(await total('SUCCEEDED')).toBeGreaterThan(DEVICES / 10), 60_000);
    await (nodes.all[1] as Otaru).kill();
    const done = await total('SUCCEEDED');
    expect(done).toBeLessThan(DEVICES * 0.8);

    const summary = await fleet.ended;
    expect(summary).toMatchObject({ reached: true, devices: DEVICES, versions: { '2.0.0': DEVICES } });
    // no device has downloaded or been told anything twice that it had finished
    expect(summary).toMatchObject({ downloads: DEVICES, pushesAfterEnd: 0 });

    await eventually(async () => expect(await rollout.jobStatus(jobId)).toBe('COMPLETED'), 20_000);
    const { kept, counted } = await countsOf(nodes, jobId);
    expect(kept).toEqual(counted);
    expect(await total()).toBe(DEVICES);
    expect(await total('SUCCEEDED')).toBe(DEVICES);
    const steps = await stepsOf(nodes, jobId);
    expect(steps['NOTIFIED']).toEqual({ 1: DEVICES });
    expect(steps['SUCCEEDED']).toEqual({ 1: DEVICES });
    expect(Object.keys(steps).sort()).toEqual(['IN_PROGRESS', 'NOTIFIED', 'SUCCEEDED']);
  });
});
