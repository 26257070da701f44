import { member } from '../story.ts';
import { refusalsOfDynamicJobs } from './dynamic.ts';
import {
  listOf,
  newDevice,
  newPackage,
  newProduct,
  type Refuser,
  refuseDevices,
  UNKNOWN_PRODUCT,
  uploaded,
} from './refuser.ts';
import { refusalsOfSelections } from './selection.ts';

export async function refusalsOfJobs(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const productKey = await newProduct(refuser);
  const otherProduct = await newProduct(refuser, 'other');
  const iotId = await newDevice(refuser, productKey, 'device-1');
  await newDevice(refuser, productKey, 'device-2');
  const device = world.device(productKey, 'device-1', iotId);
  await world.devices.report(device, { kind: 'inform', id: '1', module: 'default', version: '1.0.0' });
  const firmwareId = await newPackage(refuser, { ProductKey: productKey });
  const unverified = await newPackage(refuser, {
    ProductKey: productKey,
    FirmwareName: 'unverified',
    NeedToVerify: 'true',
  });
  const ofPackage = { FirmwareId: firmwareId, ProductKey: productKey };

  // making jobs
  const many = (count: number) => listOf('TargetDeviceName', count, (index) => `device-${index}`);
  const longTag = { 'Tag.1.Key': 'k', 'Tag.1.Value': 'x'.repeat(1_025) };
  for (const [action, all, count] of [
    ['CreateOTAVerifyJob', { ...ofPackage, FirmwareId: unverified }, 11],
    ['CreateOTAStaticUpgradeJob', { ...ofPackage, TargetSelection: 'SPECIFIC' }, 201],
  ] as const) {
    const one = { ...all, 'TargetDeviceName.1': 'device-1' };
    await refuse('an unknown package', action, { ...one, FirmwareId: 'nothing' });
    await refuse("another product's package", action, { ...one, ProductKey: otherProduct });
    await refuse('an unknown product', action, { ...one, ProductKey: UNKNOWN_PRODUCT });
    await refuse('a timeout that is too long', action, { ...one, TimeoutInMinutes: '1441' });
    await refuse('a tag that is too long', action, { ...one, ...longTag });
    await refuse('a tag that devices would misread', action, { ...one, 'Tag.1.Key': 'files', 'Tag.1.Value': 'x' });
    await refuse('an unknown device', action, { ...all, 'TargetDeviceName.1': 'nobody' });
    await refuse('a malformed name', action, { ...all, 'TargetDeviceName.1': 'n' });
    await refuse('too many names', action, { ...all, ...many(count) });
    const overMqtt = { ...one, DownloadProtocol: 'MQTT' };
    await refuse('a package that is too large for MQTT', action, overMqtt, { limits: { mqttFileBytes: 1 } });
  }
  await refuse('without a name', 'CreateOTAStaticUpgradeJob', { ...ofPackage, TargetSelection: 'SPECIFIC' });
  await world.devices.report(device, { kind: 'inform', id: '2', module: 'default', version: '2.0.0' });
  await refuse('on a device that has the version', 'CreateOTAVerifyJob', {
    ...ofPackage,
    FirmwareId: unverified,
    'TargetDeviceName.1': 'device-1',
  });
  await world.devices.report(device, { kind: 'inform', id: '3', module: 'default', version: '1.0.0' });

  const newJob = async (more: Readonly<Record<string, string>>) =>
    member(
      await world.call('CreateOTAStaticUpgradeJob', { ...ofPackage, TargetSelection: 'SPECIFIC', ...more }),
      'JobId',
    );
  const now = world.clock.now();
  const scheduled = {
    ScheduleTime: String(now + 3_600_000),
    ScheduleFinishTime: String(now + 7_300_000),
    NeedConfirm: 'true',
  };
  const planned = await newJob({ ...scheduled, 'TargetDeviceName.1': 'device-1' });

  // looking
  const page = { CurrentPage: '1', PageSize: '10' };
  await refuse('a page that is too large', 'ListOTAJobByFirmware', {
    FirmwareId: firmwareId,
    CurrentPage: '1',
    PageSize: '201',
  });
  const fiftyOne = listOf('DeviceNames', 51, (index) => `device-${index}`);
  await refuse('too many names', 'ListOTATaskByJob', { JobId: planned, ...fiftyOne });
  await refuseDevices(refuser, 'ListOTAJobByDevice', { productKey, rest: { ...page, FirmwareId: firmwareId } });
  await newDevice(refuser, otherProduct, 'device-1');
  await refuse("another product's device", 'ListOTAJobByDevice', {
    ...page,
    FirmwareId: firmwareId,
    ProductKey: otherProduct,
    DeviceName: 'device-1',
  });
  await refuseDevices(refuser, 'ListOTAUnfinishedTaskByDevice', { productKey });

  // changing
  const settings = { JobId: planned, MaximumPerMinute: '500', TargetSelection: 'SPECIFIC', UpgradeType: 'STATIC' };
  await refuse('before it has started', 'UpdateOTAJob', settings);
  await refuse('a tag that is too long', 'UpdateOTAJob', {
    ...settings,
    'Tags.1.Key': 'k',
    'Tags.1.Value': 'x'.repeat(1_025),
  });
  await refuse('a tag that devices would misread', 'UpdateOTAJob', {
    ...settings,
    'Tags.1.Key': 'files',
    'Tags.1.Value': 'x',
  });
  const ofDevice = { ...ofPackage, 'DeviceName.1': 'device-1' };
  await refuse("another product's package", 'CancelOTATaskByDevice', { ...ofDevice, ProductKey: otherProduct });
  await refuse('an unknown product', 'CancelOTATaskByDevice', { ...ofDevice, ProductKey: UNKNOWN_PRODUCT });
  await refuse('a malformed name', 'CancelOTATaskByDevice', { ...ofPackage, 'DeviceName.1': 'n' });
  await refuse('too many names', 'CancelOTATaskByDevice', {
    ...ofPackage,
    ...listOf('DeviceName', 201, (index) => `device-${index}`),
  });
  await refuse('before the job has started', 'ConfirmOTATask', { 'TaskId.1': `${planned}000000` });

  // repeating
  const repeat = (what: string, jobId: string) =>
    refuse(what, 'ReupgradeOTATask', { JobId: jobId, 'TaskId.1': `${jobId}000000` });
  const cancel = (jobId: string, flag: string) => world.call('CancelOTATaskByJob', { JobId: jobId, [flag]: 'true' });
  const doomed = await newJob({ 'TargetDeviceName.1': 'device-2' });
  await cancel(doomed, 'CancelQueuedTask');
  await world.call('DeleteDevice', { ProductKey: productKey, DeviceName: 'device-2' });
  await repeat('of a device that is deleted', doomed);
  const verification = member(
    await world.call('CreateOTAVerifyJob', { ...ofPackage, FirmwareId: unverified, 'TargetDeviceName.1': 'device-1' }),
    'JobId',
  );
  await repeat('of a verification', verification);
  await world.clock.advance(7_300_000);
  await world.advance(planned);
  await repeat('after the end of the schedule', planned);
  await world.advance(doomed);
  await world.call('DeleteOTAFirmware', { FirmwareId: firmwareId });
  await repeat('of a package that is deleted', doomed);

  // a package that devices cannot fetch block by block
  const files = {
    FirmwareName: 'two-files',
    DestVersion: '2.0.0',
    ProductKey: productKey,
    'MultiFiles.1.Name': 'a.bin',
    'MultiFiles.2.Name': 'b.bin',
  };
  for (const [action, more] of [
    ['CreateOTAVerifyJob', {}],
    ['CreateOTAStaticUpgradeJob', { NeedToVerify: 'false', FirmwareName: 'two-files-exempt' }],
  ] as const) {
    // each has files of its own: an upload serves one package
    const urls = {
      'MultiFiles.1.Url': await uploaded(refuser, 'one'),
      'MultiFiles.2.Url': await uploaded(refuser, 'two'),
    };
    const created = await world.call('CreateOTAFirmware', { ...files, ...urls, ...more });
    const target = { 'TargetDeviceName.1': 'device-2', TargetSelection: 'SPECIFIC', DownloadProtocol: 'MQTT' };
    await refuse('several files over MQTT', action, {
      ...ofPackage,
      ...target,
      FirmwareId: member(created, 'FirmwareId'),
    });
    await refuse('a protocol that is none', action, { ...ofPackage, ...target, DownloadProtocol: 'FTP' });
  }

  await refusalsOfSelections(refuser);
  await refusalsOfDynamicJobs(refuser);
}
