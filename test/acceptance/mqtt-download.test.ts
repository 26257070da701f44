import { createHash, randomBytes } from 'node:crypto';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsCSdk, nextUpgrade } from './support/c-device.ts';
import { downloadAsCSdk } from './support/c-download.ts';
import { currentSdk, models } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';

interface Credentials {
  readonly productKey: string;
  readonly deviceName: string;
  readonly deviceSecret: string;
}

const firmware = randomBytes(300_001) as Buffer<ArrayBuffer>;
const md5 = createHash('md5').update(firmware).digest('hex');

eachDatabase('a download over MQTT, with the stock SDK and devices like C 4.2', (variables) => {
  let otaru: Otaru;
  let sdk: ReturnType<typeof currentSdk>;
  let productKey: string;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
    sdk = currentSdk(otaru.http, rootKey);
    const product = new models.CreateProductRequest({ productName: 'narrowband', nodeType: 0 });
    productKey = (await sdk.createProduct(product)).body.data?.productKey ?? '';
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  const newDevice = async (deviceName: string) => {
    const { body } = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
    return { productKey, deviceName, deviceSecret: body.data?.deviceSecret ?? '' };
  };
  const rollOut = async (deviceNames: string[], destVersion: string) => {
    const { body: uploads } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
    const grant = { ...uploads.data } as Record<string, string>;
    const accessKeyId = grant['OSSAccessKeyId'] ?? grant['oSSAccessKeyId'] ?? '';
    expect((await uploadForm({ ...grant, OSSAccessKeyId: accessKeyId }, firmware)).status).toBe(200);
    const { body: made } = await sdk.createOTAFirmware(
      new models.CreateOTAFirmwareRequest({
        firmwareName: `fw-${destVersion.replaceAll('.', '-')}`,
        productKey,
        firmwareUrl: grant['firmwareUrl'] ?? '',
        destVersion,
        needToVerify: false,
      }),
    );
    const { body: job } = await sdk.createOTAStaticUpgradeJob(
      new models.CreateOTAStaticUpgradeJobRequest({
        firmwareId: made.data?.firmwareId ?? '',
        productKey,
        targetSelection: 'SPECIFIC',
        targetDeviceName: deviceNames,
        downloadProtocol: 'MQTT',
      }),
    );
    expect(job).toMatchObject({ success: true });
    return job.data?.jobId ?? '';
  };
  const connect = async (device: Credentials) => {
    const client = await connectAsCSdk(mqtt, otaru.mqtt, device);
    const names = `${productKey}/${device.deviceName}`;
    const inform = (version: string) =>
      client.publishAsync(`/ota/device/inform/${names}`, `{"id":1, "params":{"version":"${version}"}}`, { qos: 1 });
    return { client, names, inform };
  };
  const task = async (jobId: string, name: string) => {
    const request = new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 10 });
    const { body } = await sdk.listOTATaskByJob(request);
    return body.data?.simpleOTATaskInfo?.find((info) => info.deviceName === name);
  };

  it('ends with the new version, for both sizes of blocks, although answers get lost', async () => {
    const devices = new Map([
      ['default', await newDevice('default')],
      ['demo-app', await newDevice('demo-app')],
    ] as const);
    const jobId = await rollOut([...devices.keys()], '2.0.0');
    const { body } = await sdk.queryOTAJob(new models.QueryOTAJobRequest({ jobId }));
    expect(body.data).toMatchObject({ downloadProtocol: 'MQTT' });

    for (const [name, blockBytes] of [
      ['default', 5_120],
      ['demo-app', 10_240],
    ] as const) {
      const device = devices.get(name) as Credentials;
      let { client, names, inform } = await connect(device);
      const pushed = nextUpgrade(client, `/ota/device/upgrade/${names}`);
      await inform('1.0.0');
      const notice = await pushed;
      const bytes = await downloadAsCSdk(client, { names, notice, blockBytes, repeatMs: 300, lost: [3, 4, 10] });
      expect(createHash('md5').update(bytes).digest('hex')).toBe(md5);
      await eventually(async () => expect(await task(jobId, name)).toMatchObject({ progress: '100.00' }));
      expect(await task(jobId, name)).toMatchObject({ taskStatus: 'IN_PROGRESS' });
      await client.endAsync();
      ({ client, names, inform } = await connect(device));
      await inform('2.0.0');
      await eventually(async () => expect(await task(jobId, name)).toMatchObject({ taskStatus: 'SUCCEEDED' }));
      await client.endAsync();
    }
  });

  it('stops within seconds when the task is canceled, and another device gets nothing', async () => {
    const device = await newDevice('stopped');
    const jobId = await rollOut(['stopped'], '3.0.0');
    const { client, names, inform } = await connect(device);
    const pushed = nextUpgrade(client, `/ota/device/upgrade/${names}`);
    await inform('1.0.0');
    const notice = await pushed;

    const stranger = await connect(await newDevice('stranger'));
    await expect(
      downloadAsCSdk(stranger.client, { names: stranger.names, notice, blockBytes: 256, repeatMs: 1_000 }),
    ).rejects.toThrow('refused: {"id":"1","code":404');
    await stranger.client.endAsync();

    const download = downloadAsCSdk(client, {
      names,
      notice,
      blockBytes: 256,
      repeatMs: 1_000,
      async onBlock(count) {
        if (count === 3) {
          const request = new models.CancelOTATaskByJobRequest({
            jobId,
            cancelNotifiedTask: true,
            cancelInProgressTask: true,
          });
          expect((await sdk.cancelOTATaskByJob(request)).body).toMatchObject({ success: true });
        }
        // slowly enough to be at it when the cancel takes effect
        if (count > 3) await new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
    await expect(download).rejects.toThrow('"code":404');
    await client.endAsync();
  });

  it('is refused for a package of two files', async () => {
    const multiFiles = [];
    for (const name of ['a.bin', 'b.bin']) {
      const { body } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
      const grant = { ...body.data } as Record<string, string>;
      const accessKeyId = grant['OSSAccessKeyId'] ?? grant['oSSAccessKeyId'] ?? '';
      await uploadForm({ ...grant, OSSAccessKeyId: accessKeyId }, firmware);
      multiFiles.push(new models.CreateOTAFirmwareRequestMultiFiles({ name, url: grant['firmwareUrl'] ?? '' }));
    }
    const { body: made } = await sdk.createOTAFirmware(
      new models.CreateOTAFirmwareRequest({ firmwareName: 'fw-two', productKey, destVersion: '9', multiFiles }),
    );
    await newDevice('tester');
    const { body: job } = await sdk.createOTAVerifyJob(
      new models.CreateOTAVerifyJobRequest({
        firmwareId: made.data?.firmwareId ?? '',
        productKey,
        targetDeviceName: ['tester'],
        downloadProtocol: 'MQTT',
      }),
    );
    expect(job).toMatchObject({ success: false, code: 'iot.ota.InvalidDownloadProtocol' });
  });
});
