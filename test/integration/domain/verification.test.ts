import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { createFirmware, packageStatus, queryFirmware } from '../../../src/domain/firmware.ts';
import type { JobSettings } from '../../../src/domain/job-settings.ts';
import { createVerifyJob } from '../../../src/domain/jobs.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { grantUpload, recordUpload } from '../../../src/domain/uploads.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, MINUTE, NEW, OLD, type World } from './world.ts';

/** Uploads a file and registers it as a package, as a client does. */
async function newPackage({ deps, scope, productKey }: World): Promise<string> {
  const grant = await grantUpload(deps, scope, { kind: 'firmware', suffix: 'bin' });
  const bytes = Buffer.from('a package');
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  await recordUpload(deps, grant.key, { size: bytes.length, md5: digest('md5'), sha256: digest('sha256') });
  const { id } = await createFirmware(deps, scope, { name: 'fw', destVersion: NEW, productKey, url: grant.url });
  return id;
}

async function verify(world: World, firmwareId: string, devices: readonly DeviceRef[], settings: JobSettings = {}) {
  const deviceNames = devices.map((device) => device.deviceName);
  const input = { firmwareId, productKey: world.productKey, deviceNames, settings };
  return (await createVerifyJob(world.deps, world.scope, input)).id;
}

async function shown(world: World, firmwareId: string) {
  const { firmware, verifyProgress } = await queryFirmware(world.deps, world.scope, firmwareId);
  return [firmware.status, verifyProgress];
}

eachEngine('a verification', (database) => {
  it('verifies a package when all test devices report its version', async () => {
    const world = await createWorld(database);
    const devices = (await world.devices(3)) as [DeviceRef, DeviceRef, DeviceRef];
    const firmwareId = await newPackage(world);
    expect(await shown(world, firmwareId)).toEqual([packageStatus.unverified, 0]);
    const job = await verify(world, firmwareId, devices);
    expect(await world.jobRow(job)).toMatchObject({
      type: 'VERIFY_FIRMWARE',
      target: 'SPECIFIC',
      status: 'IN_PROGRESS',
    });
    const seen = [await shown(world, firmwareId)];
    for (const device of devices) {
      expect(await world.node.claim([device], 'fresh')).toHaveLength(1);
      await world.progress(device, 100);
      await world.inform(device, NEW);
      seen.push(await shown(world, firmwareId));
    }
    const { verifying, verified } = packageStatus;
    expect(seen).toEqual([
      [verifying, 0],
      [verifying, 33],
      [verifying, 66],
      [verifying, 100],
    ]);
    await world.pass(0);
    expect(await shown(world, firmwareId)).toEqual([verified, 100]);
    expect((await world.jobRow(job)).status).toBe('COMPLETED');
    await world.job({ firmwareId });
    await expectConsistent(world);
  });

  it('fails when one test device fails, and may be repeated until it succeeds', async () => {
    const world = await createWorld(database);
    const [good, bad] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const firmwareId = await newPackage(world);
    await verify(world, firmwareId, [good, bad], { timeoutMinutes: 5 });
    await world.node.claim([good, bad], 'fresh');
    await world.progress(bad, 3);
    await world.inform(good, NEW);
    await world.pass(5 * MINUTE);
    expect(await shown(world, firmwareId)).toEqual([packageStatus.failed, 100]);
    expect(await world.refusal(() => world.job({ firmwareId }))).toBe('ota.firmwareNotVerified');

    const again = await verify(world, firmwareId, [good, bad]);
    expect(await world.names(again)).toEqual([bad.deviceName]);
    expect(await shown(world, firmwareId)).toEqual([packageStatus.verifying, 0]);
    await world.inform(bad, NEW);
    await world.pass(0);
    expect(await shown(world, firmwareId)).toEqual([packageStatus.verified, 100]);
  });

  it('fails when a test device is busy, or is deleted', async () => {
    const world = await createWorld(database);
    const [busy, gone] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    await world.job({ devices: [busy] });
    const firmwareId = await newPackage(world);
    await verify(world, firmwareId, [busy]);
    await world.pass(0);
    expect((await shown(world, firmwareId))[0]).toBe(packageStatus.failed);

    const job = await verify(world, firmwareId, [gone]);
    await deleteDevice(world.deps, world.scope, { id: gone.deviceId });
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('CANCELED');
    expect((await shown(world, firmwareId))[0]).toBe(packageStatus.failed);
  });

  it('is refused while one is running and after one has succeeded', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await newPackage(world);
    await verify(world, firmwareId, [device]);
    expect(await world.refusal(() => verify(world, firmwareId, [device]))).toBe('system.illegalRequest');
    expect(await world.refusal(() => world.job({ firmwareId }))).toBe('ota.firmwareNotVerified');
    await world.inform(device, NEW);
    await world.pass(0);
    await world.inform(device, OLD);
    expect(await world.refusal(() => verify(world, firmwareId, [device]))).toBe('system.illegalRequest');
  });

  it('is begun once by two callers at the same time', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(2);
    const firmwareId = await newPackage(world);
    const outcomes = await Promise.allSettled(devices.map((device) => verify(world, firmwareId, [device])));
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await shown(world, firmwareId))[0]).toBe(packageStatus.verifying);
  });

  it('is refused when every test device has the version already, and changes nothing then', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(2, { version: NEW });
    const firmwareId = await newPackage(world);
    expect(await world.refusal(() => verify(world, firmwareId, devices))).toBe('ota.noDeviceToUpgrade');
    expect((await shown(world, firmwareId))[0]).toBe(packageStatus.unverified);
    expect(await world.engine.read.selectFrom('job').select('id').execute()).toEqual([]);
  });

  it('is refused for names that are not 1 to 10 different devices of the product', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(11);
    const [first] = devices as [DeviceRef];
    const other = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
    const [foreign] = (await world.devices(['dev-pump'], { productKey: other.key })) as [DeviceRef];
    const firmwareId = await newPackage(world);
    expect(await world.refusal(() => verify(world, firmwareId, []))).toBe('device.noNames');
    expect(await world.refusal(() => verify(world, firmwareId, devices))).toBe('device.tooManyNames');
    expect(await world.refusal(() => verify(world, firmwareId, [first, first]))).toBe('common.invalidParameter');
    expect(await world.refusal(() => verify(world, firmwareId, [first, foreign]))).toBe('device.notFound');
    expect(await world.refusal(() => verify(world, 'nobody', [first]))).toBe('ota.firmwareNotFound');
    expect(await world.refusal(() => verify(world, firmwareId, [first], { timeoutMinutes: 0 }))).toBe(
      'ota.invalidTimeout',
    );
    await verify(world, firmwareId, devices.slice(1));
  });

  it('is refused for a package that needs none', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(1);
    const firmwareId = await world.firmware({ status: packageStatus.exempt });
    expect(await world.refusal(() => verify(world, firmwareId, devices))).toBe('system.illegalRequest');
  });

  it('does not go on for ever when the device reports the version before its task is made', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const firmwareId = await newPackage(world);
    const [job] = await Promise.all([verify(world, firmwareId, [device]), world.inform(device, NEW)]).catch(() => []);
    // either report or verification came first; whichever it was, the package does not stay in verification
    await world.pass(MINUTE);
    const [status] = await shown(world, firmwareId);
    const { unverified, verified, failed } = packageStatus;
    expect(job === undefined ? [unverified] : [verified, failed]).toContain(status);
  });
});
