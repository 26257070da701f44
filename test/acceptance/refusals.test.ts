import { once } from 'node:events';
import { request } from 'node:http';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsCSdk } from './support/c-device.ts';
import { currentSdk, type Key, models, popCore } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { signedV1Url } from './support/wire.ts';

eachDatabase('what must be refused', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  const get = (parameters: Record<string, string>, key?: Key) => getFrom(otaru, parameters, key);

  it('a wrong secret, for both SDKs', async () => {
    const wrong = { ...rootKey, accessKeySecret: 'not-the-secret' };
    const request = new models.QueryOTAJobRequest({ jobId: 'x' });
    await expect(currentSdk(otaru.http, wrong).queryOTAJob(request)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    await expect(popCore(otaru.http, wrong).request('QueryOTAJob', { JobId: 'x' })).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  it('an unknown and a disabled key', async () => {
    const nobody = { accessKeyId: 'LTAInobody', accessKeySecret: 'secret' };
    expect(await get({ Action: 'QueryOTAJob', JobId: 'x' }, nobody)).toMatchObject({
      status: 404,
      body: { Code: 'InvalidAccessKeyId.NotFound' },
    });
    const account = await otaru.command('key', 'account', 'create', '--name', 'short-lived');
    const key = { accessKeyId: account['accessKeyId'] ?? '', accessKeySecret: account['accessKeySecret'] ?? '' };
    expect((await get({ Action: 'QueryProductList', CurrentPage: '1', PageSize: '1' }, key)).status).toBe(200);
    await otaru.command('key', 'disable', key.accessKeyId);
    expect(await get({ Action: 'QueryProductList', CurrentPage: '1', PageSize: '1' }, key)).toMatchObject({
      status: 400,
      body: { Code: 'InvalidAccessKeyId.Inactive' },
    });
  });

  it('a replayed nonce, also after a restart', async () => {
    const url = signedV1Url(otaru.http, rootKey, { Action: 'QueryProductList', CurrentPage: '1', PageSize: '1' });
    expect((await fetch(url)).status).toBe(200);
    expect(await (await fetch(url)).json()).toMatchObject({ Code: 'SignatureNonceUsed' });
    await otaru.kill();
    await otaru.start();
    expect(await (await fetch(url)).json()).toMatchObject({ Code: 'SignatureNonceUsed' });
  });

  it('an old timestamp', async () => {
    const old = `${new Date(Date.now() - 16 * 60_000).toISOString().slice(0, 19)}Z`;
    expect(await get({ Action: 'QueryProductList', CurrentPage: '1', PageSize: '1', Timestamp: old })).toMatchObject({
      status: 400,
      body: { Code: 'InvalidTimeStamp.Expired' },
    });
  });

  it("another account's objects, and what a user's policy does not grant", async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const { body } = await sdk.createProduct(
      new models.CreateProductRequest({ productName: 'private_lamp', nodeType: 0 }),
    );
    const productKey = body.productKey ?? '';
    const { body: device } = await sdk.registerDevice(
      new models.RegisterDeviceRequest({ productKey, deviceName: 'mine' }),
    );
    const other = await otaru.command('key', 'account', 'create', '--name', 'other');
    const stranger = currentSdk(otaru.http, {
      accessKeyId: other['accessKeyId'] ?? '',
      accessKeySecret: other['accessKeySecret'] ?? '',
    });
    const iotId = device.data?.iotId ?? '';
    expect((await stranger.queryProduct(new models.QueryProductRequest({ productKey }))).body).toMatchObject({
      success: false,
      code: 'iot.prod.NotExistedProduct',
    });
    expect((await stranger.queryDeviceDetail(new models.QueryDeviceDetailRequest({ iotId }))).body.success).toBe(false);
    const list = new models.ListOTATaskByJobRequest({ jobId: 'x', currentPage: 1, pageSize: 10 });
    expect((await stranger.listOTATaskByJob(list)).body).toMatchObject({
      success: false,
      code: 'iot.ota.InvalidJobId',
    });

    const user = await otaru.command(
      'key',
      'user',
      'create',
      '--account',
      other['accountId'] ?? '',
      '--name',
      'reader',
    );
    const reader = currentSdk(otaru.http, {
      accessKeyId: user['accessKeyId'] ?? '',
      accessKeySecret: user['accessKeySecret'] ?? '',
    });
    expect((await reader.queryProduct(new models.QueryProductRequest({ productKey }))).body).toMatchObject({
      success: false,
      code: 'iot.common.RamActionPermissionDeny',
    });
  });

  it('more calls in a second than documented', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const calls = Array.from({ length: 40 }, () =>
      sdk.listOTAFirmware(new models.ListOTAFirmwareRequest({ currentPage: 1, pageSize: 1 })).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    );
    const outcomes = await Promise.all(calls);
    expect(outcomes).toContain('answered');
    expect(outcomes).toContain('Throttling.User');
  });

  it('an upload that is cut off', async () => {
    const grant = await grantOf(otaru);
    await sendForm(otaru.http, grant, { announce: 5_000_000, send: 1_000_000 });
    expect(await createOf(otaru, grant)).toMatchObject({ Code: 'iot.firmware.InvalidFirmwareUrl' });
  });

  it("a device's messages to another device's topic", async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const { body } = await sdk.createProduct(
      new models.CreateProductRequest({ productName: 'two_lamps', nodeType: 0 }),
    );
    const productKey = body.productKey ?? '';
    const register = async (deviceName: string) => {
      const { body } = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
      return { productKey, deviceName, deviceSecret: body.data?.deviceSecret ?? '' };
    };
    const thief = await connectAsCSdk(mqtt, otaru.mqtt, await register('thief'));
    const victim = await register('victim');
    const inform = (name: string, version: string) =>
      thief.publishAsync(`/ota/device/inform/${productKey}/${name}`, JSON.stringify({ id: '1', params: { version } }), {
        qos: 1,
      });
    await inform('victim', '6.6.6');
    await inform('thief', '1.2.3');
    const version = async (deviceName: string) =>
      (await sdk.queryDeviceDetail(new models.QueryDeviceDetailRequest({ productKey, deviceName }))).body.data
        ?.firmwareVersion;
    expect(await version('thief')).toBe('1.2.3');
    expect(await version('victim')).toBe('');
    await expect(thief.subscribeAsync(`/ota/device/upgrade/${productKey}/victim`)).rejects.toThrow();

    // two with one identity oust each other: the newer connection stays
    const first = await connectAsCSdk(mqtt, otaru.mqtt, victim);
    const closed = once(first as unknown as NodeJS.EventEmitter, 'close');
    const second = await connectAsCSdk(mqtt, otaru.mqtt, victim);
    await closed;
    await second.publishAsync(`/ota/device/inform/${productKey}/victim`, '{"id":"1","params":{"version":"1.0.0"}}', {
      qos: 1,
    });
    expect(await version('victim')).toBe('1.0.0');
    await Promise.all([thief.endAsync(), second.endAsync()]);
    await expect(connectAsCSdk(mqtt, otaru.mqtt, { ...victim, deviceSecret: 'wrong' })).rejects.toMatchObject({
      code: 4,
    });
  });
});

