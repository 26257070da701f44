import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateAsCSdk } from './support/c-device.ts';
import { currentSdk, models } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';

interface Event {
  readonly type: string;
  readonly data: { readonly topic: string; readonly payload: Readonly<Record<string, unknown>> };
}

/** Someone who listens with the stock library; requests that it cannot verify are an error. */
class Listener implements AsyncDisposable {
  secret = '';
  answers = true;
  readonly events: { readonly id: string; readonly event: Event }[] = [];
  readonly errors: unknown[] = [];
  readonly #server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    this.#hear(request.headers, Buffer.concat(parts), response);
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  #hear(headers: IncomingHttpHeaders, body: Buffer, response: ServerResponse): void {
    try {
      const event = new Webhook(this.secret).verify(body, headers as Record<string, string>) as Event;
      this.events.push({ id: String(headers['webhook-id']), event });
    } catch (error) {
      this.errors.push(error);
    }
    if (this.answers) response.writeHead(204).end();
  }

  async [Symbol.asyncDispose]() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

eachDatabase('webhooks of a server', (variables) => {
  let otaru: Otaru;
  const listener = new Listener();
  beforeAll(async () => {
    otaru = await startOtaru({ ...(await variables()), OTARU_WEBHOOK_ALLOW: '127.0.0.1' });
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
    await listener[Symbol.asyncDispose]();
  });
  const heard = (type: string) => listener.events.filter(({ event }) => event.type === type);

  it('tell of an update from the first registration to the success, to a stock receiver', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const added = await otaru.command(
      'webhook',
      'add',
      '--url',
      await listener.listen(),
      '--types',
      'device.*',
      'ota.*',
    );
    const webhookId = added['webhookId'] ?? '';
    listener.secret = added['secret'] ?? '';
    expect(await otaru.command('webhook', 'test', webhookId)).toMatchObject({ status: '204' });
    expect(heard('webhook.test')).toHaveLength(1);

    const product = new models.CreateProductRequest({ productName: 'hook_lamp', nodeType: 0 });
    const productKey = (await sdk.createProduct(product)).body.data?.productKey ?? '';
    const registered = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName: 'lamp-1' }));
    const deviceSecret = registered.body.data?.deviceSecret ?? '';
    const bytes = randomBytes(20_000) as Buffer<ArrayBuffer>;
    const { body: granted } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
    const grant = granted.data as unknown as Record<string, string>;
    expect((await uploadForm({ ...grant, OSSAccessKeyId: grant['OSSAccessKeyId'] ?? '' }, bytes)).status).toBe(200);
    const { body: firmware } = await sdk.createOTAFirmware(
      new models.CreateOTAFirmwareRequest({
        firmwareName: 'hook',
        destVersion: '2.0.0',
        productKey,
        firmwareUrl: grant['firmwareUrl'],
        needToVerify: false,
      }),
    );
    const device = { productKey, deviceName: 'lamp-1', deviceSecret };
    const { body: job } = await sdk.createOTAStaticUpgradeJob(
      new models.CreateOTAStaticUpgradeJobRequest({
        firmwareId: firmware.data?.firmwareId,
        productKey,
        targetSelection: 'SPECIFIC',
        targetDeviceName: ['lamp-1'],
      }),
    );
    const md5 = createHash('md5').update(bytes).digest('hex');
    await updateAsCSdk(otaru.mqtt, device, { sdk: '4.1', from: '1.0.0', md5 });
    await eventually(async () => expect(heard('ota.job.updated').length).toBeGreaterThanOrEqual(2), 30_000);
    await eventually(async () => expect(heard('ota.task.succeeded')).toHaveLength(1), 30_000);
    expect(heard('ota.task.succeeded')[0]?.event.data).toEqual({
      topic: `/${productKey}/lamp-1/ota/upgrade`,
      payload: expect.objectContaining({ jobId: job.data?.jobId, status: 'SUCCEEDED', destVersion: '2.0.0' }),
    });
    for (const type of ['device.created', 'device.online', 'ota.version.changed', 'ota.task.progress']) {
      expect(heard(type).length, type).toBeGreaterThan(0);
    }
    expect(JSON.stringify(listener.events)).not.toContain(deviceSecret);
    expect(listener.errors).toEqual([]);
  });

  it('are sent again when the server was killed before the answer came', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    listener.answers = false;
    const { body: product } = await sdk.createProduct(
      new models.CreateProductRequest({ productName: 'hook_lamp_2', nodeType: 0 }),
    );
    const productKey = product.data?.productKey ?? '';
    await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName: 'lamp-2' }));
    const about = () => listener.events.filter(({ event }) => event.data.payload['deviceName'] === 'lamp-2');
    await eventually(async () => expect(about()).toHaveLength(1), 30_000);
    await otaru.kill();
    listener.answers = true;
    await otaru.start();
    await eventually(async () => expect(about()).toHaveLength(2), 60_000);
    expect(about()[1]).toEqual(about()[0]);
    expect(listener.errors).toEqual([]);
  });
});
