import { member } from '../story.ts';
import { listOf, newPackage, newProduct, type Refuser, UNKNOWN_PRODUCT, uploaded } from './refuser.ts';

/** How a dynamic job can be asked for wrongly (openapi-ota 4.10). */
export async function refusalsOfDynamicJobs(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const productKey = await newProduct(refuser, 'dynamic');
  const otherProduct = await newProduct(refuser, 'elsewhere');
  const one = { FirmwareName: 'dynamic', ProductKey: productKey };
  const firmwareId = await newPackage(refuser, one);
  const unverified = await newPackage(refuser, { ...one, FirmwareName: 'dynamic-2', NeedToVerify: 'true' });
  const delta = await newPackage(refuser, { ...one, FirmwareName: 'dynamic-3', Type: '1', SrcVersion: '1.0.0' });
  const action = 'CreateOTADynamicUpgradeJob';
  const ofPackage = { FirmwareId: firmwareId, ProductKey: productKey };
  const all = { ...ofPackage, 'SrcVersion.1': '1.0.0' };

  await refuse('an unknown package', action, { ...all, FirmwareId: 'nothing' });
  await refuse("another product's package", action, { ...all, ProductKey: otherProduct });
  await refuse('an unknown product', action, { ...all, ProductKey: UNKNOWN_PRODUCT });
  await refuse('a package that is not verified', action, { ...all, FirmwareId: unverified });
  await refuse('another source version than that of the difference', action, {
    ...all,
    FirmwareId: delta,
    'SrcVersion.2': '1.1.0',
  });
  await refuse('too many versions', action, { ...ofPackage, ...listOf('SrcVersion', 11, (index) => `1.${index}`) });
  await refuse('a mode that is none', action, { ...all, DynamicMode: '3' });
  await refuse('a timeout that is too long', action, { ...all, TimeoutInMinutes: '1441' });
  await refuse('a rate that is too low', action, { ...all, MaximumPerMinute: '9' });
  await refuse('a tag that is too long', action, { ...all, 'Tag.1.Key': 'k', 'Tag.1.Value': 'x'.repeat(1_025) });
  const group = { ...ofPackage, GroupType: 'LINK_PLATFORM_DYNAMIC' };
  await refuse('versions and a group', action, { ...all, ...group, GroupId: 'nothing' });
  await refuse('a group without its kind', action, { ...ofPackage, GroupId: 'nothing' });
  await refuse('a group without its id', action, group);
  await refuse('an unknown group', action, { ...group, GroupId: 'nothing' });
  const files = {
    ...one,
    FirmwareName: 'dynamic-4',
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
