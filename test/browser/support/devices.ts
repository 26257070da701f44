import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchServer } from '../../../bench/support/server.ts';

const bin = join(import.meta.dirname, '../../../bin/otaru.js');

export interface Identity {
  readonly productKey: string;
  readonly deviceName: string;
  readonly deviceSecret: string;
}

export async function registerDevices(
  { client }: BenchServer,
  productKey: string,
  names: readonly string[],
): Promise<Identity[]> {
  const devices = names.map(async (name) => {
    const { Data: device } = await client.call('RegisterDevice', { ProductKey: productKey, DeviceName: name });
    return { productKey, deviceName: name, deviceSecret: device.DeviceSecret };
  });
  return Promise.all(devices);
}

/**
 * Simulated devices in a process of their own, as `otaru simulate` runs them, at version 1.0.0.
 * @param failures share of each kind that fails, such as `flash=100%`
 */
export function startDevices({ otaru }: BenchServer, devices: readonly Identity[], failures?: string): AsyncDisposable {
  const file = join(otaru.data, `devices-${devices[0]?.deviceName}-${failures === undefined ? 'sound' : 'bad'}.csv`);
  writeFileSync(file, devices.map((each) => `${each.productKey},${each.deviceName},${each.deviceSecret}\n`).join(''));
  const words = ['simulate', '--mqtt', otaru.mqtt, '--devices', file, '--step-percent', '50', '--reboot', '100'];
  const child = spawn(process.execPath, [bin, ...words, ...(failures ? ['--failures', failures] : [])], {
    stdio: 'ignore',
  });
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.kill()) await once(child, 'exit');
    },
  };
}

/** @returns ID of a package of some bytes, which is not verified */
export async function uploadedPackage(
  { client, otaru }: BenchServer,
  productKey: string,
  version: string,
  needToVerify = true,
): Promise<string> {
  const { Data: grant } = await client.call('GenerateOTAUploadURL', {});
  const form = new FormData();
  form.set('key', grant.Key);
  form.set('policy', grant.Policy);
  form.set('OSSAccessKeyId', grant.OSSAccessKeyId);
  form.set('signature', grant.Signature);
  form.set('success_action_status', '200');
  form.set('file', new Blob([new Uint8Array(40_000).fill(7)]));
  const answer = await fetch(otaru.http, { method: 'POST', body: form });
  if (answer.status !== 200) throw new Error(await answer.text());
  const { Data: firmware } = await client.call('CreateOTAFirmware', {
    FirmwareName: 'firmware',
    DestVersion: version,
    ProductKey: productKey,
    FirmwareUrl: grant.FirmwareUrl,
    SignMethod: 'SHA256',
    NeedToVerify: needToVerify,
  });
  return String(firmware.FirmwareId);
}
