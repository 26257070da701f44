import mqtt from 'mqtt';
import { expect, it } from 'vitest';
import { createApiClient, uploadPackage } from '../../../src/cli/api-client.ts';
import { createLog } from '../../../src/cli/output.ts';
import { makeConnect } from '../../../src/wire/mqtt-connect.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { startWholeServer } from '../../support/whole-server.ts';

type Line = Readonly<Record<string, unknown>>;

/** A server whose log, all of it, is kept. */
async function serve(database: TestDatabase) {
  const lines: string[] = [];
  const log = createLog('trace', { write: (line) => void lines.push(line) });
  const masterKey = Buffer.alloc(32, 7).toString('base64');
  const key = { accessKeyId: 'LTAItheroot', accessKeySecret: 'the-root-secret-of-this-test' };
  const settings = {
    OTARU_MASTER_KEY: masterKey,
    OTARU_ACCESS_KEY_ID: key.accessKeyId,
    OTARU_ACCESS_KEY_SECRET: key.accessKeySecret,
  };
  const running = await startWholeServer(database, settings, log);
  const { server, open } = running;
  return {
    server,
    masterKey,
    api: createApiClient(server.http, key),
    text: () => lines.join(''),
    /** Lines of one message. */
    said: (message: string) => lines.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === message),
    open,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

eachEngine('the log', (database) => {
  it('names what it is about, and holds no secret of calls, devices and downloads that succeed or fail', async () => {
    await using running = await serve(database);
    const { server, api, said } = running;
    const { ProductKey, Data: product } = await api.call('CreateProduct', { ProductName: 'lamp', NodeType: 0 });
    const { Data: device } = await api.call('RegisterDevice', { ProductKey, DeviceName: 'lamp-1' });
    const { Data: firmware } = await api.call('CreateOTAFirmware', {
      FirmwareName: 'lamp-2',
      DestVersion: '2.0.0',
      ProductKey,
      FirmwareUrl: await uploadPackage(api, Buffer.alloc(1_000)),
      NeedToVerify: false,
    });
    const wrong = createApiClient(server.http, { accessKeyId: 'LTAItheroot', accessKeySecret: 'a-wrong-secret-text' });
    await expect(wrong.call('QueryProduct', { ProductKey })).rejects.toThrow('SignatureDoesNotMatch');

    const connect = (deviceSecret: string) => ({
      ...makeConnect({ productKey: ProductKey, deviceName: 'lamp-1', deviceSecret }),
      protocolVersion: 4 as const,
      reconnectPeriod: 0,
    });
    const bad = connect('0123456789abcdef0123456789abcdef');
    await expect(mqtt.connectAsync(server.mqtt, bad)).rejects.toThrow();
    expect(said('refused a device')).toMatchObject([{ refusal: 'credentials', connectionId: expect.any(String) }]);
    const good = connect(device.DeviceSecret);
    const link = await mqtt.connectAsync(server.mqtt, good);
    const pushed = new Promise<string>((resolve) => {
      link.on('message', (_topic, payload) => resolve(JSON.parse(payload.toString()).data.url));
    });
    await link.publishAsync(`/ota/device/inform/${ProductKey}/lamp-1`, '{"id":"1","params":{"version":"1.0.0"}}', {
      qos: 1,
    });
    await link.publishAsync(`/ota/device/inform/${ProductKey}/lamp-1`, `{"secret":"${device.DeviceSecret}"`, {
      qos: 1,
    });
    await api.call('CreateOTAStaticUpgradeJob', {
      FirmwareId: firmware.FirmwareId,
      ProductKey,
      TargetSelection: 'ALL',
    });
    const url = await pushed;
    await (await fetch(url)).arrayBuffer();
    await fetch(url.replace(/Signature=[^&]*/, 'Signature=forged'));
    // the same device, over the channel of HTTP
    const auth = await fetch(`${server.http}/auth`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ productKey: ProductKey, deviceName: 'lamp-1', clientId: 'c', sign: 'forged-sign-text' }),
    });
    await auth.text();
    expect(said('refused a request on the device channel')).toHaveLength(1);

    // a table that is gone makes calls and reports fail in the middle
    const engine = await running.open();
    try {
      await engine.transaction(({ db }) => db.schema.alterTable('module_version').renameTo('gone').execute());
      const failed = await api
        .call('ListOTAModuleVersionsByDevice', { ProductKey, DeviceName: 'lamp-1', CurrentPage: 1, PageSize: 10 })
        .catch((error) => error.answer);
      expect(failed.Code).toBe('InternalError');
      expect(said('call failed unexpectedly')).toMatchObject([
        { requestId: failed.RequestId, err: { message: expect.stringContaining('module_version') } },
      ]);
      // never acknowledged
      void link
        .publishAsync(`/ota/device/inform/${ProductKey}/lamp-1`, '{"id":"2","params":{"version":"2.0.0"}}', { qos: 1 })
        .catch(() => undefined);
      await expect
        .poll(() => said('closed a device connection'))
        .toMatchObject([
          {
            ending: 'reportFailed',
            deviceId: device.IotId,
            error: { message: expect.stringContaining('module_version') },
          },
        ]);
      // a job that cannot be advanced
      const job = await engine.read.selectFrom('job').select('id').executeTakeFirstOrThrow();
      await engine.transaction(({ db }) => db.updateTable('job').set({ cursor: '0', due_at: 1 }).execute());
      await expect
        .poll(() => said('a job could not be advanced; it is tried again').at(0)?.['jobId'], { timeout: 10_000 })
        .toBe(job.id);
    } finally {
      await engine.transaction(({ db }) => db.schema.alterTable('gone').renameTo('module_version').execute());
      await engine[Symbol.asyncDispose]();
    }
    await link.endAsync(true);

    const text = running.text();
    const secrets = [
      running.masterKey,
      'the-root-secret-of-this-test',
      'a-wrong-secret-text',
      product.ProductSecret,
      device.DeviceSecret,
      String(good.password),
      String(bad.password),
      'forged-sign-text',
      new URL(url).search.slice(1),
      ...new URL(url).searchParams.values(),
    ].filter((secret) => typeof secret === 'string' && secret.length > 12);
    expect(secrets.length).toBeGreaterThan(8);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
