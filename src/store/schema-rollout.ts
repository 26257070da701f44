import type { FailureCause } from '../contract/failure-causes.ts';

export interface ModuleVersionTable {
  device_id: string;
  module: string;
  version: string;
  /** First report of this version. */
  reported_at: number;
}

/** A module of a product that packages can be for, beside `default`. */
export interface OtaModuleTable {
  product_key: string;
  name: string;
  /** The name in lower case: names differ by more than letter case. */
  name_key: string;
  alias: string;
  description: string;
  created_at: number;
  modified_at: number;
}

/** A file that was announced by a Generate…URL call. */
export interface UploadTable {
  /** Object name, `ota/<32 hex>/ck….bin`. */
  key: string;
  instance_id: string;
  kind: 'firmware' | 'device-list';
  /** granted: form handed out. stored: bytes are in the blob store. used: a package or job refers to it. */
  state: 'granted' | 'stored' | 'used';
  size: number | null;
  md5: string | null;
  sha256: string | null;
  created_at: number;
  stored_at: number | null;
}

export interface FirmwareTable {
  id: string;
  instance_id: string;
  product_key: string | null;
  name: string;
  description: string;
  module: string;
  /** 0 full, 1 differential. */
  type: number;
  src_version: string;
  dest_version: string;
  sign_method: 'MD5' | 'SHA256';
  /** -1 needs no verification, 0 not verified, 1 verified, 2 verifying, 3 verification failed. */
  status: number;
  udi: string;
  created_at: number;
  modified_at: number;
}

export interface FirmwareFileTable {
  firmware_id: string;
  position: number;
  name: string;
  upload_key: string;
  size: number;
  md5: string;
  /** Hex digest by the package's sign_method. */
  sign: string;
}

export interface JobTable {
  id: string;
  instance_id: string;
  firmware_id: string;
  product_key: string;
  type: 'VERIFY_FIRMWARE' | 'UPGRADE_FIRMWARE';
  selection: 'STATIC' | 'DYNAMIC';
  target: 'ALL' | 'SPECIFIC' | 'GRAY' | 'GROUP';
  status: 'PLANNED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELED';
  /** Copies of the package's, so that neither a report nor a list has to look it up. */
  firmware_name: string;
  module: string;
  src_version: string;
  dest_version: string;
  is_diff: 0 | 1;
  /** JSON: source versions that limit the selection. */
  src_versions: string;
  retry_interval: number | null;
  retry_count: number | null;
  timeout_minutes: number | null;
  maximum_per_minute: number;
  overwrite_mode: number;
  need_push: 0 | 1;
  need_confirm: 0 | 1;
  multi_module: 0 | 1;
  download_protocol: 'HTTPS' | 'MQTT';
  /** Names the file to devices that fetch it over MQTT; unique. Null for HTTPS. */
  stream_id: number | null;
  group_id: string | null;
  gray_percent: string | null;
  dynamic_mode: number | null;
  /** JSON: [{key, value}]. */
  tags: string;
  created_at: number;
  modified_at: number;
  schedule_at: number | null;
  schedule_finish_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  /** Number of tasks = the next seq. */
  task_total: number;
  /** Where materialisation goes on, in a form that depends on the target. Null once all tasks exist. */
  cursor: string | null;
  /** The uploaded list of a SPECIFIC job while its tasks are being made of it. */
  list_key: string | null;
  /** Names of that list which were no devices of the product. */
  unknown_names: number;
  /** When a scheduler has to look at this job next; null when never. */
  due_at: number | null;
  /**
   * JSON: states whose tasks are being canceled, a bounded number at a time; after them {status, before} for each that
   * ends before `cancel_before`. Null when none are.
   */
  cancel_states: string | null;
  /** Tasks from this ordinal on are not canceled; null when all are, also those not made yet. */
  cancel_before: number | null;
  /** Why; null for a request. */
  cancel_text: string | null;
  /**
   * Of a planned job that has started: the ordinal from which on the devices that are connected are still to be rung
   * for. Null when none are.
   */
  call_from: number | null;
  /** When a dynamic job next looks at all devices again; null when it does not. */
  sweep_at: number | null;
  /** JSON: [{before, minutes}], the timeouts of tasks below ordinals, lowest first; null when all have `timeout_minutes`. */
  earlier_timeouts: string | null;
  /** JSON: when devices were first told in the last minute, and how many: [[ms, count]], oldest first. */
  push_log: string;
  /** When devices that wait for a place in the push rate are called; null when none wait. */
  call_at: number | null;
}

/** The devices of a SPECIFIC job by name, in the order given. */
export interface JobTargetTable {
  job_id: string;
  position: number;
  device_name: string;
}

/** The hot table: up to 1,000,000 rows in a job. */
export interface TaskTable {
  job_id: string;
  /** Dense ordinal in the job, from 0. The public TaskId encodes (job_id, seq). */
  seq: number;
  device_id: string;
  device_name: string;
  src_version: string;
  status: TaskStatus;
  description: string;
  /** Per cent. */
  progress: number;
  /**
   * The module while the task is unfinished, null once it has ended. A unique index over
   * (device_id, active_module) is the guarantee that a module has one active task.
   */
  active_module: string | null;
  /** Failures that were answered by a retry. */
  retries: number;
  created_at: number;
  modified_at: number;
  /** First progress report: the timeout counts from here. */
  first_progress_at: number | null;
  /**
   * When a failed attempt is to be repeated; 0 when the next one was handed out and the device has not said anything of
   * it; null otherwise.
   */
  retry_at: number | null;
  /** When a scheduler has to look at this task (timeout, retry); null when never. */
  due_at: number | null;
  /** Since when a queued task waits for a place in its job's push rate; null when it does not. */
  waiting_at: number | null;
  /** Why it failed; null of one that has not, and of those that failed before causes were kept. */
  cause: FailureCause | null;
  /** Failed attempts that were followed by another, or are to be: by a retry, or because it was run again. */
  attempts: number;
}

/** An attempt of a task that failed and was not its last. */
export interface TaskAttemptTable {
  job_id: string;
  seq: number;
  /** Where in the ring of its task: the rest of its number. */
  slot: number;
  /** Which of the task's failed attempts it was, from 1. */
  number: number;
  at: number;
  cause: FailureCause;
  description: string;
  /** Per cent; null when the device had not told any. */
  progress: number | null;
  src_version: string;
}

export type TaskStatus = 'CONFIRM' | 'QUEUED' | 'NOTIFIED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';

/** How many tasks of a block of 1,024 consecutive seqs have a status; changed in the transaction that changes the status. */
export interface TaskCountTable {
  job_id: string;
  status: TaskStatus;
  /** floor(seq / 1024) */
  block: number;
  count: number;
}

/** What a history of rollouts tells of tasks: that they came into one of these states. */
export type TaskOutcome = 'NOTIFIED' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';

/** How many tasks of a job came into a state within five minutes, as one node counted them. */
export interface TaskHistoryTable {
  instance_id: string;
  /** When the five minutes begin. */
  at: number;
  job_id: string;
  outcome: TaskOutcome;
  /** Of FAILED; empty otherwise. */
  cause: string;
  node_id: string;
  product_key: string;
  count: number;
}
