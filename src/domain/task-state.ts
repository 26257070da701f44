import type { TaskStatus } from '../store/schema.ts';

/** What can happen to a task. */
export type TaskEvent =
  | 'confirmed'
  | 'notified'
  | 'progressed'
  | 'arrived'
  | 'failed'
  | 'timedOut'
  | 'canceled'
  | 'overwritten'
  | 'repeated'
  | 'repeatedUnconfirmed';

/** How a task can begin. */
export type Beginning = 'included' | 'includedUnconfirmed' | 'refused' | 'canceled';

const beginnings: Readonly<Record<Beginning, TaskStatus>> = {
  // the job includes the device: dp 5.2
  included: 'QUEUED',
  // the same with NeedConfirm: dp 5.2, api 5.3
  includedUnconfirmed: 'CONFIRM',
  // the device is busy with a task that this one may not replace; nobody is notified: dp 5.2, 5.5
  refused: 'FAILED',
  // the job's waiting tasks were canceled while it was still making them; its set of devices is fixed: api 4.18, 6.2
  canceled: 'CANCELED',
};

/**
 * Every arrow of a task's life; an event that has no arrow here changes nothing. The sources are sections of
 * the device protocol (dp) and of the OTA API (api). A failure that is tried again is no arrow (`retry.ts`).
 */
const arrows: Readonly<Record<TaskStatus, Partial<Record<TaskEvent, TaskStatus>>>> = {
  CONFIRM: {
    // ConfirmOTATask within the schedule window: dp 5.2, api 4.20
    confirmed: 'QUEUED',
    // CancelUnconfirmedTask, CancelQueuedTask without it, CancelOTATaskByDevice: api 4.18, 4.19. In every state before
    // the end also: the schedule ends (api 6.8 leaves the state open), the device is deleted (own)
    canceled: 'CANCELED',
    // replaced by a task of a newer job; the name of the state is open, CANCELED chosen: dp 5.5, api 6.3
    overwritten: 'CANCELED',
  },
  QUEUED: {
    // published to the connected device, or handed out by firmware/get: dp 5.2, 3.6
    notified: 'NOTIFIED',
    // a late report of an earlier push: dp 5.2
    progressed: 'IN_PROGRESS',
    // the target version is reported before any push: the natural reading, api 5.3
    arrived: 'SUCCEEDED',
    // CancelQueuedTask, CancelScheduledTask, CancelOTATaskByDevice: api 4.18, 4.19
    canceled: 'CANCELED',
    // as in CONFIRM: dp 5.5
    overwritten: 'CANCELED',
  },
  NOTIFIED: {
    // pushed again after a reconnect: dp 5.8
    notified: 'NOTIFIED',
    // first progress of 0 to 100, the timeout starts: dp 5.2, 5.3
    progressed: 'IN_PROGRESS',
    // the target version is reported without any progress: the natural reading, api 5.3
    arrived: 'SUCCEEDED',
    // progress -1 to -4, unless it is tried again, which shows no other state: dp 5.2, 5.4
    failed: 'FAILED',
    // CancelNotifiedTask, CancelOTATaskByDevice: api 4.18, 4.19
    canceled: 'CANCELED',
    // as in CONFIRM: dp 5.5
    overwritten: 'CANCELED',
  },
  IN_PROGRESS: {
    // pushed again after a reconnect or a report of the source version; the state stays: dp 5.2, 5.8
    notified: 'IN_PROGRESS',
    // further progress: dp 5.2
    progressed: 'IN_PROGRESS',
    // the version report is the only proof of success: dp 5.2
    arrived: 'SUCCEEDED',
    // progress -1 to -4, or a version that is neither source nor target, unless it is tried again: dp 5.2, 5.4, api 6.7
    failed: 'FAILED',
    // counted from the first progress, never tried again: dp 5.3, 5.4
    timedOut: 'FAILED',
    // CancelInProgressTask, CancelOTATaskByDevice: api 4.18, 4.19
    canceled: 'CANCELED',
    // and never replaced by a newer job: dp 5.5
  },
  // the device runs the version: there is nothing to repeat, api 4.21
  SUCCEEDED: {},
  FAILED: {
    // ReupgradeOTATask: dp 5.2, api 4.21
    repeated: 'QUEUED',
    // the same where the job wants confirmation, which is asked for again: api 4.21, 5.3
    repeatedUnconfirmed: 'CONFIRM',
  },
  CANCELED: {
    // ReupgradeOTATask takes canceled tasks, too: api 4.21
    repeated: 'QUEUED',
    // as in FAILED: api 4.21, 5.3
    repeatedUnconfirmed: 'CONFIRM',
  },
};

/** The state after `event`, or undefined when the event means nothing in state `from`. */
export function transition(from: TaskStatus, event: TaskEvent): TaskStatus | undefined {
  return arrows[from][event];
}

const unfinished: ReadonlySet<TaskStatus> = new Set(['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS']);

export const isUnfinished = (status: TaskStatus): boolean => unfinished.has(status);

/** The state of a new task. */
export const begin = (beginning: Beginning): TaskStatus => beginnings[beginning];

/** The state of a new task that nothing stands against. */
export const initialStatus = (job: { readonly need_confirm: 0 | 1 }): TaskStatus =>
  begin(job.need_confirm ? 'includedUnconfirmed' : 'included');

export const taskStatuses = Object.keys(arrows) as readonly TaskStatus[];
export const unfinishedStatuses = taskStatuses.filter(isUnfinished);
