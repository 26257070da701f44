import { createHash, createHmac, randomBytes } from 'node:crypto';
import rhea, { type EventContext } from 'rhea';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateAsCSdk } from './support/c-device.ts';
import { currentSdk, models } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';

interface Heard {
  readonly topic: string;
  readonly messageId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The vendor's Node sample: the same library with the same settings, reconnecting by itself (storage-and-events 3.3). */
function consume(address: string, consumerGroupId: string): { heard: Heard[]; connects: number; close(): void } {
  const { accessKeyId, accessKeySecret } = rootKey;
  const timestamp = Date.now();
  const { hostname, port } = new URL(address);
  const container = rhea.create_container();
  const heard: Heard[] = [];
  const consumer = { heard, connects: 0, close: () => connection.close() };
  container.on('connection_open', () => {
    consumer.connects += 1;
  });
  container.on('message', ({ message, delivery }: EventContext) => {
    const { topic, messageId } = message?.application_properties ?? {};
    heard.push({ topic, messageId, payload: JSON.parse(message?.body.content.toString()) });
    delivery?.accept();
  });
  for (const event of ['disconnected', 'connection_close', 'connection_error', 'error']) container.on(event, () => {});
  const pairs = `authMode=aksign,signMethod=hmacsha1,timestamp=${timestamp},authId=${accessKeyId},iotInstanceId=,consumerGroupId=${consumerGroupId}`;
  const connection = container.connect({
    host: hostname,
    port: Number(port),
    reconnect: true,
    idle_time_out: 60_000,
    username: `client-1|${pairs}|`,
    password: createHmac('sha1', accessKeySecret)
      .update(`authId=${accessKeyId}&timestamp=${timestamp}`)
      .digest('base64'),
  });
  connection.open_receiver({ autoaccept: false });
  return consumer;
}

eachDatabase('events over AMQP, with the settings of the stock sample', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru({ ...(await variables()), OTARU_AMQP: '127.0.0.1:0' });
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  it('tell of a rollout from the first connection to the end of the job', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const { body: product } = await sdk.createProduct(
      new models.CreateProductRequest({ productName: 'amqp_lamp', nodeType: 0 }),
    );
    const productKey = product.data?.productKey ?? '';
    const { body: group } = await sdk.createConsumerGroup(
      new models.CreateConsumerGroupRequest({ groupName: 'bills' }),
    );
    const groupId = group.groupId ?? '';
    const { body: subscribed } = await sdk.createSubscribeRelation(
      new models.CreateSubscribeRelationRequest({
        productKey,
        type: 'AMQP',
        consumerGroupIds: [groupId],
        deviceStatusChangeFlag: true,
        otaEventFlag: true,
        otaVersionFlag: true,
        otaJobFlag: true,
      }),
    );
    expect(subscribed).toMatchObject({ success: true });
    const consumer = consume(otaru.amqp, groupId);
    const heard = (end: string) => consumer.heard.filter(({ topic }) => topic.endsWith(end));

    const registered = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName: 'lamp-1' }));
    const deviceSecret = registered.body.data?.deviceSecret ?? '';
    const bytes = randomBytes(20_000) as Buffer<ArrayBuffer>;
    const { body: granted } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
    const grant = granted.data as unknown as Record<string, string>;
    expect((await uploadForm({ ...grant, OSSAccessKeyId: grant['OSSAccessKeyId'] ?? '' }, bytes)).status).toBe(200);
    const { body: firmware } = await sdk.createOTAFirmware(
      new models.CreateOTAFirmwareRequest({
        firmwareName: 'amqp',
        destVersion: '2.0.0',
        productKey,
        firmwareUrl: grant['firmwareUrl'],
        needToVerify: false,
      }),
    );
    const { body: job } = await sdk.createOTAStaticUpgradeJob(
      new models.CreateOTAStaticUpgradeJobRequest({
        firmwareId: firmware.data?.firmwareId,
        productKey,
        targetSelection: 'SPECIFIC',
        targetDeviceName: ['lamp-1'],
      }),
    );
    const md5 = createHash('md5').update(bytes).digest('hex');
    const device = { productKey, deviceName: 'lamp-1', deviceSecret };
    await updateAsCSdk(otaru.mqtt, device, { sdk: '4.1', from: '1.0.0', md5 });

    const status = `/as/mqtt/status/${productKey}/lamp-1`;
    await eventually(async () => {
      const states = heard(status).map(({ payload }) => payload['status']);
      expect(states.sort()).toEqual(['offline', 'offline', 'online', 'online']);
      const versions = heard(`/${productKey}/lamp-1/ota/version/post`).map(({ payload }) => payload['moduleVersion']);
      expect(versions.sort()).toEqual(['1.0.0', '2.0.0']);
      const jobs = heard('/ota/job/status').map(({ payload }) => payload['status']);
      expect(jobs).toEqual(expect.arrayContaining(['IN_PROGRESS', 'COMPLETED']));
    }, 30_000);
    expect(heard('/ota/upgrade')).toEqual([
      {
        topic: `/${productKey}/lamp-1/ota/upgrade`,
        messageId: expect.stringMatching(/^\d{19}$/),
        payload: expect.objectContaining({ jobId: job.data?.jobId, status: 'SUCCEEDED', destVersion: '2.0.0' }),
      },
    ]);
    expect(heard('/ota/progress/post').length).toBeGreaterThan(0);
    const ids = consumer.heard.map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(JSON.stringify(consumer.heard)).not.toContain(deviceSecret);

    const request = new models.QueryConsumerGroupStatusRequest({ groupId });
    await eventually(async () => {
      const { body } = await sdk.queryConsumerGroupStatus(request);
      expect(body).toMatchObject({ success: true, accumulationCount: 0, consumerSpeed: ids.length });
      const [client] = body.clientConnectionStatusList?.consumerGroupClientConnectionInfo ?? [];
      expect(client).toMatchObject({ clientId: 'client-1', realTimeConsumeCountPerMinute: ids.length });
    }, 30_000);
    consumer.close();
  });

  it('wait while the consumer, or the server, is away', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const { body: product } = await sdk.createProduct(
      new models.CreateProductRequest({ productName: 'amqp_lamp_2', nodeType: 0 }),
    );
    const productKey = product.data?.productKey ?? '';
    const groupId = 'DEFAULT_GROUP';
    await sdk.createSubscribeRelation(
      new models.CreateSubscribeRelationRequest({
        productKey,
        type: 'AMQP',
        consumerGroupIds: [groupId],
        deviceLifeCycleFlag: true,
      }),
    );
    const register = (deviceName: string) =>
      sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
    await register('lamp-1');
    await otaru.kill();
    await otaru.start();
    const consumer = consume(otaru.amqp, groupId);
    const names = () => consumer.heard.map(({ payload }) => payload['deviceName']);
    await eventually(async () => expect(names()).toEqual(['lamp-1']));
    // a server that stops says so, and the client comes back by itself
    expect(await otaru.stop()).toBe(0);
    await otaru.start();
    await register('lamp-2');
    await eventually(async () => expect(names()).toEqual(['lamp-1', 'lamp-2']), 30_000);
    await otaru.kill();
    await otaru.start();
    await register('lamp-3');
    await eventually(async () => expect(names()).toEqual(['lamp-1', 'lamp-2', 'lamp-3']), 30_000);
    expect(consumer.connects).toBe(3);
    consumer.close();
  });
});
