import { action } from '../action.ts';
import { int, list, object, required, text, wrapped } from '../schema.ts';
import { jobInfo } from './job.ts';
import { instance, pagingAnswer } from './parts.ts';

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
] as const;
