import { member } from '../story.ts';
import { listOf, newDevice, newPackage, newProduct, type Refuser, UNKNOWN_PRODUCT, uploaded } from './refuser.ts';

/** What the preview of a job is refused for: whatever the job itself would be, but unknown devices. */
export async function refusalsOfOverview(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const productKey = await newProduct(refuser);
  const otherProduct = await newProduct(refuser, 'other');
  await newDevice(refuser, productKey, 'device-1');
  const one = { FirmwareName: 'full', ProductKey: productKey };
  const firmwareId = await newPackage(refuser, one);
  const unverified = await newPackage(refuser, { ...one, FirmwareName: 'unverified', NeedToVerify: 'true' });
  const delta = await newPackage(refuser, { ...one, FirmwareName: 'delta', Type: '1', SrcVersion: '1.0.0' });
  const ofPackage = { FirmwareId: firmwareId, ProductKey: productKey };
  const action = 'PreviewOTAUpgradeJob';

  const all = { ...ofPackage, TargetSelection: 'ALL' };
  await refuse('a kind that is none', action, { ...all, SelectionType: 'BOTH' });
  await refuse('without a target', action, ofPackage);
  await refuse('an unknown package', action, { ...all, FirmwareId: 'nothing' });
  await refuse("another product's package", action, { ...all, ProductKey: otherProduct });
  await refuse('an unknown product', action, { ...all, ProductKey: UNKNOWN_PRODUCT });
  await refuse("another account's", action, all, { as: world.keys.stranger });
  await refuse('a package that is not verified', action, { ...all, FirmwareId: unverified });
  await refuse('another source version than that of the difference', action, {
    ...all,
    FirmwareId: delta,
    'SrcVersion.1': '1.1.0',
  });
  await refuse('a timeout that is too long', action, { ...all, TimeoutInMinutes: '1441' });
  await refuse('a rate that is too low', action, { ...all, MaximumPerMinute: '9' });
  await refuse('a tag that is too long', action, { ...all, 'Tag.1.Key': 'k', 'Tag.1.Value': 'x'.repeat(1_025) });
  await refuse(
    'a package that is too large for MQTT',
    action,
    { ...all, DownloadProtocol: 'MQTT' },
    {
      limits: { mqttFileBytes: 1 },
    },
  );
  await refuse('a start that is too soon', action, { ...all, ScheduleTime: String(world.clock.now() + 60_000) });

  const specific = { ...ofPackage, TargetSelection: 'SPECIFIC' };
  await refuse('without a name', action, specific);
  await refuse('too many names', action, { ...specific, ...listOf('TargetDeviceName', 201, (n) => `device-${n}`) });
  await refuse('a malformed name', action, { ...specific, 'TargetDeviceName.1': 'n' });
  const list = async (text: string | undefined) => {
    const form = await world.call('GenerateDeviceNameListURL', {});
    if (text !== undefined) await world.upload(member(form, 'Key'), text);
    return { ...specific, DnListFileUrl: member(form, 'FileUrl') };
  };
  await refuse('a list that was not uploaded', action, await list(undefined));
  await refuse('a list with a name that is none', action, await list('device 2\r\n'));
  await refuse('a list without names', action, await list('\r\n'));
  await refuse('a list with too many names', action, await list('device-1\ndevice-2\n'), {
    limits: { listedTargets: 1 },
  });

  const group = { ...ofPackage, TargetSelection: 'GROUP', GroupType: 'LINK_PLATFORM' };
  await refuse('a group without its id', action, group);
  await refuse('an unknown group', action, { ...group, GroupId: 'nothing' });

  const dynamic = { ...ofPackage, SelectionType: 'DYNAMIC' };
  await refuse('a mode that is none', action, { ...dynamic, 'SrcVersion.1': '1.0.0', DynamicMode: '3' });
  await refuse('an unknown dynamic group', action, {
    ...dynamic,
    GroupId: 'nothing',
    GroupType: 'LINK_PLATFORM_DYNAMIC',
  });
  await world.call('CreateOTADynamicUpgradeJob', { ...ofPackage, 'SrcVersion.1': '1.0.0' });
  await refuse('a second dynamic job of a package', action, { ...dynamic, 'SrcVersion.1': '1.1.0' });

  const files = {
    ...one,
    FirmwareName: 'two-files',
    DestVersion: '2.0.0',
    NeedToVerify: 'false',
    'MultiFiles.1.Name': 'a.bin',
    'MultiFiles.1.Url': await uploaded(refuser, 'one'),
    'MultiFiles.2.Name': 'b.bin',
    'MultiFiles.2.Url': await uploaded(refuser, 'two'),
  };
  await refuse('several files over MQTT', action, {
    ...all,
    FirmwareId: member(await world.call('CreateOTAFirmware', files), 'FirmwareId'),
    DownloadProtocol: 'MQTT',
  });
}
