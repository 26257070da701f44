import type { Answer } from '../../src/http/answer.ts';
import type { ApiWorld, CallOptions, Parameters } from './api-world.ts';
import { tellOfAccess } from './story-access.ts';
import { tellOfDynamicGroups } from './story-dynamic-groups.ts';
import { tellOfDynamicJobs } from './story-dynamic-jobs.ts';
import { tellOfFleet } from './story-fleet.ts';
import { tellOfModules } from './story-modules.ts';
import { tellOfOverview } from './story-overview.ts';
import { tellOfSelections } from './story-selections.ts';
import { tellOfSubscriptions } from './story-subscriptions.ts';
import { tellOfTasks } from './story-tasks.ts';

/** One call of the story, and the file that its answer is kept in. */
export interface Step {
  readonly file: string;
  readonly what: string;
  readonly action: string;
  readonly parameters: Parameters;
}

/** A member of an answer in either format, for the steps that follow. */
export function member(answer: Answer, name: string): string {
  const json = new RegExp(`"${name}":"([^"]*)"`).exec(answer.body);
  const xml = new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body);
  const value = json?.[1] ?? xml?.[1];
  if (value === undefined) throw new Error(`no ${name} in ${answer.body}`);
  return value;
}

/** Makes calls whose answers are kept. */
export const teller =
  (world: ApiWorld, kept: (step: Step, answer: Answer) => void) =>
  async (what: string, action: string, parameters: Parameters, options: CallOptions = {}, file: string = action) => {
    const answer = await world.call(action, parameters, options);
    kept({ file, what, action, parameters }, answer);
    return answer;
  };

/** Calls whose answers are kept. */
export type Story = (world: ApiWorld, kept: (step: Step, answer: Answer) => void) => Promise<void>;

