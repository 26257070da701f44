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

/**
 * Every arrow of a task's life; an event that has no arrow here changes nothing. The sources are sections of
 * the device protocol (dp) and of the OTA API (api).
 */
const arrows: Readonly<Record<TaskStatus, Partial<Record<TaskEvent, TaskStatus>>>> = {
  CONFIRM: {
    // ConfirmOTATask within the schedule window: dp 5.2
    confirmed: 'QUEUED',
    // cancel flags, CancelOTATaskByDevice, end of the schedule: dp 5.7, api 6.9
    canceled: 'CANCELED',
    // replaced by a newer job; the state's name is unconfirmed, CANCELED chosen: dp 5.5, api 6.3
    overwritten: 'CANCELED',
  },
  QUEUED: {
    // published to the online device, or handed out by firmware/get: dp 5.2
    notified: 'NOTIFIED',
    // a late report of an earlier push: dp 5.2
    progressed: 'IN_PROGRESS',
    // the target version is reported before any push: the natural reading, api 5.3
    arrived: 'SUCCEEDED',
    canceled: 'CANCELED',
    overwritten: 'CANCELED',
  },
  NOTIFIED: {
    // pushed again after a reconnect: dp 5.8
    notified: 'NOTIFIED',
    // first progress of 0 to 100, the timeout starts: dp 5.2, 5.3
    progressed: 'IN_PROGRESS',
    arrived: 'SUCCEEDED',
    // progress -1 to -4: dp 5.2
    failed: 'FAILED',
    canceled: 'CANCELED',
    overwritten: 'CANCELED',
  },
  IN_PROGRESS: {
    // pushed again after a reconnect; the state stays: dp 5.8
    notified: 'IN_PROGRESS',
    progressed: 'IN_PROGRESS',
    // the version report is the only proof of success: dp 5.2
    arrived: 'SUCCEEDED',
    // progress -1 to -4, or a version that is neither source nor target: dp 5.2, api 6.7
    failed: 'FAILED',
    // counted from the first progress: dp 5.3
    timedOut: 'FAILED',
    canceled: 'CANCELED',
    // never replaced by a newer job: dp 5.5
  },
  SUCCEEDED: {},
  // ReupgradeOTATask: dp 5.2, api 4.21; with NeedConfirm it has to be confirmed again: api 4.21, 5.3
  FAILED: { repeated: 'QUEUED', repeatedUnconfirmed: 'CONFIRM' },
  CANCELED: { repeated: 'QUEUED', repeatedUnconfirmed: 'CONFIRM' },
};

/** The state after `event`, or undefined when the event means nothing in state `from`. */
export function transition(from: TaskStatus, event: TaskEvent): TaskStatus | undefined {
  return arrows[from][event];
}

const unfinished: ReadonlySet<TaskStatus> = new Set(['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS']);

export const isUnfinished = (status: TaskStatus): boolean => unfinished.has(status);

/** The state of a new task (device-protocol 5.2). */
export const initialStatus = (job: { readonly need_confirm: 0 | 1 }): TaskStatus =>
  job.need_confirm ? 'CONFIRM' : 'QUEUED';

export const taskStatuses = Object.keys(arrows) as readonly TaskStatus[];
export const unfinishedStatuses = taskStatuses.filter(isUnfinished);
