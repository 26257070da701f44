import { action } from '../action.ts';
import { bool, int, list, long, object, required, text, wrapped } from '../schema.ts';
import { instance, pagingAnswer } from './parts.ts';

/** Parameters of every operation that creates a job (openapi-ota 3.2). */
const everyJob = {
  TimeoutInMinutes: int('1-1440 from the first progress report of a device; no timeout when left out.'),
  NeedPush: bool('Default true: tell online devices at once. False: devices must ask.'),
  NeedConfirm: bool('Default false. True: tasks wait in CONFIRM for ConfirmOTATask.'),
  DownloadProtocol: text('HTTPS (default) or MQTT: a package of one file, 16 MB at most.'),
  Tag: list(
    object({
      Key: required(text('1-30 letters, digits, dots.')),
      Value: required(text('1-1,024 characters.')),
    }),
    20,
    'At most 10 pairs, 4,096 characters in all; handed to the devices.',
  ),
};

/** Parameters of every operation that rolls a package out. */
export const everyRollout = {
  RetryInterval: int('Minutes: 0, 10, 30, 60 or 1440.'),
  RetryCount: int('1, 2 or 5.'),
  MaximumPerMinute: int('Devices told per minute, 10-10,000 (default).'),
  OverwriteMode: int('1 (default): a busy device keeps its task. 2: the new task replaces it.'),
  MultiModuleMode: bool('Default false. True: a device may update several modules at a time.'),
  ...everyJob,
};

/** Whom a static job is for. */
export const staticSelection = {
  SrcVersion: list(text('Version.'), 20, 'ALL and GRAY only: limits the job to devices at these versions; at most 10.'),
  TargetDeviceName: list(text('Name of a device.'), 100_000, 'SPECIFIC only: at most 200 device names.'),
  DnListFileUrl: text('SPECIFIC only, in place of TargetDeviceName: FileUrl of GenerateDeviceNameListURL.'),
  GrayPercent: text('GRAY only: percentage above 0 with at most three decimals; at least one device.'),
  GroupId: text('GROUP only: a static group; its devices of the product are meant, not those of groups in it.'),
  GroupType: text('GROUP only: LINK_PLATFORM.'),
};

/** When a static job starts and ends. */
export const schedule = {
  ScheduleTime: long('Start, ms since 1970; now + 5 min to now + 7 days.'),
  ScheduleFinishTime: long('Forced end, ms since 1970; start + 1 h to start + 30 days.'),
};

const created = {
  Data: required(
    object({ JobId: required(text('ID of the new job.')), UtcCreate: required(text('Time of creation.')) }),
  ),
};

const tagDtos = wrapped('OtaTagDTO', object({ Key: required(text('Key.')), Value: required(text('Value.')) }));

/** What every list of jobs shows of one. */
export const jobInfo = {
  JobId: required(text('ID.')),
  FirmwareId: required(text('Package.')),
  ProductKey: required(text('Product.')),
  JobStatus: required(text('PLANNED, IN_PROGRESS, COMPLETED or CANCELED.')),
  JobType: required(text('VERIFY_FIRMWARE or UPGRADE_FIRMWARE.')),
  SelectionType: required(text('STATIC or DYNAMIC.')),
  TargetSelection: required(text('ALL, SPECIFIC, GRAY or GROUP.')),
  UtcCreate: required(text('Time of creation.')),
  UtcModified: required(text('Time of the last change.')),
  UtcStartTime: text('Start; absent before it.'),
  UtcEndTime: text('Finished jobs only.'),
  Tags: required(tagDtos),
};

const jobInfos = required(wrapped('SimpleOTAJobInfo', object(jobInfo)));

/** Of every job that is made. */
const jobErrors = [
  'ota.firmwareNotFound',
  'ota.firmwareProductMismatch',
  'ota.invalidTimeout',
  'ota.jobTagTooLong',
  'ota.unfitForMqtt',
  'product.notFound',
  'common.invalidParameter',
] as const;

const nameErrors = ['device.tooManyNames', 'device.malformedNameInList'] as const;

const rolloutErrors = [
  ...jobErrors,
  'ota.firmwareNotVerified',
  'ota.invalidMaximumPerMinute',
  'group.nullId',
  'group.notFound',
] as const;

/** Of static jobs, apart from names that no device has. */
export const staticErrors = [
  ...rolloutErrors,
  ...nameErrors,
  'device.noNames',
  'device.malformedNameInFile',
  'firmware.unknownList',
  'firmware.tooManyListed',
  'firmware.noneListed',
] as const;

