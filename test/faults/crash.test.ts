import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachDatabase } from '../acceptance/support/engines.ts';
import { type Otaru, startOtaru } from '../acceptance/support/otaru.ts';
import { prepareRollout } from '../acceptance/support/rollout.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { PatientDevice } from './support/patient-device.ts';

const DEVICES = 24;

eachDatabase('a server that is killed in mid-rollout', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  it('loses no task and pushes none anew that had ended', async () => {
    const rollout = await prepareRollout(otaru, 'crash_lamp', DEVICES, randomBytes(50_000) as Buffer<ArrayBuffer>);
    const devices = rollout.credentials.map((each) => new PatientDevice(otaru.mqtt, each));
    const running = devices.map((device) => device.run());
    const jobId = await rollout.start();
    const tasks = () => rollout.tasks(jobId);
    const succeeded = async () => (await tasks()).filter((task) => task.taskStatus === 'SUCCEEDED').length;
    await eventually(async () => expect(await succeeded()).toBeGreaterThan(DEVICES / 6), 30_000);
    const before = new Map((await tasks()).map((task) => [task.taskId, task.taskStatus]));

    await otaru.kill();
    await otaru.start();

    expect(before.size).toBe(DEVICES);
    const after = await tasks();
    expect(after.map((task) => task.taskId)).toEqual([...before.keys()]);
    for (const task of after) if (before.get(task.taskId) === 'SUCCEEDED') expect(task.taskStatus).toBe('SUCCEEDED');

    await eventually(async () => expect(await succeeded()).toBe(DEVICES), 60_000);
    // the killed server may have been at the job and hold its lease for another 15 s
    await eventually(async () => expect(await rollout.jobStatus(jobId)).toBe('COMPLETED'), 30_000);
    expect(devices.map((device) => device.pushedAfterEnd)).toEqual(devices.map(() => 0));
    await Promise.all(devices.map((device) => device.stop()));
    await Promise.all(running);
  });

  it('drains on SIGTERM and exits with 0 within ten seconds', async () => {
    const start = Date.now();
    expect(await otaru.stop()).toBe(0);
    expect(Date.now() - start).toBeLessThan(10_000);
    await otaru.start();
    const health = await fetch(`${otaru.http}/readyz`);
    expect(health.status).toBe(200);
  });
});
