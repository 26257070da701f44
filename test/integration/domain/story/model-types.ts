/** What the model of a story is made of (`model.ts`). */

export interface Settings {
  readonly retryInterval?: number | undefined;
  readonly retryCount?: number | undefined;
  readonly timeoutMinutes?: number | undefined;
  readonly maximumPerMinute?: number | undefined;
  readonly overwriteMode?: number | undefined;
  readonly multiModule?: boolean | undefined;
  readonly needPush?: boolean | undefined;
  readonly needConfirm?: boolean | undefined;
  readonly scheduleAt?: number | undefined;
  readonly scheduleFinishAt?: number | undefined;
}

export interface ModelDevice {
  readonly id: string;
  readonly name: string;
  readonly versions: Map<string, string>;
  activated: boolean;
  disabled: boolean;
  inGroup: boolean;
  /** The connection that counts. */
  connection?: { readonly node: string; readonly id: string } | undefined;
}

export interface ModelPackage {
  readonly module: string;
  readonly target: string;
  /** The version that a differential package fits. */
  readonly source: string | undefined;
  status: 'exempt' | 'unverified' | 'verifying' | 'verified' | 'failed';
}

export type TaskStatus = 'CONFIRM' | 'QUEUED' | 'NOTIFIED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';

export interface ModelTask {
  readonly job: ModelJob;
  readonly device: string;
  /** As the job had it when the task was made. */
  readonly timeoutMinutes: number | undefined;
  source: string;
  status: TaskStatus;
  progress: number;
  retries: number;
  firstProgressAt?: number | undefined;
  retryAt?: number | undefined;
  /** The next attempt was handed out, and the device has not said anything of it. */
  startsAgain?: boolean;
  /** There was no place for it in the push rate of its job. */
  waits?: boolean;
}

/** Which devices a job is for: one part is looked at after the other. */
export interface Selection {
  readonly parts: readonly ((device: ModelDevice) => boolean)[];
  /** By what the tasks of a part are in order. */
  readonly order: (device: ModelDevice) => string | number;
  readonly sources: readonly string[];
  /** The caller named the devices. */
  readonly named?: boolean;
  readonly gray?: Gray;
}

/** GRAY: which devices are chosen is the server's affair, how many is not. */
export interface Gray {
  /** Thousandths of a per cent. */
  readonly percent: number;
  /** Devices chosen so far, in the order of their tasks. */
  chosen: readonly string[];
  /** All are chosen. */
  isDone: boolean;
  /** How many were meant as the job was made. */
  meant?: number;
}

export interface ModelJob {
  readonly kind: 'verification' | 'static' | 'dynamic';
  /** Of a dynamic job: 1 is for devices that match now and later, 2 for those that report a new version. */
  readonly mode?: 1 | 2;
  /** When a dynamic job looks at all devices once more. */
  looksAgainAt?: number | undefined;
  readonly package: ModelPackage;
  readonly selection: Selection;
  settings: Settings;
  readonly tasks: ModelTask[];
  status: 'PLANNED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELED';
  /** Parts of the selection that have their tasks. */
  made: number;
  /** Tasks to come are canceled as they are made. */
  cancelsNew: boolean;
  /** When a device was told for the first time. */
  readonly pushes: number[];
}

/** Flags of CancelOTATaskByJob. */
export interface Flags {
  readonly scheduled: boolean | undefined;
  readonly queued: boolean | undefined;
  readonly notified: boolean | undefined;
  readonly inProgress: boolean | undefined;
  readonly unconfirmed: boolean | undefined;
}
