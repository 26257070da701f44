import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsCSdk } from './support/c-device.ts';
import { currentSdk, models } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';

interface Notice {
  readonly data?: { readonly version?: string };
}

eachDatabase('dynamic jobs, with the stock SDK', (variables) => {
  let otaru: Otaru;
  let sdk: ReturnType<typeof currentSdk>;
  let productKey: string;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    otaru = await startOtaru(await variables());
    sdk = currentSdk(otaru.http, rootKey);
    const product = new models.CreateProductRequest({ productName: 'meter', nodeType: 0 });
    productKey = (await sdk.createProduct(product)).body.data?.productKey ?? '';
  });
  afterAll(async () => {
    for (const client of clients) await client.endAsync();
    await otaru?.[Symbol.asyncDispose]();
  });

  async function newPackage(firmwareName: string, destVersion: string): Promise<string> {
    const { body: grant } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
    const form = { ...grant.data } as Record<string, string>;
    const accessKeyId = form['OSSAccessKeyId'] ?? form['oSSAccessKeyId'] ?? '';
    await uploadForm({ ...form, OSSAccessKeyId: accessKeyId }, Buffer.from(`version ${destVersion}`));
    const request = { productKey, firmwareName, destVersion, needToVerify: false };
    const firmware = new models.CreateOTAFirmwareRequest({ ...request, firmwareUrl: form['firmwareUrl'] ?? '' });
    return (await sdk.createOTAFirmware(firmware)).body.data?.firmwareId ?? '';
  }

  /** A device that registers, connects and reports its version. */
  async function newDevice(deviceName: string, version: string) {
    const { body } = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
    const credentials = { productKey, deviceName, deviceSecret: body.data?.deviceSecret ?? '' };
    const client = await connectAsCSdk(mqtt, otaru.mqtt, credentials);
    clients.push(client);
    const pushed: string[] = [];
    client.on('message', (topic, payload) => {
      if (!topic.startsWith('/ota/device/upgrade/')) return;
      pushed.push((JSON.parse(payload.toString()) as Notice).data?.version ?? '');
    });
    const report = (of: string) =>
      client.publishAsync(`/ota/device/inform/${productKey}/${deviceName}`, `{"id":1, "params":{"version":"${of}"}}`, {
        qos: 1,
      });
    await report(version);
    return { pushed, report };
  }

  const jobOf = async (jobId: string) => (await sdk.queryOTAJob(new models.QueryOTAJobRequest({ jobId }))).body.data;
  async function statesOf(jobId: string): Promise<Record<string, string>> {
    const page = new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 100 });
    const tasks = (await sdk.listOTATaskByJob(page)).body.data?.simpleOTATaskInfo ?? [];
    return Object.fromEntries(tasks.map((task) => [task.deviceName ?? '', task.taskStatus ?? '']));
  }
  const create = async (request: object) =>
    (await sdk.createOTADynamicUpgradeJob(new models.CreateOTADynamicUpgradeJobRequest({ productKey, ...request })))
      .body;
  const cancel = async (jobId: string) =>
    (await sdk.cancelOTAStrategyByJob(new models.CancelOTAStrategyByJobRequest({ jobId }))).body.success;

  it('a job by version reaches a device that comes later, until its strategy is canceled', async () => {
    const first = await newDevice('meter-1', '1.0.0');
    const firmwareId = await newPackage('meter-2', '2.0.0');
    const made = await create({ firmwareId, srcVersion: ['1.0.0', '1.1.0'] });
    expect(made.success).toBe(true);
    const jobId = made.data?.jobId ?? '';
    await eventually(async () => expect(first.pushed).toEqual(['2.0.0']));
    expect(await jobOf(jobId)).toMatchObject({
      jobStatus: 'IN_PROGRESS',
      selectionType: 'DYNAMIC',
      targetSelection: 'ALL',
      dynamicMode: 1,
      srcVersions: { srcVersion: ['1.0.0', '1.1.0'] },
      groupId: '',
    });
    expect((await create({ firmwareId, srcVersion: ['1.0.0'] })).success).toBe(false);

    const second = await newDevice('meter-2', '1.1.0');
    const third = await newDevice('meter-3', '0.9.0');
    await eventually(async () => expect(second.pushed).toEqual(['2.0.0']));
    await second.report('2.0.0');
    await eventually(async () =>
      expect(await statesOf(jobId)).toEqual({ 'meter-1': 'NOTIFIED', 'meter-2': 'SUCCEEDED' }),
    );

    expect(await cancel(jobId)).toBe(true);
    await third.report('1.0.0');
    await first.report('2.0.0');
    await eventually(async () =>
      expect(await statesOf(jobId)).toEqual({ 'meter-1': 'SUCCEEDED', 'meter-2': 'SUCCEEDED' }),
    );
    expect((await jobOf(jobId))?.jobStatus).toBe('CANCELED');
    expect(third.pushed).toEqual([]);
  });

  it('a job of a dynamic group reaches a device once its tag fits', async () => {
    const request = { groupName: 'ready', dynamicGroupExpression: 'tag.tag_name = "ready" and tag.tag_value = "yes"' };
    const group = await sdk.createDeviceDynamicGroup(new models.CreateDeviceDynamicGroupRequest(request));
    const groupId = group.body.data?.groupId ?? '';
    const firmwareId = await newPackage('meter-3', '3.0.0');
    const made = await create({ firmwareId, groupId, groupType: 'LINK_PLATFORM_DYNAMIC' });
    const jobId = made.data?.jobId ?? '';
    const device = await newDevice('meter-4', '1.0.0');
    const props = new models.SaveDevicePropRequest({ productKey, deviceName: 'meter-4', props: '{"ready":"yes"}' });
    await sdk.saveDeviceProp(props);
    const members = await sdk.queryDynamicGroupDevices(new models.QueryDynamicGroupDevicesRequest({ groupId }));
    expect(members.body.data?.simpleDeviceInfo?.map((one) => one.deviceName)).toEqual(['meter-4']);
    expect(await statesOf(jobId)).toEqual({});
    await device.report('1.0.0');
    await eventually(async () => expect(device.pushed).toEqual(['3.0.0']));
    expect(await jobOf(jobId)).toMatchObject({ groupId, groupName: 'ready', targetSelection: 'ALL' });
    expect(await cancel(jobId)).toBe(true);
  });
});
