import type { Generated } from 'kysely';

/**
 * The tables as rows. Ids are TEXT made by the application, times are integer milliseconds UTC,
 * booleans are 0 or 1, JSON is TEXT that only the query module of its table parses.
 */
export interface Schema {
  meta: MetaTable;
  account: AccountTable;
  ram_user: RamUserTable;
  access_key: AccessKeyTable;
  instance: InstanceTable;
  nonce: NonceTable;
  product: ProductTable;
  device: DeviceTable;
  presence: PresenceTable;
  module_version: ModuleVersionTable;
  ota_module: OtaModuleTable;
  device_tally: DeviceTallyTable;
  device_prop: DevicePropTable;
  device_enrolment: DeviceEnrolmentTable;
  topology: TopologyTable;
  device_apply: DeviceApplyTable;
  device_apply_name: DeviceApplyNameTable;
  device_group: DeviceGroupTable;
  device_group_member: DeviceGroupMemberTable;
  upload: UploadTable;
  firmware: FirmwareTable;
  firmware_file: FirmwareFileTable;
  job: JobTable;
  job_target: JobTargetTable;
  task: TaskTable;
  task_count: TaskCountTable;
  lease: LeaseTable;
  audit: AuditTable;
  event: EventTable;
  event_route: EventRouteTable;
  event_delivery: EventDeliveryTable;
  webhook: WebhookTable;
  consumer_group: ConsumerGroupTable;
  subscription: SubscriptionTable;
  subscription_group: SubscriptionGroupTable;
  consumer_connection: ConsumerConnectionTable;
}

type Flag = 0 | 1;

/** Facts about the database itself, such as the fingerprint of the master key. */
export interface MetaTable {
  key: string;
  value: string;
}

export interface AccountTable {
  id: string;
  name: string;
  created_at: number;
}

/** A RAM user: a person or program of an account, with no rights but those of its policy. */
export interface RamUserTable {
  id: string;
  account_id: string;
  name: string;
  /** Policy document as JSON; null grants nothing. */
  policy: string | null;
  created_at: number;
}

export interface AccessKeyTable {
  /** The AccessKey id as clients send it. */
  id: string;
  account_id: string;
  /** Null for a key of the account itself, which may do everything. */
  user_id: string | null;
  secret: string;
  active: Flag;
  created_at: number;
}

export interface InstanceTable {
  id: string;
  account_id: string;
  name: string;
  /** 1 for the one instance of an account that is addressed by sending no IotInstanceId. */
  is_public: Flag;
  created_at: number;
}

export interface NonceTable {
  access_key_id: string;
  nonce: string;
  expires_at: number;
}

export interface ProductTable {
  key: string;
  instance_id: string;
  name: string;
  secret: string;
  node_type: number;
  data_format: number | null;
  net_type: string;
  auth_type: string;
  commodity_code: string;
  category_key: string | null;
  protocol_type: string | null;
  validate_type: number;
  description: string;
  /** Kept in the transaction that adds or removes a device. */
  device_count: number;
  created_at: number;
  /** Whether devices that know the product's secret may fetch secrets of their own. */
  dynamic_registration: Generated<Flag>;
}

export interface DeviceTable {
  /** The IotId. */
  id: string;
  instance_id: string;
  product_key: string;
  name: string;
  secret: string;
  nickname: string;
  /** 0 never connected, 1 online, 3 offline, 8 disabled: the numbers of the API. */
  status: number;
  /** First successful connection. */
  active_at: number | null;
  /** Start of the last connection. */
  online_at: number | null;
  /** When `status` last changed. */
  status_at: number;
  ip: string | null;
  created_at: number;
  modified_at: number;
}

/** How many devices of a product have a status, in shards that different writers can change; kept by triggers. */
export interface DeviceTallyTable {
  product_key: string;
  /** The last character of the devices' ids. */
  shard: string;
  inactive: number;
  online: number;
  offline: number;
  disabled: number;
  /** Those that have connected at least once, disabled ones too. */
  activated: number;
}

/** A tag of a device. */
export interface DevicePropTable {
  device_id: string;
  key: string;
  value: string;
}

/** What dynamic registration knows of a device; no row: nothing. */
export interface DeviceEnrolmentTable {
  device_id: string;
  /** The id and the token, encrypted, of a device that logs in without a secret of its own. */
  client_id: string | null;
  token: string | null;
  /** When registration was opened again: it is open until the device connects after that. */
  reset_at: number | null;
}

/** Which gateway a sub-device stands behind: one at a time. */
export interface TopologyTable {
  device_id: string;
  gateway_id: string;
  added_at: number;
}

/** A registration of many devices, worked off by the scheduler. */
export interface DeviceApplyTable {
  /** The ApplyId: at most 15 digits. */
  id: number;
  instance_id: string;
  product_key: string;
  status: ApplyStatus;
  /** 1 when the names were given, 0 when each device's is made up with the device. */
  named: Flag;
  /** Number of devices asked for. */
  total: number;
  /** Position of the next name to check, or of the next device to make. */
  cursor: number;
  /** Devices made. */
  registered: number;
  /** Names that cannot be registered. */
  failed: number;
  created_at: number;
  modified_at: number;
  /** When a scheduler has to look at this application next; null when never. */
  due_at: number | null;
}

