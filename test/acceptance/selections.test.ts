import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsCSdk } from './support/c-device.ts';
import { currentSdk, models } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';

const names = Array.from({ length: 7 }, (_, index) => `meter-${index + 1}`);

eachDatabase('static jobs for parts of a fleet, with the stock SDK', (variables) => {
  let otaru: Otaru;
  let sdk: ReturnType<typeof currentSdk>;
  let productKey: string;
  let firmwareId: string;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    otaru = await startOtaru(await variables());
    sdk = currentSdk(otaru.http, rootKey);
    const product = new models.CreateProductRequest({ productName: 'meter', nodeType: 0 });
    productKey = (await sdk.createProduct(product)).body.data?.productKey ?? '';
    for (const deviceName of names) {
      const { body } = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
      const credentials = { productKey, deviceName, deviceSecret: body.data?.deviceSecret ?? '' };
      const client = await connectAsCSdk(mqtt, otaru.mqtt, credentials);
      const inform = '{"id":1, "params":{"version":"1.0.0"}}';
      await client.publishAsync(`/ota/device/inform/${productKey}/${deviceName}`, inform, { qos: 1 });
      clients.push(client);
    }
    const { body: grant } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
    const form = { ...grant.data } as Record<string, string>;
    const accessKeyId = form['OSSAccessKeyId'] ?? form['oSSAccessKeyId'] ?? '';
    await uploadForm({ ...form, OSSAccessKeyId: accessKeyId }, Buffer.from('version 2'));
    const request = { productKey, firmwareName: 'meter-2', destVersion: '2.0.0', needToVerify: false };
    const firmware = new models.CreateOTAFirmwareRequest({ ...request, firmwareUrl: form['firmwareUrl'] ?? '' });
    firmwareId = (await sdk.createOTAFirmware(firmware)).body.data?.firmwareId ?? '';
  });
  afterAll(async () => {
    for (const client of clients) await client.endAsync();
    await otaru?.[Symbol.asyncDispose]();
  });

  /** Rolls out, looks, and cancels again. */
  async function rollOut(selection: object) {
    const request = { firmwareId, productKey, overwriteMode: 2, ...selection };
    const { body } = await sdk.createOTAStaticUpgradeJob(new models.CreateOTAStaticUpgradeJobRequest(request));
    if (!body.success) return { code: body.code, message: body.errorMessage };
    const jobId = body.data?.jobId ?? '';
    const job = await sdk.queryOTAJob(new models.QueryOTAJobRequest({ jobId }));
    const page = new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 100 });
    const listed = async () => (await sdk.listOTATaskByJob(page)).body.data?.simpleOTATaskInfo ?? [];
    await eventually(async () => expect((await listed()).map((task) => task.taskStatus)).not.toContain('QUEUED'));
    const tasks = await listed();
    const flags = { cancelQueuedTask: true, cancelNotifiedTask: true };
    await sdk.cancelOTATaskByJob(new models.CancelOTATaskByJobRequest({ jobId, ...flags }));
    return { job: job.body.data, tasks: tasks.map((task) => task.deviceName ?? '') };
  }

  /** Uploads a device list as the form asks for it. */
  async function upload(text: string): Promise<string> {
    const { body } = await sdk.generateDeviceNameListURL(new models.GenerateDeviceNameListURLRequest({}));
    const grant = { ...body.data } as Record<string, string>;
    const response = await uploadForm({ ...grant, OSSAccessKeyId: grant['accessKeyId'] ?? '' }, Buffer.from(text));
    expect(response.status).toBe(200);
    return grant['fileUrl'] ?? '';
  }

  it('reach a percentage of the devices', async () => {
    const { job, tasks } = await rollOut({ targetSelection: 'GRAY', grayPercent: '33.33', srcVersion: ['1.0.0'] });
    expect(job).toMatchObject({ targetSelection: 'GRAY', grayPercent: '33.33' });
    expect(tasks).toHaveLength(2);
    expect(names).toEqual(expect.arrayContaining(tasks ?? []));
    expect(await rollOut({ targetSelection: 'GRAY', grayPercent: '101' })).toMatchObject({
      code: 'iot.common.InvalidFormattedParameter',
    });
  });

  it('reach the devices of a group', async () => {
    const made = await sdk.createDeviceGroup(new models.CreateDeviceGroupRequest({ groupName: 'cellar' }));
    const groupId = made.body.data?.groupId ?? '';
    const device = ['meter-6', 'meter-2'].map(
      (deviceName) => new models.BatchAddDeviceGroupRelationsRequestDevice({ productKey, deviceName }),
    );
    await sdk.batchAddDeviceGroupRelations(new models.BatchAddDeviceGroupRelationsRequest({ groupId, device }));
    const { job, tasks } = await rollOut({ targetSelection: 'GROUP', groupId, groupType: 'LINK_PLATFORM' });
    expect(job).toMatchObject({ targetSelection: 'GROUP', groupId, groupName: 'cellar' });
    expect(tasks).toEqual(['meter-2', 'meter-6']);
  });

  it('reach the devices of an uploaded list', async () => {
    const dnListFileUrl = await upload('\ufeffDeviceName\r\nmeter-5\r\n"meter-1"\r\n\r\nmeter-5\r\nmeter-99\r\n');
    const { job, tasks } = await rollOut({ targetSelection: 'SPECIFIC', dnListFileUrl });
    expect(job).toMatchObject({ targetSelection: 'SPECIFIC', jobDesc: 'unknown names in the device list: 1' });
    expect(tasks).toEqual(['meter-5', 'meter-1']);
  });

  it('are refused for a list with a bad line, which is told', async () => {
    const dnListFileUrl = await upload('meter-1\r\n\r\nmeter 2\r\n');
    expect(await rollOut({ targetSelection: 'SPECIFIC', dnListFileUrl })).toEqual({
      code: 'iot.device.InvalidFormattedDeviceNameInNameArray',
      message: 'The DeviceName list contains an invalid DeviceName in line 3.',
    });
  });
});
