import { member } from '../story.ts';
import { newDevice, newPackage, newProduct, type Refuser } from './refuser.ts';

/** How devices of a static job can be chosen wrongly (openapi-ota 4.9). */
export async function refusalsOfSelections(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const productKey = await newProduct(refuser, 'selected');
  await newDevice(refuser, productKey, 'device-1');
  const firmwareId = await newPackage(refuser, {
    FirmwareName: 'delta',
    ProductKey: productKey,
    Type: '1',
    SrcVersion: '1.0.0',
  });
  const action = 'CreateOTAStaticUpgradeJob';
  const all = { FirmwareId: firmwareId, ProductKey: productKey };

  const gray = { ...all, TargetSelection: 'GRAY' };
  await refuse('a share without a percentage', action, gray);
  await refuse('a percentage with four decimals', action, { ...gray, GrayPercent: '33.3333' });
  await refuse('another source version than that of the difference', action, {
    ...gray,
    GrayPercent: '10',
    'SrcVersion.1': '1.1.0',
  });
  const group = { ...all, TargetSelection: 'GROUP' };
  await refuse('a group without its id', action, group);
  await refuse('a group without its kind', action, { ...group, GroupId: 'nothing' });
  await refuse('an unknown group', action, { ...group, GroupId: 'nothing', GroupType: 'LINK_PLATFORM' });

  const specific = { ...all, TargetSelection: 'SPECIFIC' };
  await refuse('a device that is not at the source version', action, { ...specific, 'TargetDeviceName.1': 'device-1' });
  const list = async (text: string) => {
    const form = await world.call('GenerateDeviceNameListURL', {});
    if (text !== 'nothing') await world.upload(member(form, 'Key'), text);
    return { ...specific, DnListFileUrl: member(form, 'FileUrl') };
  };
  await refuse('a list and names', action, { ...(await list('device-1')), 'TargetDeviceName.1': 'device-1' });
  await refuse('a list that was not uploaded', action, await list('nothing'));
  await refuse('a list with a name that is none', action, await list('device-1\r\n\r\ndevice 2\r\n'));
  await refuse('a list without names', action, await list('\ufeff\r\n'));
  await refuse('a list with too many names', action, await list('device-1\ndevice-2\n'), {
    limits: { listedTargets: 1 },
  });
}
