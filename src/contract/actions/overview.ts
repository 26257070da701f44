import { action } from '../action.ts';
import { failureCauses } from '../failure-causes.ts';
import { bool, int, list, long, object, required, text, wrapped } from '../schema.ts';
import { everyRollout, jobInfo, schedule, staticErrors, staticSelection } from './job.ts';
import { instance, pagingAnswer } from './parts.ts';

const deviceCounts = {
  Total: required(int('Number of devices.')),
  Inactive: required(int('Never connected.')),
  Online: required(int('Connected now.')),
  Offline: required(int('Connected before.')),
  Disabled: required(int('Disabled.')),
  Activated: required(int('Connected at least once, disabled ones too.')),
};

const outcomeCounts = {
  Notified: required(int('Tasks whose devices were told of the package.')),
  Succeeded: required(int('Tasks that succeeded.')),
  Failed: required(int('Tasks that failed.')),
  Canceled: required(int('Tasks that were canceled.')),
};

const cause = required(text(`One of ${failureCauses.join(', ')}.`));

/** What the vendor's API does not have, for those who watch a fleet and its rollouts: the console asks this. */
export const overviewActions = [
  action({
    name: 'ListOTAJob',
    family: 'overview',
    summary: 'Lists all jobs, newest first, with how many of their tasks are in each state.',
    extension: true,
    service: 'iot',
    qps: 10,
    changes: false,
    request: {
      JobStatus: list(text('PLANNED, IN_PROGRESS, COMPLETED or CANCELED.'), 4, 'Jobs in one of these states.'),
      JobType: text('VERIFY_FIRMWARE or UPGRADE_FIRMWARE.'),
      SelectionType: text('STATIC or DYNAMIC.'),
      ProductKey: text('Jobs of this product. One that is unknown has none.'),
      JobId: text('Only this job. One that is unknown leaves none.'),
      FirmwareId: text('Jobs of this package, which may have been deleted since. One that is unknown has none.'),
      CurrentPage: required(int('Page number, from 1.')),
      PageSize: required(int('Rows on a page, at most 100.')),
      ...instance,
    },
    response: {
      ...pagingAnswer,
      Data: required(
        wrapped(
          'SimpleOTAJobInfo',
          object({
            ...jobInfo,
            FirmwareName: required(text('Name of the package, as it was when the job was made.')),
            DestVersion: required(text('Version of the package.')),
            ModuleName: required(text('Module that the package is for.')),
            ProductName: required(text('Name of the product; empty when it was deleted.')),
            UtcScheduleTime: text('Scheduled jobs only.'),
            MaximumPerMinute: required(int('Devices told per minute.')),
            TaskTotal: required(int('Number of tasks; those of a large job are made little by little.')),
            TaskCounts: required(
              object(
                {
                  Confirm: required(int('Tasks in CONFIRM.')),
                  Queued: required(int('Tasks in QUEUED.')),
                  Notified: required(int('Tasks in NOTIFIED.')),
                  InProgress: required(int('Tasks in IN_PROGRESS.')),
                  Succeeded: required(int('Tasks in SUCCEEDED.')),
                  Failed: required(int('Tasks in FAILED.')),
                  Canceled: required(int('Tasks in CANCELED.')),
                },
                'Tasks by state, exact.',
              ),
            ),
          }),
        ),
      ),
    },
    errors: ['common.invalidPage', 'common.invalidParameter'],
  }),
  action({
    name: 'QueryOTAOverview',
    family: 'overview',
    summary:
      'Numbers of devices, products, packages and jobs, and what an instance still lacks before it can update devices.' +
      ' Figures that took a node t ms to find are given again for 20 t ms; most take a few.',
    extension: true,
    service: 'iot',
    qps: 10,
    changes: false,
    request: { ...instance },
    response: {
      Data: required(
        object({
          Devices: required(object(deviceCounts, 'All devices.')),
          ProductCount: required(int('Number of products.')),
          Products: required(
            wrapped(
              'ProductDevices',
              object({
                ProductKey: required(text('Product.')),
                ProductName: required(text('Its name.')),
                ...deviceCounts,
              }),
            ),
          ),
          FirmwareCount: required(int('Number of packages.')),
          Jobs: required(
            object(
              {
                Planned: required(int('Jobs in PLANNED.')),
                InProgress: required(int('Jobs in IN_PROGRESS.')),
                Completed: required(int('Jobs in COMPLETED.')),
                Canceled: required(int('Jobs in CANCELED.')),
              },
              'Jobs by state.',
            ),
          ),
          Missing: required(
            wrapped(
              'Step',
              text(
                'In this order: PRODUCT, DEVICE, CONNECTION (no device ever connected), PACKAGE,' +
                  ' VERIFICATION (no package that may be rolled out), JOB (none that is more than a verification).',
              ),
            ),
          ),
        }),
      ),
    },
    errors: [],
  }),
  action({
    name: 'ListOTAVersionDistribution',
    family: 'overview',
    summary:
      'Which versions of its modules the devices of a product run, each device looked at once. What took a node t ms to' +
      ' count is given again for 20 t ms, at most ten minutes: a million devices take seconds.',
    extension: true,
    service: 'iot',
    qps: 10,
    changes: false,
    request: {
      ProductKey: required(text('Product.')),
      ModuleName: text('Only this module. One that no device reported has no versions.'),
      MaxVersions: int('Versions shown of a module, the most frequent first: 1-100, default 20.'),
      ...instance,
    },
    response: {
      Data: required(
        object({
          UtcCounted: required(text('When counting began.')),
          DeviceCount: required(int('Devices of the product, those that reported nothing too.')),
          Modules: required(
            wrapped(
              'ModuleDistribution',
              object({
                ModuleName: required(text('Module; `default` comes first.')),
                DeviceCount: required(int('Devices that reported a version of it.')),
                VersionCount: required(int('Number of different versions; of a product 10,000 are told apart.')),
                Versions: required(
                  wrapped(
                    'VersionDevices',
                    object({
                      Version: required(text('Version.')),
                      DeviceCount: required(int('Devices that last reported it.')),
                    }),
                  ),
                ),
                OtherDeviceCount: required(int('Devices at versions that are not shown.')),
              }),
            ),
          ),
        }),
      ),
    },
    errors: ['product.nullKey', 'product.malformedKey', 'product.notFound', 'common.invalidParameter'],
  }),
  action({
    name: 'PreviewOTAUpgradeJob',
    family: 'overview',
    summary:
      'Whom an upgrade job would reach, before it is made. Takes the parameters of CreateOTAStaticUpgradeJob and' +
      ' CreateOTADynamicUpgradeJob, refuses what they refuse, and makes nothing.',
    extension: true,
    service: 'iot',
    qps: 5,
    changes: false,
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the package.')),
      SelectionType: text('STATIC (default) or DYNAMIC.'),
      TargetSelection: text('STATIC: ALL, SPECIFIC, GRAY or GROUP. Ignored for DYNAMIC.'),
      ...staticSelection,
      SrcVersion: list(text('Version.'), 50, 'As in the operation that makes the job; at most 10.'),
      GroupId: text('GROUP: a static group. DYNAMIC: a dynamic one.'),
      GroupType: text('With GroupId: LINK_PLATFORM or LINK_PLATFORM_DYNAMIC.'),
      DynamicMode: int('DYNAMIC: 1 (default) or 2, which reaches nobody at first.'),
      ...schedule,
      ...everyRollout,
      ...instance,
    },
    response: {
      Data: required(
        object({
          Estimated: required(
            bool(
              'False: all devices were looked at, and the numbers are exact. True: they are in proportion to the first' +
                ' 100,000 devices or names, or to those found within two seconds; those of GRAY to all that it chooses' +
                ' from, of which DeviceCount is exact if all were looked at.',
            ),
          ),
          LookedAt: required(int('Devices or names that were looked at.')),
          DeviceCount: required(int('Devices that would get a task: those that get the update, and BusyCount.')),
          OnlineCount: required(int('Of these, without BusyCount: connected now.')),
          BusyCount: required(int('Of these: have an unfinished task that stays; the new one would fail at once.')),
          ReplacedCount: required(int('Of these: have an unfinished task that the new one would replace.')),
          SrcVersions: required(
            wrapped(
              'SrcVersionDevices',
              object({
                Version: required(text('Version of the module; empty where none was reported.')),
                DeviceCount: required(
                  int('Devices at it that would get a task, without BusyCount. At most 50 versions are shown.'),
                ),
              }),
            ),
          ),
          ArrivedCount: required(int('Passed over: devices that run the version of the package.')),
          UnfitCount: required(int('Passed over: devices at versions that the job or the package is not for.')),
          InactiveCount: required(
            int('Passed over by ALL, GRAY and a dynamic job without a group: devices that have never connected.'),
          ),
          UnknownCount: required(int('Names given that are no devices of the product.')),
          DeviceNames: required(wrapped('DeviceName', text('One of up to 20 that get the update.'))),
          UnknownNames: required(wrapped('DeviceName', text('One of up to 20 that are no devices.'))),
          ModuleName: required(text('Module of the package.')),
          DestVersion: required(text('Version of the package.')),
          Seconds: required(int('Time until the last device is told at MaximumPerMinute, were all connected.')),
          Bytes: required(long('Size of the package times the devices that would fetch it.')),
        }),
      ),
    },
    errors: [...staticErrors, 'ota.dynamicJobRunning'],
  }),
  action({
    name: 'ListOTAFailureCauses',
    family: 'overview',
    summary:
      'Why tasks of a job failed: by cause and by what the devices said, the most frequent first, with some devices of' +
      ' each. Of more than 100,000 failures those of the tasks that were made last are looked at. What took a node t ms' +
      ' to find is given again for 20 t ms.',
    extension: true,
    service: 'iot',
    qps: 10,
    changes: false,
    request: { JobId: required(text('ID of the job.')), ...instance },
    response: {
      Data: required(
        object({
          FailedCount: required(int('Tasks in FAILED.')),
          LookedAt: required(int('Failed tasks that were looked at: all, up to 100,000 or for up to two seconds.')),
          Causes: required(
            wrapped(
              'FailureCause',
              object({
                Cause: cause,
                Description: required(
                  text('What devices said, or the server; numbers in it are #. At most 120 characters.'),
                ),
                Count: required(int('Number of tasks.')),
                Devices: required(wrapped('DeviceName', text('One of up to five devices.'))),
              }),
            ),
          ),
          OtherCount: required(int('Failed tasks that were looked at and are not among the 50 that are shown.')),
        }),
      ),
    },
    errors: ['ota.jobNotFound'],
  }),
  action({
    name: 'QueryOTAHistory',
    family: 'overview',
    summary:
      'How many tasks came into which state over the last hour, day or week. A statistic: each node writes down what it' +
      ' did every five seconds, so the answer is up to that much behind, and a node that is killed loses it.',
    extension: true,
    service: 'iot',
    qps: 10,
    changes: false,
    request: {
      Period: required(text('HOUR: 12 points of 5 minutes. DAY: 96 of 15. WEEK: 84 of 2 hours.')),
      ProductKey: text('Tasks of this product. One that is unknown has none.'),
      JobId: text('Tasks of this job. One that is unknown has none.'),
      ...instance,
    },
    response: {
      Data: required(
        object({
          PointMinutes: required(int('How long a point is.')),
          Points: required(
            wrapped(
              'HistoryPoint',
              object({ UtcTime: required(text('When it begins; the last one goes on.')), ...outcomeCounts }),
            ),
          ),
          Totals: required(object(outcomeCounts, 'Of all points.')),
          FailureCauses: required(
            wrapped('FailureCause', object({ Cause: cause, Count: required(int('Tasks that failed so.')) })),
          ),
        }),
      ),
    },
    errors: ['common.invalidParameter'],
  }),
] as const;
