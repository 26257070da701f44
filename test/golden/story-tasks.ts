import type { Answer } from '../../src/http/answer.ts';
import type { ApiWorld, CallOptions, Parameters } from './api-world.ts';

/** What the story of jobs and tasks goes on from. */
export interface Teller {
  readonly world: ApiWorld;
  readonly productKey: string;
  /** A call whose answer is kept. */
  call(what: string, action: string, parameters: Parameters, options?: CallOptions): Promise<Answer>;
  member(answer: Answer, name: string): string;
  inform(device: string, version: string): Promise<unknown>;
  progress(device: string, step: number): Promise<unknown>;
}

/** What an operator does to a rollout that goes on: looks, changes, stops, starts again. */
export async function tellOfTasks({ world, productKey, call, member, inform, progress }: Teller): Promise<void> {
  const grant = await world.call('GenerateOTAUploadURL', {});
  await world.upload(member(grant, 'Key'), 'the bytes of version 1.2.0');
  const firmwareId = member(
    await world.call('CreateOTAFirmware', {
      FirmwareName: 'lamp-1_2',
      DestVersion: '1.2.0',
      ProductKey: productKey,
      FirmwareUrl: member(grant, 'FirmwareUrl'),
      NeedToVerify: 'false',
    }),
    'FirmwareId',
  );
  const newJob = async (more: Parameters) => {
    const parameters = { FirmwareId: firmwareId, ProductKey: productKey, TargetSelection: 'SPECIFIC', ...more };
    return member(await world.call('CreateOTAStaticUpgradeJob', parameters), 'JobId');
  };
  const jobId = await newJob({
    'TargetDeviceName.1': 'lamp-1',
    'TargetDeviceName.2': 'lamp-2',
    NeedConfirm: 'true',
    TimeoutInMinutes: '60',
    'Tag.1.Key': 'k1',
    'Tag.1.Value': 'v1',
  });
  const task = (seq: number, job = jobId) => `${job}00000${seq}`;
  const { stranger } = world.keys;

  const ofDevice = { ProductKey: productKey, DeviceName: 'lamp-1' };
  await call('waiting for confirmation', 'ListOTAUnfinishedTaskByDevice', ofDevice);
  await call('of a module and in states', 'ListOTAUnfinishedTaskByDevice', {
    ...ofDevice,
    ModuleName: 'default',
    'TaskStatusList.1': 'QUEUED',
    'TaskStatusList.2': 'NOTIFIED',
  });
  await call('without a device', 'ListOTAUnfinishedTaskByDevice', {});
  await call('a state that is finished', 'ListOTAUnfinishedTaskByDevice', { ...ofDevice, TaskStatus: 'FAILED' });
  await call('an empty module', 'ListOTAUnfinishedTaskByDevice', { ...ofDevice, ModuleName: '' });
  await call('a module that is none', 'ListOTAUnfinishedTaskByDevice', { ...ofDevice, ModuleName: 'a b' });
  await call('both filters by state', 'ListOTAUnfinishedTaskByDevice', {
    ...ofDevice,
    TaskStatus: 'QUEUED',
    'TaskStatusList.1': 'QUEUED',
  });
  await call("another account's device", 'ListOTAUnfinishedTaskByDevice', ofDevice, { as: stranger });

  await call('one of two', 'ConfirmOTATask', { 'TaskId.1': task(0) });
  await call('the same again', 'ConfirmOTATask', { 'TaskId.1': task(0) });
  await call('an unknown one', 'ConfirmOTATask', { 'TaskId.1': 'nothing' });
  await call("another account's", 'ConfirmOTATask', { 'TaskId.1': task(1) }, { as: stranger });
  await call('without one', 'ConfirmOTATask', {});
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`TaskId.${i + 1}`, `${jobId}0000${10 + i}`]));
  await call('eleven', 'ConfirmOTATask', eleven);

  const settings = { JobId: jobId, MaximumPerMinute: '500', TargetSelection: 'SPECIFIC', UpgradeType: 'STATIC' };
  await call('the rate and the tags', 'UpdateOTAJob', { ...settings, 'Tags.1.Key': 'k2', 'Tags.1.Value': 'v2' });
  await call('a rate that is too low', 'UpdateOTAJob', { ...settings, MaximumPerMinute: '9' });
  await call('without a rate', 'UpdateOTAJob', { JobId: jobId, TargetSelection: 'ALL', UpgradeType: 'STATIC' });
  await call('as if it were dynamic', 'UpdateOTAJob', { ...settings, UpgradeType: 'DYNAMIC' });
  await call('an upgrade type that is none', 'UpdateOTAJob', { ...settings, UpgradeType: 'BOTH' });
  await call('a selection that is none', 'UpdateOTAJob', { ...settings, TargetSelection: 'SOME' });
  await call('a timeout of a static job', 'UpdateOTAJob', { ...settings, TimeoutInMinutes: '60' });
  await call('an unknown job', 'UpdateOTAJob', { ...settings, JobId: 'nothing' });
  await call("another account's", 'UpdateOTAJob', settings, { as: stranger });

  const page = { CurrentPage: '1', PageSize: '10' };
  const ofPackage = { FirmwareId: firmwareId, ...ofDevice, ...page };
  await call('of a package', 'ListOTAJobByDevice', ofPackage);
  await call('of a device without one', 'ListOTAJobByDevice', { ...ofPackage, DeviceName: 'lamp-3' });
  await call('of an unknown device', 'ListOTAJobByDevice', { ...ofPackage, DeviceName: 'nobody' });
  await call('of an unknown package', 'ListOTAJobByDevice', { ...ofPackage, FirmwareId: 'nothing' });
  await call('a page that is too large', 'ListOTAJobByDevice', { ...ofPackage, PageSize: '101' });

  await call('of a static job: no effect', 'CancelOTAStrategyByJob', { JobId: jobId });
  await call('of an unknown one', 'CancelOTAStrategyByJob', { JobId: 'nothing' });
  await call('without a flag', 'CancelOTATaskByJob', { JobId: jobId });
  await call('those that are queued, not those to be confirmed', 'CancelOTATaskByJob', {
    JobId: jobId,
    CancelQueuedTask: 'true',
    CancelUnconfirmedTask: 'false',
  });
  await call('of an unknown job', 'CancelOTATaskByJob', { JobId: 'nothing', CancelQueuedTask: 'true' });
  await call(
    "of another account's",
    'CancelOTATaskByJob',
    { JobId: jobId, CancelQueuedTask: 'true' },
    { as: stranger },
  );
  await call('a flag that is none', 'CancelOTATaskByJob', { JobId: jobId, CancelQueuedTask: 'yes' });
  const ofDevices = { FirmwareId: firmwareId, ProductKey: productKey };
  await call('of a package in a job', 'CancelOTATaskByDevice', {
    ...ofDevices,
    JobId: jobId,
    'DeviceName.1': 'lamp-1',
    'DeviceName.2': 'lamp-2',
  });
  await call('of an unknown device', 'CancelOTATaskByDevice', { ...ofDevices, 'DeviceName.1': 'nobody' });
  await call('a name given twice', 'CancelOTATaskByDevice', {
    ...ofDevices,
    'DeviceName.1': 'lamp-1',
    'DeviceName.2': 'lamp-1',
  });
  await call('in an unknown job', 'CancelOTATaskByDevice', {
    ...ofDevices,
    JobId: 'nothing',
    'DeviceName.1': 'lamp-1',
  });
  await call('of an unknown package', 'CancelOTATaskByDevice', {
    ...ofDevices,
    FirmwareId: 'nothing',
    'DeviceName.1': 'lamp-1',
  });
  await world.advance(jobId);
  await call('a job whose tasks are all canceled', 'UpdateOTAJob', settings);

  await call('one of two', 'ReupgradeOTATask', { JobId: jobId, 'TaskId.1': task(0) });
  await call('one that has not ended', 'ReupgradeOTATask', { JobId: jobId, 'TaskId.1': task(0) });
  await call('one that has ended and one that has not', 'ReupgradeOTATask', {
    JobId: jobId,
    'TaskId.1': task(0),
    'TaskId.2': task(1),
  });
  await call('an unknown one', 'ReupgradeOTATask', { JobId: jobId, 'TaskId.1': 'nothing' });
  const other = await newJob({ 'TargetDeviceName.1': 'lamp-3' });
  await call('one of another job', 'ReupgradeOTATask', { JobId: jobId, 'TaskId.1': task(0, other) });
  await call('of an unknown job', 'ReupgradeOTATask', { JobId: 'nothing', 'TaskId.1': task(0) });
  await call('eleven', 'ReupgradeOTATask', { JobId: jobId, ...eleven });
  await newJob({ 'TargetDeviceName.1': 'lamp-2' });
  await call('of a device that is busy', 'ReupgradeOTATask', { JobId: jobId, 'TaskId.1': task(1) });

  // the end: the repeated task is confirmed once more and succeeds
  await world.call('ConfirmOTATask', { 'TaskId.1': task(0) });
  await progress('lamp-1', 50);
  await inform('lamp-1', '1.2.0');
  await world.call('CancelOTATaskByDevice', { ...ofDevices, 'DeviceName.1': 'lamp-2' });
  await world.advance(jobId);
  await call('of a package, when it has ended', 'ListOTAJobByDevice', ofPackage);
  await call('a job that has ended', 'UpdateOTAJob', settings);
}
