import type { Parameters } from './api-world.ts';
import type { Teller } from './story-tasks.ts';

/** The same package for a share of a fleet, for a group, and for the devices of a list. */
export async function tellOfSelections({
  world,
  call,
  member,
}: Pick<Teller, 'world' | 'call' | 'member'>): Promise<void> {
  const make = async (action: string, parameters: Parameters, name: string) =>
    member(await world.call(action, parameters), name);
  const productKey = await make('CreateProduct', { ProductName: 'meter', NodeType: '0' }, 'ProductKey');
  for (let index = 1; index <= 9; index += 1) {
    const name = `meter-${index}`;
    const iotId = await make('RegisterDevice', { ProductKey: productKey, DeviceName: name }, 'IotId');
    const device = world.device(productKey, name, iotId);
    await world.devices.connected(device, { connectionId: `c-${name}`, ip: '192.0.2.4' });
    const version = index === 9 ? '2.0.0' : '1.0.0';
    await world.devices.report(device, { kind: 'inform', id: '1', module: 'default', version });
  }
  const grant = await world.call('GenerateOTAUploadURL', {});
  await world.upload(member(grant, 'Key'), 'the bytes of version 2.0.0');
  const firmwareId = await make(
    'CreateOTAFirmware',
    {
      FirmwareName: 'meter-2',
      DestVersion: '2.0.0',
      ProductKey: productKey,
      FirmwareUrl: member(grant, 'FirmwareUrl'),
      NeedToVerify: 'false',
    },
    'FirmwareId',
  );
  const rollout = { FirmwareId: firmwareId, ProductKey: productKey };
  const show = async (what: string, parameters: Parameters) => {
    const made = await call(`to ${what}`, 'CreateOTAStaticUpgradeJob', { ...rollout, ...parameters });
    const jobId = member(made, 'JobId');
    await call(`for ${what}`, 'QueryOTAJob', { JobId: jobId });
    await call(`of a job for ${what}`, 'ListOTATaskByJob', { JobId: jobId, CurrentPage: '1', PageSize: '10' });
    await world.call('CancelOTATaskByJob', { JobId: jobId, CancelQueuedTask: 'true' });
    await world.advance(jobId);
  };

  await show('half of the devices', { TargetSelection: 'GRAY', GrayPercent: '50', 'SrcVersion.1': '1.0.0' });

  const groupId = await make('CreateDeviceGroup', { GroupName: 'cellar' }, 'GroupId');
  await world.call('BatchAddDeviceGroupRelations', {
    GroupId: groupId,
    'Device.1.ProductKey': productKey,
    'Device.1.DeviceName': 'meter-4',
    'Device.2.ProductKey': productKey,
    'Device.2.DeviceName': 'meter-9',
  });
  await show('a group', { TargetSelection: 'GROUP', GroupId: groupId, GroupType: 'LINK_PLATFORM' });

  const form = await world.call('GenerateDeviceNameListURL', {});
  await world.upload(member(form, 'Key'), '\ufeffDeviceName\r\nmeter-7\r\n"meter-2"\r\n\r\nmeter-7\r\nmeter-77\r\n');
  await show('the devices of a list', { TargetSelection: 'SPECIFIC', DnListFileUrl: member(form, 'FileUrl') });
  await call('of a package for parts of a fleet', 'ListOTAJobByFirmware', {
    FirmwareId: firmwareId,
    CurrentPage: '1',
    PageSize: '10',
  });
}
