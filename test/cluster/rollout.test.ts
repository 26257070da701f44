import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { models } from '../acceptance/support/clients.ts';
import type { Otaru } from '../acceptance/support/otaru.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { connectFleet, countsOf, prepare, registerMany, rollOutToAll, stepsOf, watchTasks } from './support/fleet.ts';
import { type Nodes, startNodes } from './support/nodes.ts';

const DEVICES = 2_000;

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
    await using fleet = await connectFleet(nodes, devices, { min: 0, max: 10_000 });
    const jobId = await rollOutToAll(rollout);
    const total = async (taskStatus?: string) => {
      const request = new models.ListOTATaskByJobRequest({ jobId, taskStatus, currentPage: 1, pageSize: 1 });
      return (await sdk.listOTATaskByJob(request)).body.total ?? 0;
    };
    await eventually(async () => expect(await total('SUCCEEDED')).toBeGreaterThan(DEVICES / 10), 240_000);
    await (nodes.all[1] as Otaru).kill();
    const done = await total('SUCCEEDED');
    expect(done).toBeLessThan(DEVICES * 0.8);

    await fleet.updated();
    // none has downloaded twice, or been told of what it had finished
    expect(fleet.totals()).toEqual({ downloads: DEVICES, pushesAfterEnd: 0 });
    await eventually(async () => expect(await rollout.jobStatus(jobId)).toBe('COMPLETED'), 60_000);
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
