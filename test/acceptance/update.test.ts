import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsCSdk, updateAsCSdk } from './support/c-device.ts';
import { currentSdk, models, popCore } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';

const require = createRequire(import.meta.url);
const iotDevice = require('alibabacloud-iot-device-sdk') as { device(config: object): NodeDevice };

interface NodeDevice {
  on(event: string, listener: (...words: never[]) => void): void;
  once(event: string, listener: (...words: never[]) => void): void;
  publish(topic: string, payload: string): void;
  subscribe(topic: string): void;
  end(): void;
}

interface Credentials {
  readonly productKey: string;
  readonly deviceName: string;
  readonly deviceSecret: string;
}

const firmware = randomBytes(300_000) as Buffer<ArrayBuffer>;
const md5 = createHash('md5').update(firmware).digest('hex');

/** What a rollout needs, through whichever SDK. */
interface Operator {
  createProduct(name: string): Promise<string>;
  register(productKey: string, deviceName: string): Promise<Credentials>;
  upload(): Promise<string>;
  createFirmware(parameters: { name: string; productKey: string; url: string; version: string }): Promise<string>;
  firmwareStatus(firmwareId: string): Promise<number>;
  verify(firmwareId: string, productKey: string, names: string[]): Promise<string>;
  rollOut(firmwareId: string, productKey: string, names: string[]): Promise<string>;
  tasks(jobId: string): Promise<{ name: string; status: string; progress: string; description: string }[]>;
  jobStatus(jobId: string): Promise<string>;
}

function v3Operator(origin: string): Operator {
  const sdk = currentSdk(origin, rootKey);
  return {
    async createProduct(productName) {
      const { body } = await sdk.createProduct(new models.CreateProductRequest({ productName, nodeType: 0 }));
      expect(body).toMatchObject({ success: true });
      return body.data?.productKey ?? '';
    },
    async register(productKey, deviceName) {
      const { body } = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
      return { productKey, deviceName, deviceSecret: body.data?.deviceSecret ?? '' };
    },
    async upload() {
      const { body } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({ fileSuffix: 'bin' }));
      const { data: grant = {} } = body;
      const form = { ...grant } as Record<string, string>;
      const response = await uploadForm(
        { ...form, OSSAccessKeyId: form['OSSAccessKeyId'] ?? form['oSSAccessKeyId'] ?? '' },
        firmware,
      );
      expect(response.status).toBe(200);
      return form['firmwareUrl'] ?? '';
    },
    async createFirmware({ name, productKey, url, version }) {
      const request = { firmwareName: name, productKey, firmwareUrl: url, destVersion: version };
      const { body } = await sdk.createOTAFirmware(new models.CreateOTAFirmwareRequest(request));
      expect(body).toMatchObject({ success: true });
      return body.data?.firmwareId ?? '';
    },
    async firmwareStatus(firmwareId) {
      const { body } = await sdk.queryOTAFirmware(new models.QueryOTAFirmwareRequest({ firmwareId }));
      return body.firmwareInfo?.status ?? Number.NaN;
    },
    async verify(firmwareId, productKey, targetDeviceName) {
      const { body } = await sdk.createOTAVerifyJob(
        new models.CreateOTAVerifyJobRequest({ firmwareId, productKey, targetDeviceName }),
      );
      expect(body).toMatchObject({ success: true });
      return body.data?.jobId ?? '';
    },
    async rollOut(firmwareId, productKey, targetDeviceName) {
      const { body } = await sdk.createOTAStaticUpgradeJob(
        new models.CreateOTAStaticUpgradeJobRequest({
          firmwareId,
          productKey,
          targetSelection: 'SPECIFIC',
          targetDeviceName,
        }),
      );
      expect(body).toMatchObject({ success: true });
      return body.data?.jobId ?? '';
    },
    async tasks(jobId) {
      const { body } = await sdk.listOTATaskByJob(
        new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 100 }),
      );
      return (body.data?.simpleOTATaskInfo ?? []).map((task) => ({
        name: task.deviceName ?? '',
        status: task.taskStatus ?? '',
        progress: task.progress ?? '',
        description: task.taskDesc ?? '',
      }));
    },
    async jobStatus(jobId) {
      const { body } = await sdk.queryOTAJob(new models.QueryOTAJobRequest({ jobId }));
      return body.data?.jobStatus ?? '';
    },
  };
}

