import type { Parameters } from './api-world.ts';
import type { Teller } from './story-tasks.ts';

/** Jobs that go on to find devices. */
export async function tellOfDynamicJobs({ world, call, member }: Pick<Teller, 'world' | 'call' | 'member'>) {
  const productKey = member(await world.call('CreateProduct', { ProductName: 'gauges', NodeType: '0' }), 'ProductKey');
  const product = { ProductKey: productKey };
  const report = async (name: string, version: string) => {
    const id = member(await world.call('QueryDeviceDetail', { ...product, DeviceName: name }), 'IotId');
    const device = world.device(productKey, name, id);
    await world.devices.connected(device, { connectionId: `c-${name}`, ip: '192.0.2.9' });
    await world.devices.report(device, { kind: 'inform', id: '1', module: 'default', version });
  };
  for (const name of ['gauge-1', 'gauge-2']) await world.call('RegisterDevice', { ...product, DeviceName: name });
  await report('gauge-1', '1.0.0');
  const newPackage = async (name: string, more: Parameters = {}) => {
    const grant = await world.call('GenerateOTAUploadURL', {});
    await world.upload(member(grant, 'Key'), 'the bytes of version 2.0.0');
    const parameters = { FirmwareName: name, DestVersion: '2.0.0', ...product, NeedToVerify: 'false', ...more };
    const made = await world.call('CreateOTAFirmware', {
      ...parameters,
      FirmwareUrl: member(grant, 'FirmwareUrl'),
    });
    return { FirmwareId: member(made, 'FirmwareId'), ...product };
  };
  const ofPackage = await newPackage('gauge-2_0');
  const versions = { ...ofPackage, 'SrcVersion.1': '1.0.0', 'SrcVersion.2': '1.1.0' };
  const JobId = member(
    await call('by versions', 'CreateOTADynamicUpgradeJob', {
      ...versions,
      TimeoutInMinutes: '60',
      RetryInterval: '30',
      RetryCount: '1',
      'Tag.1.Key': 'wave',
      'Tag.1.Value': 'all',
    }),
    'JobId',
  );
  await call('a second one of the package', 'CreateOTADynamicUpgradeJob', versions);
  await call('without versions or a group', 'CreateOTADynamicUpgradeJob', ofPackage);
  await report('gauge-2', '1.1.0');
  const named = { JobId, CurrentPage: '1', PageSize: '10' };
  await call('a dynamic one', 'QueryOTAJob', { JobId });
  await call('of a dynamic job, one of them matched later', 'ListOTATaskByJob', named);
  await call('a dynamic one', 'ListOTAJobByFirmware', { ...ofPackage, CurrentPage: '1', PageSize: '10' });
  const update = { JobId, MaximumPerMinute: '1000', TargetSelection: 'ALL', UpgradeType: 'DYNAMIC' };
  await call('timeout and versions of a dynamic job', 'UpdateOTAJob', {
    ...update,
    TimeoutInMinutes: '120',
    'SrcVersionList.1': '1.1.0',
  });
  await call('the versions, empty', 'UpdateOTAJob', { ...update, 'SrcVersionList.1': '' });
  await call('a dynamic one that was changed', 'QueryOTAJob', { JobId });

  const GroupId = member(
    await world.call('CreateDeviceDynamicGroup', {
      GroupName: 'all_gauges',
      DynamicGroupExpression: `product_key = "${productKey}"`,
    }),
    'GroupId',
  );
  const group = { GroupId, GroupType: 'LINK_PLATFORM_DYNAMIC' };
  const ofGroup = await newPackage('gauge-2_1', { ModuleName: 'default', DestVersion: '2.1.0' });
  const byGroup = member(
    await call('by a dynamic group, new versions only', 'CreateOTADynamicUpgradeJob', {
      ...ofGroup,
      ...group,
      DynamicMode: '2',
      OverwriteMode: '2',
    }),
    'JobId',
  );
  await call('of a group', 'QueryOTAJob', { JobId: byGroup });
  await call('the versions of a job of a group', 'UpdateOTAJob', {
    ...update,
    JobId: byGroup,
    'SrcVersionList.1': '1.0.0',
  });

  await call('of a dynamic job', 'CancelOTAStrategyByJob', { JobId });
  await call('a dynamic one that was canceled', 'QueryOTAJob', { JobId });
  await call('a dynamic job that was canceled', 'UpdateOTAJob', update);
  await call('of a canceled dynamic job', 'ReupgradeOTATask', {
    JobId,
    'TaskId.1': member(await world.call('ListOTATaskByJob', named), 'TaskId'),
  });
  await call('of a canceled dynamic job whose tasks go on', 'DeleteOTAFirmware', { FirmwareId: ofPackage.FirmwareId });
}