export type ApplyStatus = 'CHECK' | 'CHECK_SUCCESS' | 'CHECK_FAILED' | 'CREATE' | 'CREATE_SUCCESS' | 'CREATE_FAILED';

/** A device of an application; positions are dense, from 0. */
export interface DeviceApplyNameTable {
  apply_id: number;
  position: number;
  name: string;
  nickname: string;
  /** Why the name cannot be registered, to be told to the client; several reasons are joined by a vertical bar. */
  error: string | null;
}

/** Which node holds a device's connection. No row: not connected. */
export interface PresenceTable {
  device_id: string;
  node_id: string;
  connection_id: string;
  connected_at: number;
}

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

export interface DeviceGroupTable {
  id: string;
  instance_id: string;
  name: string;
  description: string;
  type: string;
  parent_id: string | null;
  /** 1 for a top-level group, at most 3. */
  level: number;
  /** The rule of a dynamic group; null for a static one. */
  expression: string | null;
  created_at: number;
}

export interface DeviceGroupMemberTable {
  group_id: string;
  device_id: string;
  added_at: number;
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
  is_diff: Flag;
  /** JSON: source versions that limit the selection. */
  src_versions: string;
  retry_interval: number | null;
  retry_count: number | null;
  timeout_minutes: number | null;
  maximum_per_minute: number;
  overwrite_mode: number;
  need_push: Flag;
  need_confirm: Flag;
  multi_module: Flag;
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
  /** JSON: states whose tasks are being canceled, a bounded number at a time; null when none are. */
  cancel_states: string | null;
  /** Tasks from this ordinal on are not; null when all are, also those not made yet. */
  cancel_before: number | null;
  /** Why; null for a request. */
  cancel_text: string | null;
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

/** A named right to work that one process holds until a time. */
export interface LeaseTable {
  name: string;
  holder: string;
  until: number;
}

/** Something that happened, for those outside who listen; written only when somebody does. */
export interface EventTable {
  id: string;
  instance_id: string;
  product_key: string;
  /** The topic that the vendor's subscriptions name, such as `/{pk}/{dn}/ota/upgrade` (storage-and-events 3.5). */
  topic: string;
  /** The dotted name that webhooks filter by, such as `ota.task.succeeded` (storage-and-events 4.3). */
  type: string;
  /** The JSON text that is sent. */
  payload: string;
  created_at: number;
}

/** Who wants to hear of which events. */
export interface EventRouteTable {
  instance_id: string;
  /** Empty for every product of the instance. */
  product_key: string;
  type: string;
  /** `webhook:` or `amqp:` and the id of the endpoint or consumer group. */
  consumer: string;
}

/** What a consumer has still to be told, or could not be. */
export interface EventDeliveryTable {
  consumer: string;
  event_id: string;
  /** dead: given up. done: told, and kept to look at. */
  state: 'due' | 'dead' | 'done';
  /** When it is to be tried next; null when never. While an attempt is under way: when that has failed for certain. */
  due_at: number | null;
  attempts: number;
  /** What came of the last attempt, for people. */
  note: string;
  modified_at: number;
}

/** An endpoint that events are sent to by HTTP. */
export interface WebhookTable {
  id: string;
  instance_id: string;
  url: string;
  description: string;
  /** JSON: names of event types, or of families of them (`ota.task.*`). Its routes are made from these. */
  types: string;
  /** JSON: keys of the products whose events are sent; empty for all of the instance. */
  products: string;
  /** Encrypted; in clear it begins with `whsec_`. */
  secret: string;
  /** The secret before this one, which signs, too, until a time. */
  old_secret: string | null;
  old_secret_until: number | null;
  /** Null while it is on. */
  disabled_at: number | null;
  disabled_why: string | null;
  /** First failure since the last success. */
  failing_since: number | null;
  /** Nothing is sent before: the receiver asked for a pause. */
  hold_until: number;
  created_at: number;
  modified_at: number;
}

/** One call that changes something; see `domain/audit.ts`. Where something is not known there is an empty text. */
export interface AuditTable {
  at: number;
  request_id: string;
  source: string;
  account_id: string;
  user_id: string;
  user_name: string;
  access_key_id: string;
  address: string;
  action: string;
  /** JSON object: what was named, by parameter. */
  target: string;
  /** JSON array: ids of what came into being. */
  made: string;
  result: string;
}

/** Consumers that share the messages of their subscriptions among them. */
export interface ConsumerGroupTable {
  /** The name that `event_route` and `event_delivery` know it by: `amqp:` and the id, with the instance for the built-in one. */
  consumer: string;
  instance_id: string;
  id: string;
  name: string;
  created_at: number;
  /** When a message was last acknowledged; null when none ever was. */
  consumed_at: number | null;
}

/** What is subscribed to of a product; the rows of `event_route` follow from it. */
export interface SubscriptionTable {
  product_key: string;
  instance_id: string;
  /** JSON: names of the flags that are true. */
  flags: string;
  created_at: number;
}

export interface SubscriptionGroupTable {
  product_key: string;
  consumer: string;
}

/** A consumer that is connected, to be shown and counted. */
export interface ConsumerConnectionTable {
  id: string;
  consumer: string;
  node_id: string;
  client_id: string;
  /** Address and port of the peer. */
  address: string;
  connected_at: number;
  /** Messages acknowledged within the last minute: those never tried before, and the others. */
  fresh_count: number;
  backlog_count: number;
}