// no database has a say in it, and it takes its time
it('an upload that is larger than the limit', async () => {
  await using otaru = await startOtaru();
  const grant = await grantOf(otaru);
  const answer = await sendForm(otaru.http, grant, { announce: 1_048_576_001, send: 1_048_576_001 });
  expect(answer).toContain('<Code>EntityTooLarge</Code>');
  expect(await createOf(otaru, grant)).toMatchObject({ Code: 'iot.firmware.InvalidFirmwareUrl' });
});

async function getFrom(otaru: Otaru, parameters: Record<string, string>, key: Key = rootKey) {
  const response = await fetch(signedV1Url(otaru.http, key, parameters));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function grantOf(otaru: Otaru): Promise<Readonly<Record<string, string>>> {
  return (await getFrom(otaru, { Action: 'GenerateOTAUploadURL' })).body['Data'] as Record<string, string>;
}

/** Makes a package of what was uploaded. @returns the answer */
async function createOf(otaru: Otaru, { FirmwareUrl = '' }: Readonly<Record<string, string>>) {
  const firmware = { FirmwareName: 'refused', DestVersion: '1.0.0', FirmwareUrl };
  return (await getFrom(otaru, { Action: 'CreateOTAFirmware', ...firmware })).body;
}

/** Sends the upload form by hand: a length that is announced and the bytes that really go out. */
function sendForm(
  origin: string,
  grant: Readonly<Record<string, string>>,
  { announce, send }: { readonly announce: number; readonly send: number },
): Promise<string> {
  const field = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = Buffer.from(
    `${field('key', grant['Key'] ?? '')}${field('policy', grant['Policy'] ?? '')}${field('OSSAccessKeyId', grant['OSSAccessKeyId'] ?? '')}${field('signature', grant['Signature'] ?? '')}--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from('\r\n--b--\r\n');
  return new Promise((resolve) => {
    let answer = '';
    const upload = request(origin, {
      method: 'POST',
      headers: {
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': head.length + announce + tail.length,
      },
    });
    upload.on('response', (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
      });
      response.on('end', () => {
        resolve(answer);
        upload.destroy();
      });
    });
    upload.on('error', () => resolve(answer));
    upload.on('close', () => resolve(answer));
    upload.write(head);
    const part = Buffer.alloc(1_048_576);
    let left = send;
    const pump = () => {
      while (left > 0 && !upload.destroyed) {
        const bytes = part.subarray(0, Math.min(left, part.length));
        left -= bytes.length;
        if (!upload.write(bytes)) return upload.once('drain', pump);
      }
      if (send < announce) return upload.destroy();
      return upload.end(tail);
    };
    pump();
  });
}
