import type { DeviceRef } from '../../src/domain/device-services.ts';
import type { Teller } from './story-tasks.ts';

/** What is left of the story, seen from above. */
export async function tellOfOverview({
  world,
  productKey,
  call,
  member,
}: Pick<Teller, 'world' | 'productKey' | 'call' | 'member'>): Promise<void> {
  const { stranger, powerless } = world.keys;
  const page = { CurrentPage: '1', PageSize: '3' };

  await call('the newest', 'ListOTAJob', page);
  await call('those that run, of a product', 'ListOTAJob', {
    ...page,
    'JobStatus.1': 'IN_PROGRESS',
    'JobStatus.2': 'PLANNED',
    JobType: 'UPGRADE_FIRMWARE',
    SelectionType: 'STATIC',
    ProductKey: productKey,
  });
  await call('a job that nobody knows', 'ListOTAJob', { ...page, JobId: 'nothing' });
  await call('of a package that nobody knows', 'ListOTAJob', { ...page, FirmwareId: 'nothing' });
  await call("another account's", 'ListOTAJob', page, { as: stranger });
  await call('a state that is none', 'ListOTAJob', { ...page, 'JobStatus.1': 'RUNNING' });
  await call('a page that is too large', 'ListOTAJob', { ...page, PageSize: '101' });

  await call('of the account', 'QueryOTAOverview', {});
  await call('of an empty account', 'QueryOTAOverview', {}, { as: stranger });
  await call('without the right to it', 'QueryOTAOverview', {}, { as: powerless });

  const ofProduct = { ProductKey: productKey };
  await call('all modules of a product', 'ListOTAVersionDistribution', ofProduct);
  await call('a module, the most frequent version', 'ListOTAVersionDistribution', {
    ...ofProduct,
    ModuleName: 'default',
    MaxVersions: '1',
  });
  await call("another account's product", 'ListOTAVersionDistribution', ofProduct, { as: stranger });
  await call('an empty ProductKey', 'ListOTAVersionDistribution', { ProductKey: '' });
  await call('a malformed ProductKey', 'ListOTAVersionDistribution', { ProductKey: 'a1' });
  await call('too many versions', 'ListOTAVersionDistribution', { ...ofProduct, MaxVersions: '101' });

  const grant = await world.call('GenerateOTAUploadURL', {});
  await world.upload(member(grant, 'Key'), 'the bytes of version 1.3.0');
  const made = await world.call('CreateOTAFirmware', {
    FirmwareName: 'lamp-1_3',
    DestVersion: '1.3.0',
    ProductKey: productKey,
    FirmwareUrl: member(grant, 'FirmwareUrl'),
    NeedToVerify: 'false',
  });
  const rollout = { FirmwareId: member(made, 'FirmwareId'), ProductKey: productKey, MaximumPerMinute: '10' };
  await call('all devices', 'PreviewOTAUpgradeJob', { ...rollout, TargetSelection: 'ALL' });
  await call('some of those at a version', 'PreviewOTAUpgradeJob', {
    ...rollout,
    TargetSelection: 'GRAY',
    GrayPercent: '50',
    'SrcVersion.1': '1.1.0',
  });
  await call('two names, of which one is unknown', 'PreviewOTAUpgradeJob', {
    ...rollout,
    TargetSelection: 'SPECIFIC',
    'TargetDeviceName.1': 'lamp-2',
    'TargetDeviceName.2': 'nobody',
    OverwriteMode: '2',
  });
  await call('without a target', 'PreviewOTAUpgradeJob', rollout);
  await call('a dynamic job', 'PreviewOTAUpgradeJob', {
    ...rollout,
    SelectionType: 'DYNAMIC',
    'SrcVersion.1': '1.0.0',
    'SrcVersion.2': '1.1.0',
  });

  const ran = { FirmwareId: rollout.FirmwareId, ProductKey: productKey, TargetSelection: 'SPECIFIC' };
  const jobId = member(
    await world.call('CreateOTAStaticUpgradeJob', {
      ...ran,
      'TargetDeviceName.1': 'lamp-1',
      'TargetDeviceName.2': 'lamp-2',
      'TargetDeviceName.3': 'lamp-3',
      'TargetDeviceName.4': 'test-1',
    }),
    'JobId',
  );
  const devices = await Promise.all(
    ['lamp-1', 'lamp-2', 'test-1'].map(async (name) => {
      const details = await world.call('QueryDeviceDetail', { ProductKey: productKey, DeviceName: name });
      return world.device(productKey, name, member(details, 'IotId'));
    }),
  );
  await world.devices.claim(devices, 'all');
  for (const [index, device] of devices.entries()) {
    const description = `no room for block ${index + 17}`;
    await world.devices.report(device, { kind: 'progress', id: '1', module: 'default', step: -4, description });
  }
  await call('of a job', 'ListOTAFailureCauses', { JobId: jobId });
  await call("of another account's", 'ListOTAFailureCauses', { JobId: jobId }, { as: stranger });

  await world.writeHistory();
  await call('of the last hour', 'QueryOTAHistory', { Period: 'HOUR' });
  await call('of a job', 'QueryOTAHistory', { Period: 'HOUR', ProductKey: productKey, JobId: jobId });
  await call("of another account's job", 'QueryOTAHistory', { Period: 'HOUR', JobId: jobId }, { as: stranger });
  await call('of a time that is none', 'QueryOTAHistory', { Period: 'YEAR' });

  const fourth = { TaskId: `${jobId}000003` };
  await call('of one that failed', 'ListOTATaskAttempts', fourth);
  await world.clock.advance(60_000);
  await world.call('ReupgradeOTATask', { JobId: jobId, 'TaskId.1': fourth.TaskId });
  await call('of one that runs again', 'ListOTATaskAttempts', fourth);
  const retried = member(
    await world.call('CreateOTAStaticUpgradeJob', {
      ...ran,
      'TargetDeviceName.1': 'lamp-2',
      RetryInterval: '10',
      RetryCount: '2',
    }),
    'JobId',
  );
  const [, lamp] = devices as [DeviceRef, DeviceRef];
  await world.devices.claim([lamp], 'all');
  const said = { kind: 'progress', id: '1', module: 'default' } as const;
  await world.devices.report(lamp, { ...said, step: 30, description: 'loading' });
  await world.devices.report(lamp, { ...said, step: -2, description: '没有网络 <3>' });
  const waits = { TaskId: `${retried}000000` };
  await call('of one that waits to be tried again', 'ListOTATaskAttempts', waits);
  await call("of another account's", 'ListOTATaskAttempts', waits, { as: stranger });
  await call('of one that is none', 'ListOTATaskAttempts', { TaskId: `${retried}000009` });
  await call('without a task', 'ListOTATaskAttempts', {});
}
