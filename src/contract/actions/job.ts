import { action } from '../action.ts';
import { bool, int, list, long, object, required, text, wrapped } from '../schema.ts';

const instance = { IotInstanceId: text('ID of the instance; left out for the public instance.') };

/** Parameters of every operation that creates a job (openapi-ota 3.2). */
const everyJob = {
  TimeoutInMinutes: int('1-1440 from the first progress report of a device; no timeout when left out.'),
  NeedPush: bool('Default true: tell online devices at once. False: devices must ask.'),
  NeedConfirm: bool('Default false. True: tasks wait in CONFIRM for ConfirmOTATask.'),
  DownloadProtocol: text('HTTPS (default) or MQTT.'),
  Tag: list(
    object({
      Key: required(text('1-30 letters, digits, dots.')),
      Value: required(text('1-1,024 characters.')),
    }),
    20,
    'At most 10 pairs, 4,096 characters in all; handed to the devices.',
  ),
};

const created = {
  Data: required(
    object({ JobId: required(text('ID of the new job.')), UtcCreate: required(text('Time of creation.')) }),
  ),
};

const tagDtos = wrapped('OtaTagDTO', object({ Key: required(text('Key.')), Value: required(text('Value.')) }));

const pagingAnswer = {
  CurrentPage: required(int('Echo.')),
  PageSize: required(int('Echo.')),
  PageCount: required(int('Number of pages.')),
  Total: required(int('Number of rows in all.')),
};

const creationErrors = [
  'ota.firmwareNotFound',
  'ota.firmwareProductMismatch',
  'ota.invalidTimeout',
  'ota.jobTagTooLong',
  'product.notFound',
  'device.notFound',
  'device.noNames',
  'device.tooManyNames',
  'device.malformedNameInList',
  'common.invalidParameter',
  'system.illegalRequest',
  'system.notSupportedYet',
] as const;