/** Everything an operator does from an empty server to a finished rollout, with the mistakes on the way. */
export async function tellStory(world: ApiWorld, kept: (step: Step, answer: Answer) => void): Promise<void> {
  const call = teller(world, kept);
  const { stranger, powerless } = world.keys;

  // products
  const product = await call('a product', 'CreateProduct', {
    ProductName: '客厅灯_1',
    NodeType: '0',
    Description: 'a <lamp> & "more"',
  });
  const productKey = member(product, 'ProductKey');
  await call('a name that is taken', 'CreateProduct', { ProductName: '客厅灯_1', NodeType: '0' });
  await call('without a name', 'CreateProduct', { NodeType: '0' });
  await call('a node type that is no number', 'CreateProduct', { ProductName: 'lamp_2', NodeType: 'zero' });
  await call('its details', 'QueryProduct', { ProductKey: productKey });
  await call('an unknown one', 'QueryProduct', { ProductKey: 'a1Unknown01' });
  await call("another account's", 'QueryProduct', { ProductKey: productKey }, { as: stranger });
  await call('the list', 'QueryProductList', { CurrentPage: '1', PageSize: '10' });
  await call('an empty list', 'QueryProductList', { CurrentPage: '1', PageSize: '10' }, { as: stranger });
  await call('a page that is too large', 'QueryProductList', { CurrentPage: '1', PageSize: '201' });

  // devices
  const named = (deviceName: string) => ({ ProductKey: productKey, DeviceName: deviceName });
  const iotIds = new Map<string, string>();
  const lamp = await call('a device', 'RegisterDevice', { ...named('lamp-1'), Nickname: '灯_1' });
  iotIds.set('lamp-1', member(lamp, 'IotId'));
  await call('a device whose name the service makes up', 'RegisterDevice', { ProductKey: productKey });
  for (const name of ['lamp-2', 'lamp-3', 'test-1', 'doomed']) {
    iotIds.set(name, member(await world.call('RegisterDevice', named(name)), 'IotId'));
  }
  await call('a name that is taken', 'RegisterDevice', named('lamp-1'));
  await call('a malformed name', 'RegisterDevice', named('no'));
  await call('a page of devices', 'QueryDevice', { ProductKey: productKey, PageSize: '2' });
  await call('a page that is too large', 'QueryDevice', { ProductKey: productKey, PageSize: '51' });
  await call('by name', 'QueryDeviceDetail', named('lamp-1'));
  await call('neither id nor names', 'QueryDeviceDetail', {});
  await call('an unknown one', 'QueryDeviceDetail', named('nobody'));
  await call('two known and an unknown one', 'BatchQueryDeviceDetail', {
    ProductKey: productKey,
    'DeviceName.1': 'lamp-1',
    'DeviceName.2': 'nobody',
    'DeviceName.3': 'lamp-2',
  });
  await call('without names', 'BatchQueryDeviceDetail', { ProductKey: productKey });
  await call('by IotId', 'GetDeviceStatus', { IotId: iotIds.get('lamp-1') as string });
  await call('an IotId that is none', 'GetDeviceStatus', { IotId: 'nothing' });
  await call('by names', 'BatchGetDeviceState', {
    ProductKey: productKey,
    'DeviceName.1': 'lamp-1',
    'DeviceName.2': 'lamp-2',
  });
  await call('without names', 'BatchGetDeviceState', { ProductKey: productKey });
  await call('a device', 'DeleteDevice', named('doomed'));
  await call('the same again', 'DeleteDevice', named('doomed'));

  // groups
  const group = await call('a group', 'CreateDeviceGroup', { GroupName: 'kitchen', GroupDesc: 'all lamps' });
  const groupId = member(group, 'GroupId');
  await call('a name that is taken', 'CreateDeviceGroup', { GroupName: 'kitchen' });
  await call('two devices and an unknown one', 'BatchAddDeviceGroupRelations', {
    GroupId: groupId,
    'Device.1.ProductKey': productKey,
    'Device.1.DeviceName': 'lamp-1',
    'Device.2.ProductKey': productKey,
    'Device.2.DeviceName': 'lamp-2',
    'Device.3.ProductKey': productKey,
    'Device.3.DeviceName': 'nobody',
  });
  await call('to an unknown group', 'BatchAddDeviceGroupRelations', {
    GroupId: 'nothing',
    'Device.1.ProductKey': productKey,
    'Device.1.DeviceName': 'lamp-1',
  });
  await call('the list', 'QueryDeviceGroupList', {});
  await call('a page that is none', 'QueryDeviceGroupList', { CurrentPage: '0' });
  await call('the devices', 'QueryDeviceListByDeviceGroup', { GroupId: groupId });
  await call('of an unknown group', 'QueryDeviceListByDeviceGroup', { GroupId: 'nothing' });

  // packages
  const grant = await call('for a .bin file', 'GenerateOTAUploadURL', {});
  await call('a suffix that is none', 'GenerateOTAUploadURL', { FileSuffix: 'exe' });
  const url = member(grant, 'FirmwareUrl');
  const firmware = {
    FirmwareName: 'lamp 1.1'.replace(' ', '-').replace('.', '_'),
    DestVersion: '1.1.0',
    ProductKey: productKey,
  };
  await call('before the upload', 'CreateOTAFirmware', { ...firmware, FirmwareUrl: url });
  await world.upload(member(grant, 'Key'), 'the bytes of version 1.1.0');
  const created = await call('of the uploaded file', 'CreateOTAFirmware', {
    ...firmware,
    FirmwareUrl: url,
    FirmwareDesc: '说明',
    Udi: '{"note":"x"}',
  });
  const firmwareId = member(created, 'FirmwareId');
  await call('a name that is taken', 'CreateOTAFirmware', { ...firmware, FirmwareUrl: url });
  await call('without a version', 'CreateOTAFirmware', { FirmwareName: 'x', FirmwareUrl: url });
  await call('its details', 'QueryOTAFirmware', { FirmwareId: firmwareId });
  await call('an unknown one', 'QueryOTAFirmware', { FirmwareId: 'nothing' });
  await call('the list', 'ListOTAFirmware', { CurrentPage: '1', PageSize: '10', ProductKey: productKey });
  await call('without paging', 'ListOTAFirmware', {});
  await call('a page that is too large', 'ListOTAFirmware', { CurrentPage: '1', PageSize: '101' });

  // verification
  const rollout = { FirmwareId: firmwareId, ProductKey: productKey };
  await call('of a package that is not verified', 'CreateOTAStaticUpgradeJob', { ...rollout, TargetSelection: 'ALL' });
  await call('on an unknown device', 'CreateOTAVerifyJob', { ...rollout, 'TargetDeviceName.1': 'nobody' });
  const verify = await call('on one device', 'CreateOTAVerifyJob', { ...rollout, 'TargetDeviceName.1': 'test-1' });
  await call('while it runs', 'CreateOTAVerifyJob', { ...rollout, 'TargetDeviceName.1': 'test-1' });
  await call('a package that is being verified', 'DeleteOTAFirmware', { FirmwareId: firmwareId });
  const device = (name: string) => world.device(productKey, name, iotIds.get(name) as string);
  const inform = (name: string, version: string) =>
    world.devices.report(device(name), { kind: 'inform', id: '1', module: 'default', version });
  const progress = (name: string, step: number, description = '') =>
    world.devices.report(device(name), { kind: 'progress', id: '2', module: 'default', step, description });
  await world.devices.connected(device('test-1'), { connectionId: 'c-1', ip: '192.0.2.1' });
  await world.devices.claim([device('test-1')], 'all');
  await inform('test-1', '1.1.0');
  await world.advance(member(verify, 'JobId'));
  await call('its details once it is verified', 'QueryOTAFirmware', { FirmwareId: firmwareId });

  // rollout
  for (const name of ['lamp-1', 'lamp-2', 'lamp-3']) {
    await world.devices.connected(device(name), { connectionId: `c-${name}`, ip: '192.0.2.2' });
    await inform(name, '1.0.0');
  }
  const job = await call('to all devices', 'CreateOTAStaticUpgradeJob', {
    ...rollout,
    TargetSelection: 'ALL',
    TimeoutInMinutes: '60',
    MaximumPerMinute: '1000',
    'Tag.1.Key': 'k1',
    'Tag.1.Value': 'v1',
  });
  const jobId = member(job, 'JobId');
  await call('names with ALL', 'CreateOTAStaticUpgradeJob', {
    ...rollout,
    TargetSelection: 'ALL',
    'TargetDeviceName.1': 'lamp-1',
  });
  await call('a rate that is too low', 'CreateOTAStaticUpgradeJob', {
    ...rollout,
    TargetSelection: 'ALL',
    MaximumPerMinute: '9',
  });
  await world.advance(jobId);
  await world.devices.claim(['lamp-1', 'lamp-2'].map(device), 'fresh');
  await progress('lamp-1', 40);
  await progress('lamp-2', 10);
  await progress('lamp-2', -4, 'flash write error <at> block 17 & more');
  const page = { JobId: jobId, CurrentPage: '1', PageSize: '10' };
  await call('while it runs', 'ListOTATaskByJob', page);
  await inform('lamp-1', '1.1.0');
  await call('those that failed', 'ListOTATaskByJob', { ...page, TaskStatus: 'FAILED' });
  await call('by device names', 'ListOTATaskByJob', {
    JobId: jobId,
    'DeviceNames.1': 'lamp-3',
    'DeviceNames.2': 'lamp-1',
  });
  await call('a page beyond the end', 'ListOTATaskByJob', { ...page, CurrentPage: '2' });
  await call('a state that is none', 'ListOTATaskByJob', { ...page, TaskStatus: 'DONE' });
  await call('beyond the documented depth', 'ListOTATaskByJob', { ...page, CurrentPage: '1001', PageSize: '100' });
  await call('an unknown job', 'ListOTATaskByJob', { ...page, JobId: 'nothing' });
  await call("another account's job", 'ListOTATaskByJob', page, { as: stranger });
  await call('a running one', 'QueryOTAJob', { JobId: jobId });
  await call('an unknown one', 'QueryOTAJob', { JobId: 'nothing' });
  await inform('lamp-3', '1.1.0');
  await world.advance(jobId);
  await call('a finished one', 'QueryOTAJob', { JobId: jobId });
  await call('newest first', 'ListOTAJobByFirmware', { FirmwareId: firmwareId, CurrentPage: '1', PageSize: '10' });
  await call('of an unknown package', 'ListOTAJobByFirmware', {
    FirmwareId: 'nothing',
    CurrentPage: '1',
    PageSize: '10',
  });
  await call('online, with the version reported', 'QueryDeviceDetail', named('lamp-1'));
  await call('a package whose jobs have ended', 'DeleteOTAFirmware', { FirmwareId: firmwareId });
  await call('the same again', 'DeleteOTAFirmware', { FirmwareId: firmwareId });

  // what the gateway refuses, whatever the action
  const gateway = (
    what: string,
    options: CallOptions,
    action = 'QueryOTAJob',
    parameters: Parameters = { JobId: jobId },
  ) => call(what, action, parameters, options, 'Gateway');
  await gateway('a wrong secret', { secret: 'wrong' });
  await gateway('without a signature', { common: { Signature: undefined } });
  await gateway('a signature that is not base64', { common: { Signature: '*not base64*' } });
  await gateway('another signature method', { common: { SignatureMethod: 'HMAC-SHA256' } });
  await gateway('an unknown key', { common: { AccessKeyId: 'LTAInobody' } });
  await gateway('without a key', { common: { AccessKeyId: undefined } });
  await gateway('an old timestamp', { common: { Timestamp: '2029-12-31T23:00:00Z' } });
  await gateway('a timestamp that is none', { common: { Timestamp: 'yesterday' } });
  await gateway('a nonce that was used', { common: { SignatureNonce: 'nonce-1' } });
  await gateway('without a nonce', { common: { SignatureNonce: undefined } });
  await gateway('another version', { common: { Version: '2017-04-20' } });
  await gateway('an unknown action', {}, 'NoSuchAction', {});
  await gateway('a format that is none', { common: { Format: 'YAML' } });
  await gateway('an instance that is none', {}, 'QueryOTAJob', { JobId: jobId, IotInstanceId: 'iot-nothing' });
  await gateway('a user without rights', { as: powerless });
  await gateway('without a required parameter', {}, 'QueryOTAJob', {});

  await tellOfTasks({ world, productKey, call, member, inform, progress });
  await tellOfModules({ world, call, member });
  await tellOfFleet({ world, call, member });
  await tellOfDynamicGroups({ world, call, member });
  await tellOfDynamicJobs({ world, call, member });
  await tellOfSelections({ world, call, member });
  await tellOfSubscriptions({ world, call, member });
  await gateway('while too much waits for the database', { isBusy: true });
  await tellOfOverview({ world, productKey, call, member });
  await tellOfAccess({ world, call, member });
}
