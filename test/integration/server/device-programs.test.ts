import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApiClient, uploadPackage } from '../../../src/cli/api-client.ts';
import type { DeviceIdentity } from '../../../web/src/pages/devices/connect.ts';
import { type ProgramKind, programOf } from '../../../web/src/pages/devices/programs.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { startWholeServer } from '../../support/whole-server.ts';

const key = { accessKeyId: 'LTAItheroot', accessKeySecret: 'the-root-secret-of-this-test' };

/** A server with one device, and a package for it. */
async function serve(database: TestDatabase) {
  const settings = { OTARU_ACCESS_KEY_ID: key.accessKeyId, OTARU_ACCESS_KEY_SECRET: key.accessKeySecret };
  const running = await startWholeServer(database, settings);
  const { server } = running;
  const api = createApiClient(server.http, key);
  const { ProductKey } = await api.call('CreateProduct', { ProductName: 'lamp', NodeType: 0 });
  const { Data: device } = await api.call('RegisterDevice', { ProductKey, DeviceName: 'lamp-1' });
  const { Data: firmware } = await api.call('CreateOTAFirmware', {
    FirmwareName: 'lamp-2',
    DestVersion: '2.0.0',
    ProductKey,
    FirmwareUrl: await uploadPackage(api, Buffer.alloc(100_000, 'firmware')),
    NeedToVerify: false,
  });
  const named = { ProductKey, DeviceName: 'lamp-1' };
  return {
    device: { productKey: ProductKey, deviceName: 'lamp-1', deviceSecret: device.DeviceSecret },
    gateway: new URL(server.mqtt),
    async version() {
      const { Data } = await api.call('ListOTAModuleVersionsByDevice', { ...named, CurrentPage: 1, PageSize: 10 });
      return Data.SimpleOTAModuleInfo[0]?.ModuleVersion;
    },
    async rollOut() {
      const wanted = { ProductKey, FirmwareId: firmware.FirmwareId, TargetSelection: 'ALL' } as const;
      const { Data: job } = await api.call('CreateOTAStaticUpgradeJob', wanted);
      return async () => {
        const { Data } = await api.call('ListOTATaskByJob', { JobId: job.JobId, CurrentPage: 1, PageSize: 10 });
        return Data.SimpleOTATaskInfo[0]?.TaskStatus;
      };
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Runs what the console shows of a device, and gathers what it prints. */
function run(kind: ProgramKind, device: DeviceIdentity, { hostname, port }: URL) {
  const child = spawn(process.execPath, ['--input-type=commonjs', '-'], { stdio: 'pipe' });
  onTestFinished(() => void child.kill());
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  child.stdin.end(programOf(kind, device, { host: hostname, port: Number(port) }));
  return { said: () => said };
}

const patience = { timeout: 15_000 };

eachEngine('a program that the console gives to paste', (database) => {
  it.each<ProgramKind>(['mqttjs', 'sdk'])('connects, updates itself and says so (%s)', async (kind) => {
    await using running = await serve(database);
    const { device, gateway, version, rollOut } = running;
    const { said } = run(kind, device, gateway);
    await vi.waitFor(async () => expect(await version()).toBe('1.0.0'), patience);
    const status = await rollOut();
    await vi.waitFor(async () => expect(await status()).toBe('SUCCEEDED'), patience);
    expect(await version()).toBe('2.0.0');
    expect(said()).toMatch(/connected\n(.*\n)*update to 2\.0\.0\n10 downloading\n100 installed/);
  });
});

describe('a program that the console gives to paste, without a server,', () => {
  it('says why it cannot connect', async () => {
    const device = {
      productKey: 'a1BCDEFGHIJ',
      deviceName: 'lamp-1',
      deviceSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    };
    const { said } = run('mqttjs', device, new URL('mqtt://127.0.0.1:9'));
    await vi.waitFor(() => expect(said()).toMatch(/not connected:.*ECONNREFUSED/), patience);
  });
});
