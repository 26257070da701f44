import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { expect, it } from 'vitest';
import { connectAsCSdk } from '../acceptance/support/c-device.ts';
import { rootKey, startOtaru } from '../acceptance/support/otaru.ts';
import { uploadForm } from '../acceptance/support/upload.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { callSignedV3 } from '../acceptance/support/wire.ts';

const MEGABYTE = 1_048_576;

/** A data folder on a disk of its own, which nobody else sees. */
const onSmallDisk = ['unshare', '--map-root-user', '--mount', 'sh', '-c'];
const mount = 'mkdir -p "$OTARU_DATA" && mount -t tmpfs -o size=24m none "$OTARU_DATA" && exec "$@"';

/** Not every machine lets everybody have a file system of their own: then there is no small disk to fill. */
function canMount(): boolean {
  try {
    const [program = '', ...words] = [...onSmallDisk, 'mount -t tmpfs -o size=1m none /mnt'];
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it.skipIf(!canMount())(
  'a full disk refuses what would be stored, keeps nothing by halves, and all is well when there is room again',
  async () => {
    await using otaru = await startOtaru({ OTARU_LIMITS: 'open' }, undefined, [...onSmallDisk, mount, 'sh']);
    const call = (action: string, parameters = {}) => callSignedV3(otaru.http, rootKey, action, parameters);
    const product = await call('CreateProduct', { ProductName: 'small', NodeType: 0 });
    const productKey = String(product['ProductKey']);
    const register = (deviceName: string) => call('RegisterDevice', { ProductKey: productKey, DeviceName: deviceName });
    const { Data: made } = await register('reporting');
    const { DeviceSecret: deviceSecret } = made as { DeviceSecret: string };
    const device = { productKey, deviceName: 'reporting', deviceSecret };
    const client = await connectAsCSdk(mqtt, otaru.mqtt, device);
    client.on('error', () => undefined);
    const grant = async () => (await call('GenerateOTAUploadURL'))['Data'] as Record<string, string>;
    const upload = async (form: Record<string, string>, megabytes: number) => {
      const uploaded = {
        ...form,
        host: form['Host'],
        key: form['Key'],
        policy: form['Policy'],
        signature: form['Signature'],
      };
      const bytes = Buffer.alloc(megabytes * MEGABYTE, 7) as Buffer<ArrayBuffer>;
      const response = await uploadForm({ ...uploaded, OSSAccessKeyId: form['OSSAccessKeyId'] ?? '' }, bytes);
      return [response.status, /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]];
    };

    // a file that does not fit leaves its room to the next one
    expect(await upload(await grant(), 30)).toEqual([503, 'ServiceUnavailable']);
    expect(await upload(await grant(), 10)).toEqual([200, undefined]);

    const permitted = await grant();
    const filler = join(`/proc/${otaru.pid}/root`, otaru.data, 'filler');
    const file = openSync(filler, 'w');
    expect(() => {
      for (;;) writeSync(file, Buffer.alloc(4_096));
    }).toThrow('ENOSPC');
    closeSync(file);
    const registered: string[] = [];
    const refused: string[] = [];
    // what the database has set aside already is written first
    for (let index = 0; index < 3_000 && refused.length < 20; index += 1) {
      const answer = await register(`device-${index}`);
      if (answer['Success'] === true) registered.push(`device-${index}`);
      else refused.push(`device-${index}`);
      if (answer['Success'] !== true) expect(answer['Code']).toBe('ServiceUnavailable');
    }
    expect(refused).toHaveLength(20);
    expect((await upload(permitted, 1))[0]).toBe(503);
    expect((await fetch(`${otaru.http}/healthz`)).status).toBe(200);
    const closed = new Promise<void>((resolve) => void client.once('close', () => resolve()));
    let isAcknowledged = false;
    const inform = '{"id":"1","params":{"version":"1.0.0"}}';
    const topic = `/ota/device/inform/${productKey}/reporting`;
    client.publishAsync(topic, inform, { qos: 1 }).then(
      () => {
        isAcknowledged = true;
      },
      () => undefined,
    );
    await closed;
    expect(isAcknowledged).toBe(false);

    rmSync(filler);
    await eventually(async () => expect((await register('at-last'))['Success']).toBe(true));
    expect(await upload(await grant(), 1)).toEqual([200, undefined]);
    const exists = async (deviceName: string) => {
      const answer = await call('QueryDeviceDetail', { ProductKey: productKey, DeviceName: deviceName });
      return answer['Success'] === true;
    };
    for (const name of registered.slice(-50)) expect(await exists(name)).toBe(true);
    for (const name of refused) expect(await exists(name)).toBe(false);
    const again = await connectAsCSdk(mqtt, otaru.mqtt, device);
    await again.publishAsync(topic, inform, { qos: 1 });
    await again.endAsync();
  },
);
