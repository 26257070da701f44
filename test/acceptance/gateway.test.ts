import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsCSdk } from './support/c-device.ts';
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

interface Answer {
  readonly code: number;
  readonly data?: unknown;
}

/** What is used here of the vendor's device SDK for Node 1.2.8. */
interface NodeGateway {
  once(event: string, listener: (...words: never[]) => void): void;
  on(event: string, listener: (...words: never[]) => void): void;
  addTopo(devices: readonly Credentials[], answered: (answer: Answer) => void): void;
  getTopo(answered: (answer: Answer) => void): void;
  login(device: Credentials, answered: (answer: Answer) => void): void;
  logout(device: object, answered: (answer: Answer) => void): void;
  regiestSubDevice(devices: readonly object[], answered: (answer: Answer) => void): void;
  publish(topic: string, payload: string): void;
  end(): void;
}

const nodeSdk = createRequire(import.meta.url)('alibabacloud-iot-device-sdk') as {
  gateway(config: object): NodeGateway;
  register(config: object, answered: (answer: Answer) => void): void;
};

const firmware = Buffer.from('the bytes of version 2.0.0 '.repeat(2_000));
const md5 = createHash('md5').update(firmware).digest('hex');
const answerOf = (ask: (answered: (answer: Answer) => void) => void) => new Promise<Answer>((resolve) => ask(resolve));