export const jobActions = [
  action({
    name: 'CreateOTAVerifyJob',
    family: 'job',
    summary: 'Verifies a package on named test devices.',
    qps: 10,
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the package.')),
      TargetDeviceName: required(list(text('Name of a test device.'), 200, '1-10 device names, without duplicates.')),
      ...everyJob,
      ...instance,
    },
    response: created,
    errors: [...creationErrors, 'ota.noDeviceToUpgrade'],
  }),
  action({
    name: 'CreateOTAStaticUpgradeJob',
    family: 'job',
    summary: 'Rolls a package out to a set of devices that is fixed at creation.',
    qps: 20,
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the package.')),
      TargetSelection: required(text('ALL, SPECIFIC, GRAY or GROUP.')),
      SrcVersion: list(
        text('Version.'),
        20,
        'ALL and GRAY only: limits the job to devices at these versions; at most 10.',
      ),
      TargetDeviceName: list(text('Name of a device.'), 100_000, 'SPECIFIC only: at most 200 device names.'),
      DnListFileUrl: text('SPECIFIC only, in place of TargetDeviceName: FileUrl of GenerateDeviceNameListURL.'),
      GrayPercent: text('GRAY only: percentage with at most three decimals.'),
      GroupId: text('GROUP only.'),
      GroupType: text('GROUP only: LINK_PLATFORM.'),
      ScheduleTime: long('Start, ms since 1970; now + 5 min to now + 7 days.'),
      ScheduleFinishTime: long('Forced end, ms since 1970; start + 1 h to start + 30 days.'),
      RetryInterval: int('Minutes: 0, 10, 30, 60 or 1440.'),
      RetryCount: int('1, 2 or 5.'),
      MaximumPerMinute: int('Devices told per minute, 10-10,000 (default).'),
      OverwriteMode: int('1 (default): a busy device keeps its task. 2: the new task replaces it.'),
      MultiModuleMode: bool('Default false. True: a device may update several modules at a time.'),
      ...everyJob,
      ...instance,
    },
    response: created,
    errors: [...creationErrors, 'ota.firmwareNotVerified', 'ota.invalidMaximumPerMinute'],
  }),
  action({
    name: 'QueryOTAJob',
    family: 'job',
    summary: 'Details of a job.',
    qps: 10,
    request: { JobId: required(text('ID of the job.')), ...instance },
    response: {
      Data: required(
        object({
          JobId: required(text('ID.')),
          FirmwareId: required(text('Package.')),
          ProductKey: required(text('Product.')),
          JobStatus: required(text('PLANNED, IN_PROGRESS, COMPLETED or CANCELED.')),
          JobType: required(text('VERIFY_FIRMWARE or UPGRADE_FIRMWARE.')),
          JobDesc: required(text('Description; no operation sets it.')),
          Name: required(text('Name of the package.')),
          DestVersion: required(text('Version of the package.')),
          SelectionType: required(text('STATIC or DYNAMIC.')),
          TargetSelection: required(text('ALL, SPECIFIC, GRAY or GROUP.')),
          SrcVersions: required(wrapped('SrcVersion', text('Version.'))),
          Tags: required(tagDtos),
          GrayPercent: text('GRAY only.'),
          DynamicMode: int('Dynamic jobs only.'),
          OverwriteMode: required(int('1 or 2.')),
          MaximumPerMinute: required(int('Devices told per minute.')),
          RetryInterval: int('Minutes; with a retry policy only.'),
          RetryCount: int('With a retry policy only.'),
          TimeoutInMinutes: int('With a timeout only.'),
          NeedPush: required(bool('')),
          NeedConfirm: required(bool('')),
          MultiModuleMode: required(bool('')),
          DownloadProtocol: required(text('HTTPS or MQTT.')),
          GroupId: required(text('Empty without a group.')),
          GroupName: required(text('Empty without a group.')),
          UtcCreate: required(text('')),
          UtcModified: required(text('')),
          UtcStartTime: text('When the job began.'),
          UtcEndTime: text('Finished jobs only.'),
          UtcScheduleTime: text('Scheduled jobs only.'),
          UtcScheduleFinishTime: text('Jobs with a forced end only.'),
        }),
      ),
    },
    errors: ['ota.jobNotFound'],
  }),
  action({
    name: 'ListOTAJobByFirmware',
    family: 'job',
    summary: 'Lists the jobs of a package, newest first.',
    qps: 10,
    request: {
      FirmwareId: required(text('ID of the package.')),
      CurrentPage: required(int('Page number, from 1.')),
      PageSize: required(int('Rows on a page, at most 200.')),
      ...instance,
    },
    response: {
      ...pagingAnswer,
      Data: required(
        wrapped(
          'SimpleOTAJobInfo',
          object({
            JobId: required(text('')),
            FirmwareId: required(text('')),
            ProductKey: required(text('')),
            JobStatus: required(text('')),
            JobType: required(text('')),
            SelectionType: required(text('')),
            TargetSelection: required(text('')),
            UtcCreate: required(text('')),
            UtcModified: required(text('')),
            UtcStartTime: text(''),
            UtcEndTime: text('Finished jobs only.'),
            Tags: required(tagDtos),
          }),
        ),
      ),
    },
    errors: ['ota.firmwareNotFound', 'common.invalidPage'],
  }),
  action({
    name: 'ListOTATaskByJob',
    family: 'job',
    summary: 'Lists the tasks of a job.',
    qps: 10,
    request: {
      JobId: required(text('ID of the job.')),
      CurrentPage: int('Page number, from 1; needed without DeviceNames.'),
      PageSize: int('Rows on a page, at most 100; needed without DeviceNames.'),
      TaskStatus: text('Only tasks in this state.'),
      DeviceNames: list(
        text('Device name.'),
        1_000,
        'Only tasks of these devices, at most 50; paging is then ignored.',
      ),
      ...instance,
    },
    response: {
      ...pagingAnswer,
      Data: required(
        wrapped(
          'SimpleOTATaskInfo',
          object({
            TaskId: required(text('')),
            JobId: required(text('')),
            FirmwareId: required(text('')),
            IotId: required(text('')),
            ProductKey: required(text('')),
            ProductName: required(text('')),
            DeviceName: required(text('')),
            SrcVersion: required(text('Version of the module when the task was made.')),
            DestVersion: required(text('Version of the package.')),
            TaskStatus: required(text('CONFIRM, QUEUED, NOTIFIED, IN_PROGRESS, SUCCEEDED, FAILED or CANCELED.')),
            TaskDesc: required(text('Reason of a failure, timeout or cancellation.')),
            Progress: required(text('Per cent with two decimals.')),
            Timeout: required(text('Minutes; empty when the job has no timeout.')),
            UtcCreate: required(text('')),
            UtcModified: required(text('')),
          }),
        ),
      ),
    },
    errors: ['ota.jobNotFound', 'firmware.invalidTaskStatus', 'common.invalidPage', 'device.tooManyNames'],
  }),
] as const;