export const jobActions = [
  action({
    name: 'CreateOTAVerifyJob',
    family: 'job',
    summary: 'Verifies a package on named test devices.',
    qps: 10,
    changes: ['FirmwareId', 'ProductKey', 'TargetDeviceName'],
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the package.')),
      TargetDeviceName: required(list(text('Name of a test device.'), 200, '1-10 device names, without duplicates.')),
      ...everyJob,
      ...instance,
    },
    response: created,
    errors: [...jobErrors, ...nameErrors, 'device.notFound', 'system.illegalRequest', 'ota.noDeviceToUpgrade'],
  }),
  action({
    name: 'CreateOTAStaticUpgradeJob',
    family: 'job',
    summary: 'Rolls a package out to a set of devices that is fixed at creation.',
    qps: 20,
    changes: ['FirmwareId', 'ProductKey', 'TargetDeviceName', 'GroupId'],
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the package.')),
      TargetSelection: required(text('ALL, SPECIFIC, GRAY or GROUP.')),
      ...staticSelection,
      ...schedule,
      ...everyRollout,
      ...instance,
    },
    response: created,
    errors: [...staticErrors, 'device.notFound'],
  }),
  action({
    name: 'CreateOTADynamicUpgradeJob',
    family: 'job',
    summary: 'Rolls a package out to devices that match now and to those that come to match, until it is canceled.',
    qps: 20,
    changes: ['FirmwareId', 'ProductKey', 'GroupId'],
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the package.')),
      SrcVersion: list(text('Version.'), 50, 'Devices at these versions, at most 10; either this or a group.'),
      GroupId: text('ID of a dynamic group.'),
      GroupType: text('With GroupId: LINK_PLATFORM_DYNAMIC.'),
      DynamicMode: int('1 (default): devices that match now or later. 2: those that report a new version from now on.'),
      ...everyRollout,
      ...instance,
    },
    response: created,
    errors: [...rolloutErrors, 'ota.dynamicJobRunning'],
  }),
  action({
    name: 'QueryOTAJob',
    family: 'job',
    summary: 'Details of a job.',
    qps: 10,
    changes: false,
    request: { JobId: required(text('ID of the job.')), ...instance },
    response: {
      Data: required(
        object({
          JobId: required(text('ID.')),
          FirmwareId: required(text('Package.')),
          ProductKey: required(text('Product.')),
          JobStatus: required(text('PLANNED, IN_PROGRESS, COMPLETED or CANCELED.')),
          JobType: required(text('VERIFY_FIRMWARE or UPGRADE_FIRMWARE.')),
          JobDesc: required(text('How many names of its list were unknown; empty otherwise.')),
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
          UtcCreate: required(text('Time of creation.')),
          UtcModified: required(text('Time of the last change.')),
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
    changes: false,
    request: {
      FirmwareId: required(text('ID of the package.')),
      CurrentPage: required(int('Page number, from 1.')),
      PageSize: required(int('Rows on a page, at most 200.')),
      ...instance,
    },
    response: {
      ...pagingAnswer,
      Data: jobInfos,
    },
    errors: ['ota.firmwareNotFound', 'common.invalidPage'],
  }),
  action({
    name: 'ListOTAJobByDevice',
    family: 'job',
    summary: 'Lists the jobs of a package that have a task of a device, newest first.',
    qps: 10,
    changes: false,
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the device.')),
      DeviceName: required(text('Name of the device.')),
      CurrentPage: required(int('Page number, from 1.')),
      PageSize: required(int('Rows on a page, at most 100.')),
      ...instance,
    },
    response: { ...pagingAnswer, Data: jobInfos },
    errors: [
      'ota.firmwareNotFound',
      'ota.firmwareProductMismatch',
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'device.nullName',
      'device.malformedName',
      'device.notFound',
      'common.invalidPage',
    ],
  }),
  action({
    name: 'UpdateOTAJob',
    family: 'job',
    summary: 'Changes the push rate and the tags of a running job; of a dynamic one also timeout and versions.',
    qps: 10,
    changes: ['JobId'],
    request: {
      JobId: required(text('ID of a static or dynamic job.')),
      MaximumPerMinute: required(int('Devices told per minute, 10-10,000; also when it is to stay.')),
      TargetSelection: required(text('ALL, SPECIFIC, GRAY or GROUP.')),
      UpgradeType: required(text('Type of the job: STATIC or DYNAMIC.')),
      TimeoutInMinutes: int('Dynamic jobs only: 1-1440, for tasks made from now on.'),
      SrcVersionList: list(
        text('Version.'),
        30,
        'Dynamic jobs by version only: stay when left out. Ignored for static ones.',
      ),
      Tags: list(
        object({
          Key: required(text('1-30 letters, digits, dots.')),
          Value: required(text('1-1,024 characters.')),
        }),
        10,
        'At most 10 pairs, 4,096 characters in all. They replace all tags of the job.',
      ),
      ...instance,
    },
    response: {},
    errors: [
      'ota.jobToUpdateNotFound',
      'ota.jobNotDynamic',
      'ota.invalidUpgradeType',
      'ota.invalidStrategyType',
      'ota.invalidMaximumPerMinute',
      'ota.invalidTimeout',
      'ota.jobTagTooLong',
      'ota.jobHasFinished',
      'ota.jobHasCanceled',
      'ota.emptySrcVersions',
      'ota.unfitSrcVersions',
      'common.invalidParameter',
      'system.illegalRequest',
    ],
  }),
  action({
    name: 'CancelOTAStrategyByJob',
    family: 'job',
    summary: 'Ends the search of a dynamic job for devices; its tasks go on. Other jobs stay as they are.',
    qps: 10,
    changes: ['JobId'],
    request: { JobId: required(text('ID of the job.')), ...instance },
    response: {},
    errors: ['ota.jobNotFound'],
  }),
] as const;
