import type { Generated } from 'kysely';
import type { StatusReason } from '../contract/status-reasons.ts';
import type {
  ConsumerConnectionTable,
  ConsumerGroupTable,
  EventDeliveryTable,
  EventRouteTable,
  EventTable,
  SubscriptionGroupTable,
  SubscriptionTable,
  WebhookTable,
} from './schema-events.ts';
import type {
  FirmwareFileTable,
  FirmwareTable,
  JobTable,
  JobTargetTable,
  ModuleVersionTable,
  OtaModuleTable,
  TaskAttemptTable,
  TaskCountTable,
  TaskHistoryTable,
  TaskTable,
  UploadTable,
} from './schema-rollout.ts';

export type * from './schema-events.ts';
export type * from './schema-rollout.ts';

/**
 * The tables as rows. Ids are TEXT made by the application, times are integer milliseconds UTC,
 * booleans are 0 or 1, JSON is TEXT that only the query module of its table parses.
 */
export interface Schema {
  meta: MetaTable;
  account: AccountTable;
  ram_user: RamUserTable;
  access_key: AccessKeyTable;
  console_session: ConsoleSessionTable;
  instance: InstanceTable;
  nonce: NonceTable;
  quota: QuotaTable;
  product: ProductTable;
  device: DeviceTable;
  device_history: DeviceHistoryTable;
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
  task_attempt: TaskAttemptTable;
  task_count: TaskCountTable;
  task_history: TaskHistoryTable;
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

export interface AccountTable extends PasswordColumns {
  id: string;
  name: string;
  created_at: number;
}

/** How one signs in to the console by name. */
interface PasswordColumns {
  /** Null: not at all. */
  password_hash: string | null;
  /** When it was set; a later one ends the sessions of this one. */
  password_at: number | null;
}

/** A RAM user: a person or program of an account, with no rights but those of its policy. */
export interface RamUserTable extends PasswordColumns {
  id: string;
  account_id: string;
  name: string;
  /** Policy document as JSON; null grants nothing. */
  policy: string | null;
  /** Of one who is not, no key and no password is accepted. */
  active: Generated<Flag>;
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

/** Somebody who is signed in to the console. */
export interface ConsoleSessionTable {
  /** SHA-256 of the token in the browser's cookie. */
  token_hash: string;
  account_id: string;
  /** Null for the account itself. */
  user_id: string | null;
  /** The key that was shown at sign-in; null if it was a password, the one set at `password_at`. */
  access_key_id: string | null;
  password_at: number | null;
  created_at: number;
  /** Moved on while the session is used. */
  expires_at: number;
}

export interface InstanceTable {
  id: string;
  account_id: string;
  name: string;
  /** 1 for the one instance of an account that is addressed by sending no IotInstanceId. */
  is_public: Flag;
  created_at: number;
}

export interface QuotaTable {
  /** Whose, and of what. */
  key: string;
  window_start: number;
  taken: number;
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
  /** The newest row of the device's history; null before the first. */
  history_at: Generated<number | null>;
  /** The one before that. */
  history_before: Generated<number | null>;
  /** Rows that were ever written of it. */
  history_count: Generated<number>;
}

/** A change of a device's status. */
export interface DeviceHistoryTable {
  at: number;
  device_id: string;
  /** When the change before came, of whose row nothing may be left; null in the first one. */
  before_at: number | null;
  /** What it became: a number as in `device`. */
  status: number;
  reason: StatusReason | null;
  /** Of the client. */
  address: string | null;
  /** That has or had the connection. */
  node_id: string | null;
  /** 1 while the device has more rows before this one than are kept. */
  surplus: 1 | null;
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
  /** The connection on another node whose place this one took. */
  replaced_id: string | null;
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

/** A named right to work that one process holds until a time. */
export interface LeaseTable {
  name: string;
  holder: string;
  until: number;
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
