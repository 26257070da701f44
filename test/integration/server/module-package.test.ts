import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { type ApiClient, createApiClient, uploadPackage } from '../../../src/cli/api-client.ts';
import { limitProfiles } from '../../../src/contract/limits.ts';
import { createAccount } from '../../../src/domain/accounts.ts';
import { unlimited } from '../../../src/domain/counter.ts';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { uncounted } from '../../../src/domain/shared-counter.ts';
import { openHttp } from '../../../src/http/server.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { randomIds } from '../../../src/lib/ids.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createVault } from '../../../src/lib/vault.ts';
import { openGateway } from '../../../src/mqtt/gateway.ts';
import { startScheduler } from '../../../src/scheduler/scheduler.ts';
import { createSimulatedDevice } from '../../../src/simulate/device.ts';
import { makeConnect } from '../../../src/wire/mqtt-connect.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';

interface Running extends AsyncDisposable {
  readonly api: ApiClient;
  readonly mqttPort: number;
}

/** Everything that `otaru serve` runs, in this process and on the database of the test. */
async function serve(database: TestDatabase): Promise<Running> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'otaru-server-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [clock, log, nodeId] = [systemClock, silentLog, 'node-1'];
  const engine = await database.open();
  const blobs = stack.use(await openBlobStore(`file:${folder}`, undefined));
  const deps = {
    engine,
    clock,
    log,
    blobs,
    ids: randomIds(clock),
    vault: createVault(Buffer.alloc(32, 7)),
    limits: limitProfiles.aliyun,
    publicUrl: '',
    figures: createFigures(clock),
    quota: uncounted,
    deviceRate: unlimited,
    checkAnswers: true,
    trustedProxies: [],
    auditDays: 180,
    checkReady: async () => {},
  };
  const key = await createAccount(deps, 'root');
  const http = stack.use(await openHttp(deps, { host: '127.0.0.1', port: 0 }));
  deps.publicUrl = `http://127.0.0.1:${http.address.port}`;
  stack.use(await startScheduler({ ...deps, nodeId }));
  const gateway = stack.use(
    await openGateway({
      services: createDeviceServices(deps, nodeId),
      onNudge: (listener) => engine.onNudge(listener),
      clock,
      log,
      ids: deps.ids,
      listen: { host: '127.0.0.1', port: 0 },
    }),
  );
  const running = stack.move();
  return {
    api: createApiClient(deps.publicUrl, key),
    mqttPort: gateway.address.port,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

eachEngine('a package of three files for a module', (database) => {
  let server: Running;
  beforeEach(async () => {
    server = await serve(database);
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
  });

  const contents = [1_000, 300_000, 1].map((size) => randomBytes(size) as Buffer<ArrayBuffer>);
  const names = ['boot.bin', '应用.bin', 'c.bin'];

  async function prepare(settings: Record<string, string> = {}) {
    const { api } = server;
    const { ProductKey } = await api.call('CreateProduct', { ProductName: 'lamp', NodeType: 0 });
    const { Data: registered } = await api.call('RegisterDevice', { ProductKey, DeviceName: 'lamp-1' });
    const identity = { productKey: ProductKey, deviceName: 'lamp-1', deviceSecret: registered.DeviceSecret };
    await api.call('CreateOTAModule', { ProductKey, ModuleName: 'MCU', AliasName: '主控' });
    const files: Record<string, string> = {};
    for (const [index, bytes] of contents.entries()) {
      files[`MultiFiles.${index + 1}.Name`] = names[index] ?? '';
      files[`MultiFiles.${index + 1}.Url`] = await uploadPackage(api, bytes);
    }
    const { Data: firmware } = await api.call('CreateOTAFirmware', {
      FirmwareName: 'mcu-2',
      DestVersion: '2.0.0',
      ProductKey,
      ModuleName: 'MCU',
      SignMethod: 'SHA256',
      NeedToVerify: false,
      Udi: '{"note":"灯"}',
      ...files,
    });
    const rollOut = async (): Promise<string> => {
      const { Data: job } = await api.call('CreateOTAStaticUpgradeJob', {
        FirmwareId: firmware.FirmwareId,
        ProductKey,
        TargetSelection: 'SPECIFIC',
        TargetDeviceName: ['lamp-1'],
        'Tag.1.Key': 'k1',
        'Tag.1.Value': 'v1',
        ...settings,
      });
      return job.JobId;
    };
    const task = async (JobId: string) =>
      (await api.call('ListOTATaskByJob', { JobId, CurrentPage: 1, PageSize: 10 })).Data.SimpleOTATaskInfo[0];
    const versions = async () => {
      const answer = await api.call('ListOTAModuleVersionsByDevice', {
        ProductKey,
        DeviceName: 'lamp-1',
        CurrentPage: 1,
        PageSize: 10,
      });
      const list = answer.Data.SimpleOTAModuleInfo as { ModuleName: string; ModuleVersion: string }[];
      return Object.fromEntries(list.map((each) => [each.ModuleName, each.ModuleVersion]));
    };
    const firmwareVersion = async () =>
      (await api.call('QueryDeviceDetail', { ProductKey, DeviceName: 'lamp-1' })).Data.FirmwareVersion;
    return { identity, firmwareId: firmware.FirmwareId, rollOut, task, versions, firmwareVersion };
  }

  it('goes from the upload to SUCCEEDED without touching the default module', async () => {
    const { identity, firmwareId, rollOut, task, versions, firmwareVersion } = await prepare();
    const topics = `${identity.productKey}/lamp-1`;
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.mqttPort}`, {
      ...makeConnect(identity, { extra: { _ss: '1' } }),
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    await using _ = { [Symbol.asyncDispose]: () => device.endAsync() };
    const next = (wanted: string) =>
      new Promise<Buffer>((resolve) => {
        device.on('message', (topic, payload) => topic === wanted && resolve(payload));
      });
    const pushed = next(`/ota/device/upgrade/${topics}`);
    // an acknowledged message is one whose effect can be seen
    const say = (what: string, params: object) =>
      device.publishAsync(`/ota/device/${what}/${topics}`, JSON.stringify({ id: '1', params }), { qos: 1 });
    await say('inform', { version: '1.0.0' });
    await say('inform', { version: '1.9.0', module: 'MCU' });
    const jobId = await rollOut();

    const payload = await pushed;
    const { id, data } = JSON.parse(payload.toString());
    const entries = contents.map((bytes, index) => {
      const url: string = data.files[index].fileUrl;
      const [md5, sha256] = [digest('md5', bytes), digest('sha256', bytes)];
      return `{"fileName":"${names[index]}","fileUrl":"${url}","fileSize":${bytes.length},"fileMd5":"${md5}","fileSign":"${sha256}"}`;
    });
    // every byte of it, in the order that C 4.2 needs (device-protocol 3.3, 4.2)
    expect(payload.toString()).toBe(
      `{"code":"1000","data":{"version":"2.0.0","signMethod":"SHA256","module":"MCU","files":[${entries.join()}],` +
        `"extData":{"k1":"v1","_package_udi":"{\\"note\\":\\"灯\\"}"}},"id":${id},"message":"success"}`,
    );
    expect(await task(jobId)).toMatchObject({ TaskStatus: 'NOTIFIED', SrcVersion: '1.9.0', DestVersion: '2.0.0' });

    for (const [index, bytes] of contents.entries()) {
      const url: string = data.files[index].fileUrl;
      expect(url.length).toBeLessThanOrEqual(254);
      const response = await fetch(url, { headers: { range: 'bytes=0-' } });
      expect([response.status, response.headers.get('content-length')]).toEqual([206, String(bytes.length)]);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    }

    // progress of another module is not progress of this one
    await say('progress', { step: '70', desc: '' });
    expect(await task(jobId)).toMatchObject({ TaskStatus: 'NOTIFIED', Progress: '0.00' });
    await say('progress', { step: '60', desc: 'half way', module: 'MCU' });
    expect(await task(jobId)).toMatchObject({ TaskStatus: 'IN_PROGRESS', Progress: '60.00', TaskDesc: 'half way' });
    // who asks for the module gets what is known of the package by now
    await server.api.call('ModifyOTAFirmware', {
      FirmwareId: firmwareId,
      ProductKey: identity.productKey,
      FirmwareUdi: 'new',
    });
    const answered = next(`/sys/${topics}/thing/ota/firmware/get_reply`);
    await device.publishAsync(`/sys/${topics}/thing/ota/firmware/get`, '{"id":"7","params":{"module":"MCU"}}');
    const { data: answer, ...envelope } = JSON.parse((await answered).toString());
    expect(envelope).toEqual({ id: '7', code: 200 });
    expect(answer).toEqual({
      ...data,
      files: data.files.map((file: object) => ({ ...file, fileUrl: expect.any(String) })),
      extData: { k1: 'v1', _package_udi: 'new' },
    });
    // nor is a version of it; what the device is at stays as reported
    await say('inform', { version: '1.0.0' });
    expect(await task(jobId)).toMatchObject({ TaskStatus: 'IN_PROGRESS' });
    await say('progress', { step: '100', desc: '', module: 'MCU' });
    await say('inform', { version: '2.0.0', module: 'MCU' });
    expect(await task(jobId)).toMatchObject({ TaskStatus: 'SUCCEEDED', Progress: '100.00' });
    expect(await versions()).toEqual({ default: '1.0.0', MCU: '2.0.0' });
    expect(await firmwareVersion()).toBe('1.0.0');
  });

  describe('for a job that is not pushed', () => {
    it('is fetched by a simulated device that asks for its module', async () => {
      const { identity, rollOut, task, versions, firmwareVersion } = await prepare({ NeedPush: 'false' });
      const jobId = await rollOut();
      const updated = Promise.withResolvers<void>();
      const failed: string[] = [];
      await using device = createSimulatedDevice({
        identity,
        host: '127.0.0.1',
        port: server.mqttPort,
        clock: systemClock,
        versions: { default: '1.0.0', MCU: '1.9.0' },
        pullOnConnect: true,
        onEvent(event) {
          if (event.kind === 'updated') updated.resolve();
          if (event.kind === 'failed') failed.push(event.description);
        },
      });
      device.start();
      await updated.promise;
      expect(failed).toEqual([]);
      expect(await task(jobId)).toMatchObject({ TaskStatus: 'SUCCEEDED' });
      expect(await versions()).toEqual({ default: '1.0.0', MCU: '2.0.0' });
      expect(await firmwareVersion()).toBe('1.0.0');
    });
  });
});
