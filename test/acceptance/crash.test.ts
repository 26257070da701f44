import { createHash, randomBytes } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsCSdk } from './support/c-device.ts';
import { currentSdk, models } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';

const DEVICES = 24;

interface Credentials {
  readonly productKey: string;
  readonly deviceName: string;
  readonly deviceSecret: string;
}

/** A device that survives the server: it reconnects, says its version at every connect, and takes its time to update. */
class PatientDevice {
  version = '1.0.0';
  /** The last version whose report the server has acknowledged. */
  acknowledged = '';
  /** Times that it was told of a version after the server had acknowledged that very version. */
  pushedAfterEnd = 0;
  readonly #credentials: Credentials;
  readonly #url: string;
  #client: MqttClient | undefined;
  #stopped = false;
  #updating = false;

  constructor(url: string, credentials: Credentials) {
    this.#url = url;
    this.#credentials = credentials;
  }

  async run(): Promise<void> {
    const { productKey, deviceName } = this.#credentials;
    while (!this.#stopped) {
      try {
        const client = await connectAsCSdk(mqtt, this.#url, this.#credentials);
        this.#client = client;
        client.on('error', () => undefined);
        const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
        client.on('message', (topic, payload) => {
          if (topic === `/ota/device/upgrade/${productKey}/${deviceName}`) void this.#update(payload.toString());
        });
        // a report that the crash swallows is made again at the next connect
        await Promise.race([this.#inform(client), closed]);
        await closed;
      } catch {
        // the server is away
      }
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client?.endAsync(true);
  }

  async #inform(client: MqttClient): Promise<void> {
    const { productKey, deviceName } = this.#credentials;
    const { version } = this;
    const body = JSON.stringify({ id: '1', params: { version } });
    await client.publishAsync(`/ota/device/inform/${productKey}/${deviceName}`, body, { qos: 1 });
    this.acknowledged = version;
  }

  async #update(message: string): Promise<void> {
    const { data } = JSON.parse(message) as { data: { version: string; url: string; md5: string } };
    if (data.version === this.acknowledged) this.pushedAfterEnd += 1;
    if (data.version === this.version || this.#updating) return;
    this.#updating = true;
    const { productKey, deviceName } = this.#credentials;
    const progress = (step: number) =>
      this.#client?.publish(
        `/ota/device/progress/${productKey}/${deviceName}`,
        JSON.stringify({ id: '2', params: { step: String(step), desc: '' } }),
        { qos: 0 },
      );
    try {
      void progress(10);
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1_500));
      const response = await fetch(data.url);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (createHash('md5').update(bytes).digest('hex') !== data.md5) throw new Error('digest');
      this.version = data.version;
      if (this.#client?.connected) void this.#inform(this.#client);
    } catch {
      // told again after the next connect
    } finally {
      this.#updating = false;
    }
  }
}

eachDatabase('a server that is killed in mid-rollout', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  it('loses no task and pushes none anew that had ended', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const { body: product } = await sdk.createProduct(
      new models.CreateProductRequest({ productName: 'crash_lamp', nodeType: 0 }),
    );
    const productKey = product.productKey ?? '';
    const credentials: Credentials[] = [];
    for (let index = 0; index < DEVICES; index++) {
      const { body } = await sdk.registerDevice(
        new models.RegisterDeviceRequest({ productKey, deviceName: `device-${index}` }),
      );
      credentials.push({ productKey, deviceName: `device-${index}`, deviceSecret: body.data?.deviceSecret ?? '' });
    }
    const { body: granted } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
    const grant = granted.data as unknown as Record<string, string>;
    const form = { ...grant, OSSAccessKeyId: grant['OSSAccessKeyId'] ?? '' };
    expect((await uploadForm(form, randomBytes(50_000) as Buffer<ArrayBuffer>)).status).toBe(200);
    const { body: created } = await sdk.createOTAFirmware(
      new models.CreateOTAFirmwareRequest({
        firmwareName: 'crash',
        destVersion: '2.0.0',
        productKey,
        firmwareUrl: grant['firmwareUrl'],
        needToVerify: false,
      }),
    );
    const firmwareId = created.data?.firmwareId ?? '';
    const devices = credentials.map((each) => new PatientDevice(otaru.mqtt, each));
    const running = devices.map((device) => device.run());
    const { body: job } = await sdk.createOTAStaticUpgradeJob(
      new models.CreateOTAStaticUpgradeJobRequest({
        firmwareId,
        productKey,
        targetSelection: 'SPECIFIC',
        targetDeviceName: credentials.map((each) => each.deviceName),
      }),
    );
    const jobId = job.data?.jobId ?? '';
    const tasks = async () => {
      const request = new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 100 });
      return (await sdk.listOTATaskByJob(request)).body.data?.simpleOTATaskInfo ?? [];
    };
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
    await eventually(async () => {
      const { body } = await sdk.queryOTAJob(new models.QueryOTAJobRequest({ jobId }));
      expect(body.data?.jobStatus).toBe('COMPLETED');
      // the killed server may have been at the job and hold its lease for another 15 s
    }, 30_000);
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