eachDatabase('gateways and devices that register, with stock clients', (variables) => {
  let otaru: Otaru;
  let sdk: ReturnType<typeof currentSdk>;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
    sdk = currentSdk(otaru.http, rootKey);
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  async function product(productName: string, nodeType = 0) {
    const { body } = await sdk.createProduct(new models.CreateProductRequest({ productName, nodeType }));
    const { productKey = '', productSecret = '' } = body.data ?? {};
    return { productKey, productSecret };
  }

  async function device(productKey: string, deviceName: string): Promise<Credentials> {
    const { body } = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
    return { productKey, deviceName, deviceSecret: body.data?.deviceSecret ?? '' };
  }

  async function status({ productKey, deviceName }: Pick<Credentials, 'productKey' | 'deviceName'>) {
    const { body } = await sdk.getDeviceStatus(new models.GetDeviceStatusRequest({ productKey, deviceName }));
    return body.data?.status;
  }

  const allow = (productKey: string) =>
    otaru.command('product', 'set', '--product-key', productKey, '--dynamic-registration', 'on');

  /** Connects as C 4.x and C 3.2 do to register, and hands on what comes without a SUBSCRIBE. */
  async function registerAsCSdk(
    names: { productKey: string; deviceName: string; productSecret: string },
    authType: 'register' | 'regnwl',
  ): Promise<Record<string, string>> {
    const { productKey, deviceName, productSecret } = names;
    const random = '0a1b2c3d';
    const content = `deviceName${deviceName}productKey${productKey}random${random}`;
    const client = mqtt.connect(otaru.mqtt, {
      clientId: `${deviceName}.${productKey}|random=${random},authType=${authType},securemode=2,signmethod=hmacsha256|`,
      username: `${deviceName}&${productKey}`,
      password: createHmac('sha256', productSecret).update(content).digest('hex').toUpperCase(),
      reconnectPeriod: 0,
    });
    try {
      return await new Promise((resolve, reject) => {
        client.on('error', reject);
        client.on('message', (topic, payload) => {
          if (topic === `/ext/${authType}`) resolve(JSON.parse(payload.toString()));
        });
      });
    } finally {
      await client.endAsync();
    }
  }

  it('a C SDK device registers, disconnects and logs in with what it got; then the name is taken', async () => {
    const { productKey, productSecret } = await product('one_secret');
    await device(productKey, 'c-device');
    const names = { productKey, productSecret, deviceName: 'c-device' };
    await expect(registerAsCSdk(names, 'register')).rejects.toThrow(/bad user ?name or password/i);
    await allow(productKey);
    const { deviceSecret = '' } = await registerAsCSdk(names, 'register');
    expect(await status(names)).toBe('UNACTIVE');
    const client = await connectAsCSdk(mqtt, otaru.mqtt, { productKey, deviceName: 'c-device', deviceSecret });
    expect(await status(names)).toBe('ONLINE');
    await client.endAsync();
    await expect(registerAsCSdk(names, 'register')).rejects.toThrow(/bad user ?name or password/i);
    await sdk.resetThing(new models.ResetThingRequest({ productKey, deviceName: 'c-device' }));
    expect((await registerAsCSdk(names, 'register'))['deviceSecret']).not.toBe(deviceSecret);
  });

  it('a C SDK device that nobody registered gets a token and logs in with it', async () => {
    const { productKey, productSecret } = await product('no_record');
    await allow(productKey);
    const names = { productKey, productSecret, deviceName: 'brand-new' };
    const { clientId, deviceToken = '' } = await registerAsCSdk(names, 'regnwl');
    const client = await mqtt.connectAsync(otaru.mqtt, {
      clientId: `${clientId}|authType=connwl,securemode=-2,_ss=1,ext=3,_v=sdk-c-4.1.0|`,
      username: `brand-new&${productKey}`,
      password: deviceToken,
      reconnectPeriod: 0,
    });
    expect(await status(names)).toBe('ONLINE');
    await client.endAsync();
  });

  it('the Node SDK registers over HTTP', async () => {
    const { productKey, productSecret } = await product('by_http');
    await device(productKey, 'node-device');
    const registerURL = `${otaru.http}/auth/register/device`;
    const config = { productKey, productSecret, deviceName: 'node-device', registerURL };
    expect(await answerOf((answered) => nodeSdk.register(config, answered))).toEqual({
      code: 6288,
      message: 'dynamic registration disabled',
    });
    await allow(productKey);
    const { code, data } = await answerOf((answered) => nodeSdk.register(config, answered));
    expect(code).toBe(200);
    const client = await connectAsCSdk(mqtt, otaru.mqtt, data as Credentials);
    await client.endAsync();
  });

  it('the Node SDK is a gateway whose sub-device is updated by a job', async () => {
    const { productKey: hubKey } = await product('hub_product', 1);
    const { productKey } = await product('sub_product');
    const hub = await device(hubKey, 'node-hub');
    const sub = await device(productKey, 'sub-one');
    const fresh = { productKey, deviceName: 'sub-two' };
    await device(productKey, 'sub-two');
    await allow(productKey);
    const gateway = nodeSdk.gateway({ ...hub, brokerUrl: otaru.mqtt });
    const names = `${productKey}/${sub.deviceName}`;
    const inform = (version: string) =>
      gateway.publish(`/ota/device/inform/${names}`, JSON.stringify({ id: '1', params: { version } }));
    try {
      await new Promise<void>((resolve) => gateway.once('connect', () => resolve()));
      const asked = await answerOf((answered) => gateway.regiestSubDevice([fresh], answered));
      expect(asked).toMatchObject({ code: 200, data: [{ ...fresh, deviceSecret: expect.stringMatching(/^\w{32}$/) }] });
      const [issued] = asked.data as Credentials[];
      expect(await answerOf((answered) => gateway.addTopo([sub, issued as Credentials], answered))).toMatchObject({
        code: 200,
      });
      const { data } = await answerOf((answered) => gateway.getTopo(answered));
      expect(data).toEqual(expect.arrayContaining([{ productKey, deviceName: 'sub-one' }, fresh]));
      const wrong = { ...sub, deviceSecret: 'x' };
      expect(await answerOf((answered) => gateway.addTopo([wrong], answered))).toMatchObject({ code: 401 });
      expect(await answerOf((answered) => gateway.login({ ...sub }, answered))).toMatchObject({ code: 200 });
      expect(await status(sub)).toBe('ONLINE');

      const updated = new Promise<void>((resolve, reject) => {
        gateway.on('message', ((topic: string, payload: Buffer) => {
          if (topic !== `/ota/device/upgrade/${names}`) return;
          const { data } = JSON.parse(payload.toString()) as { data: { url: string; md5: string; version: string } };
          fetch(data.url)
            .then((response) => response.arrayBuffer())
            .then((body) => {
              expect(createHash('md5').update(Buffer.from(body)).digest('hex')).toBe(data.md5);
              expect(data.md5).toBe(md5);
              const progress = { id: '2', params: { step: '100', desc: '' } };
              gateway.publish(`/ota/device/progress/${names}`, JSON.stringify(progress));
              inform(data.version);
              resolve();
            })
            .catch(reject);
        }) as never);
      });
      inform('1.0.0');
      const jobId = await verifyJob(productKey, sub.deviceName);
      await updated;
      await eventually(async () => {
        const request = new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 10 });
        const { body } = await sdk.listOTATaskByJob(request);
        expect(body.data?.simpleOTATaskInfo?.map((task) => [task.deviceName, task.taskStatus])).toEqual([
          ['sub-one', 'SUCCEEDED'],
        ]);
      });

      const plain = { productKey, deviceName: 'sub-one' };
      expect(await answerOf((answered) => gateway.logout(plain, answered))).toMatchObject({ code: 200 });
      expect(await status(sub)).toBe('OFFLINE');
      expect(await answerOf((answered) => gateway.login({ ...sub }, answered))).toMatchObject({ code: 200 });
      await sdk.disableThing(new models.DisableThingRequest(plain));
      await eventually(async () => expect(await status(sub)).toBe('DISABLE'));
      expect(await answerOf((answered) => gateway.login({ ...sub }, answered))).toMatchObject({ code: 522 });
      await sdk.enableThing(new models.EnableThingRequest(plain));
      expect(await answerOf((answered) => gateway.login({ ...sub }, answered))).toMatchObject({ code: 200 });
    } finally {
      gateway.end();
    }
    // the gateway takes its sub-devices offline with it
    await eventually(async () => expect([await status(hub), await status(sub)]).toEqual(['OFFLINE', 'OFFLINE']));
  });

  /** Uploads a package and starts to verify it on one device. */
  async function verifyJob(productKey: string, deviceName: string): Promise<string> {
    const grant = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({ fileSuffix: 'bin' }));
    const form = { ...grant.body.data } as Record<string, string>;
    const keyId = form['OSSAccessKeyId'] ?? form['oSSAccessKeyId'] ?? '';
    expect((await uploadForm({ ...form, OSSAccessKeyId: keyId }, firmware)).status).toBe(200);
    const created = await sdk.createOTAFirmware(
      new models.CreateOTAFirmwareRequest({
        firmwareName: `fw-${productKey}`,
        productKey,
        firmwareUrl: form['firmwareUrl'],
        destVersion: '2.0.0',
      }),
    );
    const firmwareId = created.body.data?.firmwareId ?? '';
    const { body } = await sdk.createOTAVerifyJob(
      new models.CreateOTAVerifyJobRequest({ firmwareId, productKey, targetDeviceName: [deviceName] }),
    );
    expect(body).toMatchObject({ success: true });
    return body.data?.jobId ?? '';
  }
});