function v1Operator(origin: string): Operator {
  const core = popCore(origin, rootKey);
  // biome-ignore lint/suspicious/noExplicitAny: pop-core returns whatever the server sent
  const call = (action: string, parameters: object): Promise<any> =>
    core.request(action, parameters, { method: 'POST' });
  const names = (list: string[]) =>
    Object.fromEntries(list.map((name, index) => [`TargetDeviceName.${index + 1}`, name]));
  return {
    createProduct: async (name) => (await call('CreateProduct', { ProductName: name, NodeType: 0 })).Data.ProductKey,
    async register(productKey, deviceName) {
      const { Data } = await call('RegisterDevice', { ProductKey: productKey, DeviceName: deviceName });
      return { productKey, deviceName, deviceSecret: Data.DeviceSecret };
    },
    async upload() {
      const { Data } = await call('GenerateOTAUploadURL', {});
      const grant = {
        host: Data.Host,
        key: Data.Key,
        policy: Data.Policy,
        OSSAccessKeyId: Data.OSSAccessKeyId,
        signature: Data.Signature,
      };
      expect((await uploadForm(grant, firmware)).status).toBe(200);
      return Data.FirmwareUrl;
    },
    async createFirmware({ name, productKey, url, version }) {
      const parameters = { FirmwareName: name, ProductKey: productKey, FirmwareUrl: url, DestVersion: version };
      return (await call('CreateOTAFirmware', parameters)).Data.FirmwareId;
    },
    firmwareStatus: async (firmwareId) =>
      (await call('QueryOTAFirmware', { FirmwareId: firmwareId })).FirmwareInfo.Status,
    verify: async (firmwareId, productKey, list) =>
      (await call('CreateOTAVerifyJob', { FirmwareId: firmwareId, ProductKey: productKey, ...names(list) })).Data.JobId,
    rollOut: async (firmwareId, productKey, list) =>
      (
        await call('CreateOTAStaticUpgradeJob', {
          FirmwareId: firmwareId,
          ProductKey: productKey,
          TargetSelection: 'SPECIFIC',
          ...names(list),
        })
      ).Data.JobId,
    async tasks(jobId) {
      const { Data } = await call('ListOTATaskByJob', { JobId: jobId, CurrentPage: 1, PageSize: 100 });
      return Data.SimpleOTATaskInfo.map((task: Record<string, string>) => ({
        name: task['DeviceName'],
        status: task['TaskStatus'],
        progress: task['Progress'],
        description: task['TaskDesc'],
      }));
    },
    jobStatus: async (jobId) => (await call('QueryOTAJob', { JobId: jobId })).Data.JobStatus,
  };
}

/** An application on the Node device SDK, which has no OTA code of its own (device-protocol 4.1). */
async function updateAsNodeSdk(otaru: Otaru, device: Credentials, version: string): Promise<void> {
  const sdk = iotDevice.device({ ...device, brokerUrl: otaru.mqtt });
  const names = `${device.productKey}/${device.deviceName}`;
  const inform = (value: string) =>
    sdk.publish(`/ota/device/inform/${names}`, JSON.stringify({ id: '1', params: { version: value } }));
  try {
    await new Promise<void>((resolve, reject) => {
      sdk.once('connect', () => {
        sdk.subscribe(`/ota/device/upgrade/${names}`);
        inform('1.0.0');
      });
      sdk.on('error', reject as never);
      sdk.on('message', ((topic: string, payload: Buffer) => {
        if (topic !== `/ota/device/upgrade/${names}`) return;
        const { data } = JSON.parse(payload.toString()) as {
          data: { url: string; size: number; md5: string; version: string };
        };
        fetch(data.url)
          .then((response) => response.arrayBuffer())
          .then((body) => {
            const bytes = Buffer.from(body);
            expect(bytes.length).toBe(data.size);
            expect(createHash('md5').update(bytes).digest('hex')).toBe(data.md5);
            expect(data.version).toBe(version);
            const progress = { id: '2', params: { step: '100', desc: '' } };
            sdk.publish(`/ota/device/progress/${names}`, JSON.stringify(progress));
            inform(data.version);
            resolve();
          })
          .catch(reject);
      }) as never);
    });
    // the SDK publishes without a callback: give its socket the time to send
    await new Promise((resolve) => setTimeout(resolve, 300));
  } finally {
    sdk.end();
  }
}

