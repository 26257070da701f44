import { randomBytes } from 'node:crypto';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Credentials, connectAsCSdk } from '../acceptance/support/c-device.ts';
import { models } from '../acceptance/support/clients.ts';
import { type Otaru, startOtaru } from '../acceptance/support/otaru.ts';
import { prepareRollout } from '../acceptance/support/rollout.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { type Cluster, postgresUrl, runAsAdmin, startCluster } from '../support/postgres.ts';
import { PatientDevice } from './support/patient-device.ts';

const UPDATING = 12;
const REPORTING = 8;
/** Modules that a device reports, one after the other. */
const MODULES = 120;

/** Reports the version of one module after the other, each until it is acknowledged, and each once if nothing happens. */
async function reportModules(url: string, device: Credentials, acknowledged: (module: string) => void) {
  let next = 0;
  while (next < MODULES) {
    try {
      const client = await connectAsCSdk(mqtt, url, device);
      client.on('error', () => undefined);
      const closed = new Promise<'closed'>((resolve) => void client.once('close', () => resolve('closed')));
      for (let outcome = ''; next < MODULES && outcome !== 'closed'; ) {
        const module = `m-${next}`;
        const body = JSON.stringify({ id: '1', params: { version: '1.0.0', module } });
        const report = client.publishAsync(`/ota/device/inform/${device.productKey}/${device.deviceName}`, body, {
          qos: 1,
        });
        outcome = await Promise.race([report.then(() => 'acknowledged'), closed]);
        if (outcome === 'closed') break;
        acknowledged(module);
        next += 1;
      }
      await client.endAsync(true);
    } catch {
      // the server lets nobody in while it has no database
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(inject('postgresSocket') === '')('a database that crashes while devices report and update', () => {
  let cluster: Cluster | undefined;
  let otaru: Otaru;
  beforeAll(async () => {
    cluster = await startCluster({ durability: 'crash' });
    const socket = cluster?.socket ?? '';
    await runAsAdmin(socket, 'create database otaru');
    otaru = await startOtaru({ OTARU_DATABASE_URL: postgresUrl(socket, 'otaru'), OTARU_LIMITS: 'open' });
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  it('costs nothing that a device was told is stored, and every update ends well', async () => {
    const bytes = randomBytes(20_000) as Buffer<ArrayBuffer>;
    const rollout = await prepareRollout(otaru, 'faulty_database', UPDATING + REPORTING, bytes);
    const updating = rollout.credentials.slice(0, UPDATING);
    const reporting = rollout.credentials.slice(UPDATING);
    const stored = new Map(reporting.map((device) => [device.deviceName, new Set<string>()]));
    const count = () => [...stored.values()].reduce((sum, { size }) => sum + size, 0);
    const reports = reporting.map((device) =>
      reportModules(otaru.mqtt, device, (module) => stored.get(device.deviceName)?.add(module)),
    );
    const devices = updating.map((device) => new PatientDevice(otaru.mqtt, device));
    const running = devices.map((device) => device.run());
    const job = await rollout.start(updating);
    const succeeded = async () => (await rollout.tasks(job)).filter((task) => task.taskStatus === 'SUCCEEDED').length;
    await eventually(async () => expect([await succeeded(), count()].every((some) => some > 2)).toBe(true), 60_000);
    expect(count()).toBeLessThan(MODULES * REPORTING);

    await cluster?.crash();

    await Promise.all(reports);
    for (const { productKey, deviceName } of reporting) {
      const request = new models.ListOTAModuleVersionsByDeviceRequest({
        productKey,
        deviceName,
        currentPage: 1,
        pageSize: 200,
      });
      const { body } = await rollout.sdk.listOTAModuleVersionsByDevice(request);
      const listed = body.data?.simpleOTAModuleInfo?.map((each) => each.moduleName) ?? [];
      expect(new Set(listed)).toEqual(stored.get(deviceName));
      expect(listed).toHaveLength(MODULES);
    }
    await eventually(async () => expect(await succeeded()).toBe(UPDATING), 60_000);
    await eventually(async () => expect(await rollout.jobStatus(job)).toBe('COMPLETED'), 30_000);
    expect(devices.map((device) => device.pushedAfterEnd)).toEqual(devices.map(() => 0));
    await Promise.all(devices.map((device) => device.stop()));
    await Promise.all(running);
    expect((await fetch(`${otaru.http}/readyz`)).status).toBe(200);
  });
});
