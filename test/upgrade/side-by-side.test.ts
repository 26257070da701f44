import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { currentSdk, models } from '../acceptance/support/clients.ts';
import { type Otaru, rootKey, startOtaru } from '../acceptance/support/otaru.ts';
import { prepareRollout, type Rollout } from '../acceptance/support/rollout.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { PatientDevice } from '../faults/support/patient-device.ts';
import { postgresUrl, runAsAdmin } from '../support/postgres.ts';
import { checkOutPrevious, whyNoPreviousCode } from './support/previous-release.ts';

const DEVICES = 12;
const bytes = randomBytes(20_000) as Buffer<ArrayBuffer>;
const missing = inject('postgresSocket') === '' ? 'PostgreSQL is not installed' : whyNoPreviousCode();
if (missing) console.log(`The previous release is not run beside this one: ${missing}`);

describe.skipIf(missing)('a node of the previous release beside one of this release', () => {
  const database = `upgrade_${randomBytes(6).toString('hex')}`;
  const previous = missing ? undefined : checkOutPrevious();
  const data = missing ? '' : mkdtempSync(join(tmpdir(), 'otaru-upgrade-'));
  const variables = {
    OTARU_DATABASE_URL: postgresUrl(inject('postgresSocket'), database),
    OTARU_DATA: data,
    OTARU_LIMITS: 'open',
  };
  let before: Otaru;
  let after: Otaru;
  const devices: PatientDevice[] = [];

  beforeAll(async () => {
    await runAsAdmin(inject('postgresSocket'), `create database ${database}`);
    before = await startOtaru(variables, previous?.main);
  });
  afterAll(async () => {
    await Promise.all(devices.map((device) => device.stop()));
    await after?.[Symbol.asyncDispose]();
    await before?.[Symbol.asyncDispose]();
    previous?.[Symbol.dispose]();
    rmSync(data, { recursive: true, force: true });
  });

  /** Every other device of a rollout on each of the two nodes. */
  const connect = (rollout: Rollout) => {
    const connected = rollout.credentials.map(
      (credentials, index) => new PatientDevice((index % 2 === 0 ? before : after).mqtt, credentials),
    );
    devices.push(...connected);
    for (const device of connected) void device.run();
    return connected;
  };

  /** The job ends well, and both nodes count it alike. */
  const endsWell = async (jobId: string) => {
    for (const node of [before, after]) {
      const sdk = currentSdk(node.http, rootKey);
      await eventually(async () => {
        const { body } = await sdk.queryOTAJob(new models.QueryOTAJobRequest({ jobId }));
        expect(body.data?.jobStatus).toBe('COMPLETED');
      }, 60_000);
      for (const [taskStatus, total] of [
        ['SUCCEEDED', DEVICES],
        ['QUEUED', 0],
        ['NOTIFIED', 0],
        ['IN_PROGRESS', 0],
        ['FAILED', 0],
        [undefined, DEVICES],
      ] as const) {
        const request = new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 100, taskStatus });
        const { body } = await sdk.listOTATaskByJob(request);
        expect([taskStatus, body.total]).toEqual([taskStatus, total]);
        expect(body.data?.simpleOTATaskInfo ?? []).toHaveLength(total);
      }
    }
  };

  it('serves without a failed or a slow call while the other brings the database up to date', async () => {
    const sdk = currentSdk(before.http, rootKey);
    let slowestMs = 0;
    let calls = 0;
    const stop = new AbortController();
    const serving = (async () => {
      for (; !stop.signal.aborted; calls += 1) {
        const begin = performance.now();
        const productName = `product_${calls}`;
        await sdk.createProduct(new models.CreateProductRequest({ productName, nodeType: 0 }));
        slowestMs = Math.max(slowestMs, performance.now() - begin);
      }
    })();
    after = await startOtaru(variables);
    stop.abort();
    await serving;
    expect(calls).toBeGreaterThan(3);
    expect(slowestMs).toBeLessThan(5_000);
  });

  it('finishes jobs that the other makes, with devices on both, and the other its jobs', async () => {
    const made = await Promise.all([
      prepareRollout(before, 'made_before', DEVICES, bytes),
      prepareRollout(after, 'made_after', DEVICES, bytes),
    ]);
    const fleets = made.map(connect);
    await Promise.all(
      fleets.flat().map((device) => eventually(async () => expect(device.acknowledged).toBe('1.0.0'), 30_000)),
    );
    const jobs = await Promise.all(made.map((rollout) => rollout.start()));
    for (const jobId of jobs) await endsWell(jobId);
    expect(new Set(fleets.flat().map((device) => device.version))).toEqual(new Set(['2.0.0']));
    expect(fleets.flat().filter((device) => device.pushedAfterEnd > 0)).toEqual([]);
  });

  it('starts on the database of the newer one, and takes over when that goes', async () => {
    await before.stop();
    await before.start();
    const rollout = await prepareRollout(before, 'taken_over', DEVICES, bytes);
    const fleet = connect(rollout);
    await Promise.all(fleet.map((device) => eventually(async () => expect(device.acknowledged).toBe('1.0.0'), 30_000)));
    await after.stop();
    const jobId = await rollout.start();
    await eventually(async () => expect((await rollout.tasks(jobId)).length).toBe(DEVICES));
    const onBefore = fleet.filter((_, index) => index % 2 === 0);
    await Promise.all(
      onBefore.map((device) => eventually(async () => expect(device.acknowledged).toBe('2.0.0'), 60_000)),
    );
    await after.start();
    await endsWell(jobId);
  });
});