eachDatabase('a first update with stock clients', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  it.each([
    ['the current SDK (V3 signatures)', v3Operator],
    ['pop-core (V1 signatures)', v1Operator],
  ] as const)('%s carries an update to a Node SDK device and to C SDK devices', async (title, operatorOf) => {
    const operator = operatorOf(otaru.http);
    const productKey = await operator.createProduct(title.startsWith('pop') ? 'lamp_by_pop' : 'lamp_by_sdk');
    const names = ['node-sdk', 'c-sdk-4', 'c-sdk-3', 'failing'] as const;
    const devices = new Map<string, Credentials>();
    for (const name of names) devices.set(name, await operator.register(productKey, name));
    const device = (name: (typeof names)[number]) => devices.get(name) as Credentials;

    const url = await operator.upload();
    const firmwareId = await operator.createFirmware({ name: `fw-${productKey}`, productKey, url, version: '2.0.0' });
    expect(await operator.firmwareStatus(firmwareId)).toBe(0);

    const verifyJob = await operator.verify(firmwareId, productKey, ['node-sdk']);
    expect(await operator.firmwareStatus(firmwareId)).toBe(2);
    await updateAsNodeSdk(otaru, device('node-sdk'), '2.0.0');
    await eventually(async () => expect(await operator.firmwareStatus(firmwareId)).toBe(1));
    expect(await operator.tasks(verifyJob)).toEqual([
      { name: 'node-sdk', status: 'SUCCEEDED', progress: '100.00', description: '' },
    ]);

    const targets = ['node-sdk', 'c-sdk-4', 'c-sdk-3', 'failing'];
    const jobId = await operator.rollOut(firmwareId, productKey, targets);
    // the device that has the version already is passed over without a task
    expect((await operator.tasks(jobId)).map((task) => [task.name, task.status])).toEqual([
      ['c-sdk-4', 'QUEUED'],
      ['c-sdk-3', 'QUEUED'],
      ['failing', 'QUEUED'],
    ]);
    await updateAsCSdk(otaru.mqtt, device('c-sdk-4'), { sdk: '4.1', from: '1.0.0', md5 });
    await updateAsCSdk(otaru.mqtt, device('c-sdk-3'), { sdk: '3.2', from: '1.0.0', md5 });
    await updateAsCSdk(otaru.mqtt, device('failing'), {
      sdk: '4.1',
      from: '1.0.0',
      md5,
      failWith: { step: '-4', desc: 'flash write error' },
    });
    await eventually(async () => expect(await operator.jobStatus(jobId)).toBe('COMPLETED'));
    expect(await operator.tasks(jobId)).toEqual([
      { name: 'c-sdk-4', status: 'SUCCEEDED', progress: '100.00', description: '' },
      { name: 'c-sdk-3', status: 'SUCCEEDED', progress: '100.00', description: '' },
      { name: 'failing', status: 'FAILED', progress: expect.any(String), description: 'flash write error' },
    ]);

    const xml = await popCoreXml(otaru.http, jobId);
    expect(xml).toContain('<ListOTATaskByJobResponse>');
    expect(xml.match(/<TaskStatus>SUCCEEDED<\/TaskStatus>/g)).toHaveLength(2);
    expect(xml).toContain('<Progress>100.00</Progress>');
  });

  it('pushes to a raw mqtt client that stays connected, without a SUBSCRIBE', async () => {
    const operator = v1Operator(otaru.http);
    const productKey = await operator.createProduct('online_lamp');
    const device = await operator.register(productKey, 'stays-online');
    const client = await connectAsCSdk(mqtt, otaru.mqtt, device);
    try {
      const pushed = new Promise<string>((resolve) =>
        client.once('message', (_topic, payload) => resolve(payload.toString())),
      );
      await client.publishAsync(
        `/ota/device/inform/${productKey}/stays-online`,
        '{"id":1, "params":{"version":"1.0.0"}}',
      );
      const url = await operator.upload();
      const firmwareId = await operator.createFirmware({ name: `fw-${productKey}`, productKey, url, version: '2.0.0' });
      await operator.verify(firmwareId, productKey, ['stays-online']);
      const message = await pushed;
      // the textual shape that C SDKs read: compact, code and message as they are, Md5 spelled so (device-protocol 4.2)
      expect(message).toMatch(
        /^\{"code":"1000","data":\{"size":300000,"sign":"[0-9a-f]{32}","version":"2\.0\.0","signMethod":"Md5","url":"http:/,
      );
      expect(message).toContain('"message":"success"');
    } finally {
      await client.endAsync();
    }
  });
});

async function popCoreXml(origin: string, jobId: string): Promise<string> {
  const { signedV1Url } = await import('./support/wire.ts');
  const response = await fetch(
    signedV1Url(origin, rootKey, {
      Action: 'ListOTATaskByJob',
      JobId: jobId,
      CurrentPage: '1',
      PageSize: '100',
      Format: 'XML',
    }),
  );
  expect(response.headers.get('content-type')).toBe('text/xml;charset=utf-8');
  return response.text();
}
