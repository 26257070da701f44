import type * as accounts from '../../src/store/queries/accounts.ts';
import type * as audit from '../../src/store/queries/audit.ts';
import type * as backlog from '../../src/store/queries/backlog.ts';
import type * as consoleSessions from '../../src/store/queries/console-sessions.ts';
import type * as consumerConnections from '../../src/store/queries/consumer-connections.ts';
import type * as consumerGroups from '../../src/store/queries/consumer-groups.ts';
import type * as deviceApplications from '../../src/store/queries/device-applications.ts';
import type * as deviceHistory from '../../src/store/queries/device-history.ts';
import type * as deviceProps from '../../src/store/queries/device-props.ts';
import type * as deviceSearch from '../../src/store/queries/device-search.ts';
import type * as deviceStates from '../../src/store/queries/device-states.ts';
import type * as devices from '../../src/store/queries/devices.ts';
import type * as dynamicJobs from '../../src/store/queries/dynamic-jobs.ts';
import type * as enrolments from '../../src/store/queries/enrolments.ts';
import type * as eventDeliveries from '../../src/store/queries/event-deliveries.ts';
import type * as events from '../../src/store/queries/events.ts';
import type * as firmware from '../../src/store/queries/firmware.ts';
import type * as groups from '../../src/store/queries/groups.ts';
import type * as jobList from '../../src/store/queries/job-list.ts';
import type * as jobs from '../../src/store/queries/jobs.ts';
import type * as leases from '../../src/store/queries/leases.ts';
import type * as meta from '../../src/store/queries/meta.ts';
import type * as modules from '../../src/store/queries/modules.ts';
import type * as nodes from '../../src/store/queries/nodes.ts';
import type * as nonces from '../../src/store/queries/nonces.ts';
import type * as otaModules from '../../src/store/queries/ota-modules.ts';
import type * as presence from '../../src/store/queries/presence.ts';
import type * as products from '../../src/store/queries/products.ts';
import type * as quotas from '../../src/store/queries/quotas.ts';
import type * as searchedDevices from '../../src/store/queries/searched-devices.ts';
import type * as subscriptions from '../../src/store/queries/subscriptions.ts';
import type * as taskAttempts from '../../src/store/queries/task-attempts.ts';
import type * as taskHistory from '../../src/store/queries/task-history.ts';
import type * as tasks from '../../src/store/queries/tasks.ts';
import type * as topology from '../../src/store/queries/topology.ts';
import type * as uploads from '../../src/store/queries/uploads.ts';
import type * as users from '../../src/store/queries/users.ts';
import type * as webhooks from '../../src/store/queries/webhooks.ts';
import type { DeviceSearch } from '../../src/wire/device-search.ts';

/** Calls of every function of a query module: the parameters after the handle, one list for each call. */
type SamplesOf<Module> = {
  readonly [Name in keyof Module]: Module[Name] extends (handle: never, ...rest: infer Rest) => unknown
    ? readonly Rest[]
    : never;
};

const now = 1_900_000_000_000;
const page = { offset: 20, limit: 10 };

/** Where a search has found something: in one look at all devices, and in a slice of many. */
const everywhere = { slices: [{ above: undefined, upTo: undefined, total: 40 }] };
const oneSlice = { slices: [{ above: 'd1', upTo: 'd9', total: 40 }] };

const product = {
  key: 'p1',
  instance_id: 'i1',
  name: 'lamp',
  secret: 's',
  node_type: 0,
  data_format: null,
  net_type: 'WIFI',
  auth_type: 'secret',
  commodity_code: 'iothub_senior',
  category_key: null,
  protocol_type: null,
  validate_type: 1,
  description: '',
  device_count: 0,
  created_at: now,
};

const event = {
  id: 'e1',
  instance_id: 'i1',
  product_key: 'p1',
  topic: '/p1/lamp1/ota/upgrade',
  type: 'ota.task.succeeded',
  payload: '{}',
  created_at: now,
};

const delivery = {
  consumer: 'webhook:w1',
  event_id: 'e1',
  state: 'due',
  due_at: now,
  attempts: 0,
  note: '',
  modified_at: now,
} as const;

const device = {
  id: 'd1',
  instance_id: 'i1',
  product_key: 'p1',
  name: 'lamp1',
  secret: 's',
  nickname: '',
  status: 0,
  active_at: null,
  online_at: null,
  status_at: now,
  ip: null,
  created_at: now,
  modified_at: now,
};

const webhook = {
  id: 'w1',
  instance_id: 'i1',
  url: 'https://example.com/hook',
  description: '',
  types: ['ota.*'],
  products: [],
  secret: 's',
  old_secret: null,
  old_secret_until: null,
  disabled_at: null,
  disabled_why: null,
  failing_since: null,
  hold_until: 0,
  created_at: now,
  modified_at: now,
};

const application = {
  id: 1,
  instance_id: 'i1',
  product_key: 'p1',
  status: 'CREATE',
  named: 1,
  total: 10_000,
  cursor: 500,
  registered: 500,
  failed: 0,
  created_at: now,
  modified_at: now,
  due_at: now,
} as const;

const appliedName = { position: 0, name: 'lamp1', nickname: '', error: null };

const group = {
  id: 'g1',
  instance_id: 'i1',
  name: 'hall',
  description: '',
  type: 'LINK_PLATFORM',
  parent_id: null,
  level: 1,
  expression: null,
  created_at: now,
};

/** `product_key = "p1" and (nickname like "lamp%" or not status = "ONLINE") and …` */
const bounds = { most: 1_000_000 };
/** By the beginning of a name in a product. */
const begun: DeviceSearch = {
  kind: 'and',
  of: [
    { kind: 'field', field: 'productKey', test: { kind: 'in', values: ['p1'], negated: false } },
    { kind: 'field', field: 'name', test: { kind: 'prefix', prefix: 'lamp', negated: false } },
    { kind: 'time', field: 'activeAt', operator: '>', at: 1 },
  ],
};

const search: DeviceSearch = {
  kind: 'and',
  of: [
    { kind: 'field', field: 'productKey', test: { kind: 'in', values: ['p1'], negated: false } },
    {
      kind: 'or',
      of: [
        { kind: 'field', field: 'nickname', test: { kind: 'prefix', prefix: 'lamp', negated: false } },
        {
          kind: 'not',
          of: { kind: 'field', field: 'status', test: { kind: 'in', values: ['ONLINE'], negated: false } },
        },
      ],
    },
    { kind: 'group', test: { kind: 'in', values: ['g1'], negated: true } },
    {
      kind: 'tag',
      name: { kind: 'in', values: ['city'], negated: false },
      value: { kind: 'in', values: ['Rome', 'Oslo'], negated: false },
    },
    {
      kind: 'module',
      name: { kind: 'in', values: ['default'], negated: false },
      value: { kind: 'in', values: ['1.0'], negated: false },
    },
  ],
};

const otaModule = { product_key: 'p1', name: 'MCU', alias: '', description: '', created_at: now, modified_at: now };

const oneFirmware = {
  id: 'f1',
  instance_id: 'i1',
  product_key: 'p1',
  name: 'lamp-1.1.0',
  description: '',
  module: 'default',
  type: 0,
  src_version: '',
  dest_version: '1.1.0',
  sign_method: 'MD5',
  status: 0,
  udi: '',
  created_at: now,
  modified_at: now,
} as const;

const file = { firmware_id: 'f1', position: 0, name: 'a.bin', upload_key: 'u1', size: 1, md5: 'm', sign: 'm' };

const job = {
  id: 'j1',
  instance_id: 'i1',
  firmware_id: 'f1',
  product_key: 'p1',
  type: 'UPGRADE_FIRMWARE',
  selection: 'STATIC',
  target: 'SPECIFIC',
  status: 'PLANNED',
  firmware_name: 'lamp-1.1.0',
  module: 'default',
  src_version: '',
  dest_version: '1.1.0',
  is_diff: 0,
  src_versions: '[]',
  retry_interval: null,
  retry_count: null,
  timeout_minutes: null,
  maximum_per_minute: 1000,
  overwrite_mode: 1,
  need_push: 1,
  need_confirm: 0,
  multi_module: 0,
  download_protocol: 'HTTPS',
  group_id: null,
  gray_percent: null,
  dynamic_mode: null,
  tags: '[]',
  created_at: now,
  modified_at: now,
  schedule_at: null,
  schedule_finish_at: null,
  started_at: null,
  ended_at: null,
  task_total: 0,
  cursor: '0',
  list_key: null,
  unknown_names: 0,
  due_at: now,
  push_log: '[]',
} as const;

const jobFilter = {
  statuses: ['PLANNED', 'IN_PROGRESS'],
  type: 'UPGRADE_FIRMWARE',
  selection: 'STATIC',
  productKey: 'p1',
  firmwareId: 'f1',
} as const;

const task: tasks.TaskRow = {
  job_id: 'j1',
  seq: 0,
  device_id: 'd1',
  device_name: 'lamp1',
  src_version: '1.0.0',
  status: 'NOTIFIED',
  description: '',
  progress: 0,
  active_module: 'default',
  retries: 0,
  created_at: now,
  modified_at: now,
  first_progress_at: null,
  retry_at: null,
  due_at: null,
  waiting_at: null,
  cause: null,
  attempts: 0,
};

const upload = {
  key: 'o1',
  instance_id: 'i1',
  kind: 'firmware',
  state: 'granted',
  size: null,
  md5: null,
  sha256: null,
  created_at: now,
  stored_at: null,
} as const;

const consumerConnection = {
  id: 'c1',
  consumer: 'amqp:g1',
  node_id: 'n1',
  client_id: 'client',
  address: '127.0.0.1:50000',
  connected_at: now,
  fresh_count: 0,
  backlog_count: 0,
};

export const samples: {
  accounts: SamplesOf<typeof accounts>;
  audit: SamplesOf<typeof audit>;
  backlog: SamplesOf<typeof backlog>;
  'console-sessions': SamplesOf<typeof consoleSessions>;
  'consumer-connections': SamplesOf<typeof consumerConnections>;
  'consumer-groups': SamplesOf<typeof consumerGroups>;
  'device-applications': SamplesOf<typeof deviceApplications>;
  'device-history': SamplesOf<typeof deviceHistory>;
  'device-props': SamplesOf<typeof deviceProps>;
  'device-search': SamplesOf<typeof deviceSearch>;
  'searched-devices': SamplesOf<typeof searchedDevices>;
  'device-states': SamplesOf<typeof deviceStates>;
  devices: SamplesOf<typeof devices>;
  enrolments: SamplesOf<typeof enrolments>;
  'event-deliveries': SamplesOf<typeof eventDeliveries>;
  'dynamic-jobs': SamplesOf<typeof dynamicJobs>;
  events: SamplesOf<typeof events>;
  firmware: SamplesOf<typeof firmware>;
  groups: SamplesOf<typeof groups>;
  'job-list': SamplesOf<typeof jobList>;
  jobs: SamplesOf<typeof jobs>;
  leases: SamplesOf<typeof leases>;
  meta: SamplesOf<typeof meta>;
  modules: SamplesOf<typeof modules>;
  nodes: SamplesOf<typeof nodes>;
  nonces: SamplesOf<typeof nonces>;
  'ota-modules': SamplesOf<typeof otaModules>;
  presence: SamplesOf<typeof presence>;
  products: SamplesOf<typeof products>;
  quotas: SamplesOf<typeof quotas>;
  subscriptions: SamplesOf<typeof subscriptions>;
  'task-attempts': SamplesOf<typeof taskAttempts>;
  'task-history': SamplesOf<typeof taskHistory>;
  tasks: SamplesOf<typeof tasks>;
  topology: SamplesOf<typeof topology>;
  uploads: SamplesOf<typeof uploads>;
  users: SamplesOf<typeof users>;
  webhooks: SamplesOf<typeof webhooks>;
} = {
  accounts: {
    findAccount: [['a1']],
    insertAccount: [[{ id: 'a1', name: 'root', created_at: now }]],
    insertInstance: [[{ id: 'i1', account_id: 'a1', name: '', is_public: 1, created_at: now }]],
    findPublicInstance: [['a1']],
    findInstance: [['a1', 'i1']],
    insertUser: [[{ id: 'u1', account_id: 'a1', name: 'ann', policy: null, created_at: now }]],
    insertAccessKey: [[{ id: 'k1', account_id: 'a1', user_id: null, secret: 's', active: 1, created_at: now }]],
    findAccessKey: [['k1']],
    listAccessKeys: [[]],
    setAccessKeyActive: [['k1', 0]],
    deleteAccessKey: [['k1']],
  },
  audit: {
    listAuditIn: [
      [{ accountId: 'a1', before: undefined, length: 20_000 }, {}, 50],
      [
        { accountId: 'a1', before: { at: now, request_id: 'r1' }, length: 20_000 },
        { since: 1, until: now, action: 'DeleteDevice', user: 'ann', mentions: '"p1"', resultOtherThan: 'Success' },
        50,
      ],
    ],
    endOfAudit: [
      [{ accountId: 'a1', before: undefined, length: 20_000 }, {}],
      [
        { accountId: 'a1', before: { at: now, request_id: 'r1' }, length: 20_000 },
        { since: 1, until: now },
      ],
    ],
    putAudit: [
      [
        {
          at: now,
          request_id: 'r1',
          source: 'api',
          account_id: 'a1',
          user_id: '',
          user_name: '',
          access_key_id: 'k1',
          address: '192.0.2.1',
          action: 'DeleteDevice',
          target: '{"IotId":"d1"}',
          made: '[]',
          result: 'Success',
        },
      ],
    ],
    listAudit: [
      [{}, undefined, 500],
      [{ since: 1, until: now }, { at: now, request_id: 'r1' }, 500],
      [{ action: 'DeleteDevice', accessKeyId: 'k1', user: 'ann', result: 'Success' }, undefined, 500],
      [{ mentions: '"d1"', resultOtherThan: 'Success' }, undefined, 500],
    ],
    deleteOldAudit: [[now, 1_000]],
  },
  backlog: {
    firstDueTask: [[]],
    firstDueJob: [[]],
    firstCallingJob: [[]],
    firstDueDeliveries: [[now]],
    countWaiting: [['webhook:', 10_000]],
  },
  'console-sessions': {
    insertSession: [
      [
        {
          token_hash: 'h1',
          account_id: 'a1',
          user_id: null,
          access_key_id: 'k1',
          password_at: null,
          created_at: now,
          expires_at: now,
        },
      ],
    ],
    readSession: [['h1']],
    deleteSessionsOf: [[{ userId: 'u1' }], [{ accessKeyId: 'k1' }]],
    extendSession: [['h1', now]],
    deleteSession: [['h1']],
    deleteExpiredSessions: [[now]],
  },
  'consumer-connections': {
    putConsumerConnections: [[[consumerConnection]]],
    connectionsOf: [['amqp:g1', now]],
    deleteConsumerConnections: [[['c1', 'c2']]],
    deleteLostConnections: [[now]],
  },
  'consumer-groups': {
    insertConsumerGroup: [[{ consumer: 'amqp:g1', instance_id: 'i1', id: 'g1', name: 'bills', created_at: now }]],
    findConsumerGroup: [['i1', 'g1']],
    lockConsumerGroup: [['i1', 'g1']],
    lockConsumer: [['amqp:g1']],
    lockConsumerGroups: [['i1', ['g1', 'g2']]],
    countConsumerGroups: [['i1'], ['i1', { name: 'bills' }], ['i1', { name: 'bill', fuzzy: true }]],
    listConsumerGroups: [
      ['i1', {}, page],
      ['i1', { name: 'bill', fuzzy: true }, page],
    ],
    consumersThatExist: [[['amqp:g1', 'amqp:g2']]],
    allConsumers: [[]],
    renameConsumerGroup: [['amqp:g1', 'bills']],
    touchConsumerGroup: [['amqp:g1', now]],
    deleteConsumerGroup: [['amqp:g1']],
  },
  'device-applications': {
    insertApplication: [[application, [appliedName]]],
    insertAppliedNames: [[1, [appliedName]]],
    findApplication: [['i1', 1]],
    lockApplication: [[1]],
    updateApplication: [[1, { cursor: 500, modified_at: now }]],
    dueApplications: [[now, 50]],
    appliedNames: [[1, { from: 0, to: 500 }]],
    setNameError: [[1, [3, 4], 'taken']],
    setRemainingErrors: [[1, 500, 'full']],
    takenNames: [['p1', ['lamp1', 'lamp2']]],
    listAppliedDevices: [[application, page]],
  },
  'device-history': {
    insertDeviceHistory: [
      [
        [
          {
            at: now,
            device_id: 'd1',
            before_at: now - 5_000,
            status: 1,
            reason: null,
            address: '127.0.0.1',
            node_id: 'n1',
            surplus: null,
          },
        ],
      ],
    ],
    historyFrom: [[{ at: now, device_id: 'd1' }, 50]],
    deleteHistoryFrom: [[{ at: now, device_id: 'd1' }, 1_000]],
    deleteSurplusHistory: [[50, 20]],
    deleteOldDeviceHistory: [[now, 1_000]],
  },
  'device-props': {
    findProps: [['d1']],
    saveProps: [['d1', [{ key: 'color', value: 'red' }]]],
    deleteProp: [['d1', 'color']],
  },
  'device-search': {
    pageOfFound: [
      ['i1', search, { productKey: 'p1', status: 1, name: 'lamp1' }, everywhere, page],
      ['i1', search, { namePrefix: 'lamp' }, oneSlice, { ...page, before: 'd9' }],
    ],
    countFound: [['i1', search]],
    foundAmong: [[['d1', 'd2'], search]],
    idsFound: [
      ['i1', search, page, bounds],
      ['i1', search, { ...page, order: { field: 'activeAt', descending: true } }, bounds],
      ['i1', begun, page, bounds],
      ['i1', begun, { ...page, order: { field: 'createdAt', descending: false } }, bounds],
    ],
    countSearched: [
      ['i1', search, bounds],
      ['i1', begun, bounds],
    ],
  },
  'searched-devices': {
    searchedDevice: [['d1']],
    heldByDevices: [[['d1', 'd2']]],
  },
  'device-states': {
    disableDevice: [['d1', now]],
    enableDevice: [['d1', now]],
    countDevices: [['i1'], ['i1', 'p1']],
    tallyDevices: [['i1']],
    largestProducts: [['i1', 50]],
    countDevicesOfGroup: [['g1']],
    productsWithStatus: [
      ['i1', 1],
      ['i1', 1, 'p1'],
    ],
    listDevicesByStatus: [['p1', 1, page]],
  },
  devices: {
    insertDevice: [[device]],
    findDevice: [['i1', 'd1']],
    findDeviceByName: [['i1', 'p1', 'lamp1']],
    findDeviceForLogin: [['p1', 'lamp1']],
    findDeviceForToken: [['d1']],
    findDevices: [['i1', ['d1', 'd2']]],
    findDevicesByName: [['i1', 'p1', ['lamp1', 'lamp2']]],
    lockDevicesByName: [
      [
        'i1',
        new Map([
          ['p1', ['lamp1', 'lamp2']],
          ['p2', ['door1']],
        ]),
      ],
    ],
    listDevices: [
      ['i1', 'p1', page],
      ['i1', 'p1', { ...page, before: 'd9' }],
    ],
    findDeviceDetail: [['i1', 'd1']],
    findDeviceDetailByName: [['i1', 'p1', 'lamp1']],
    findDeviceDetails: [['i1', 'p1', ['lamp1', 'lamp2']]],
    lockDevice: [['i1', 'd1']],
    setNickname: [['d1', { nickname: 'hall', now }]],
    removeDevice: [['i1', 'd1']],
  },
  enrolments: {
    findProductForRegistration: [['p1']],
    lockForRegistration: [['p1', 'lamp1']],
    setSecret: [['d1', { secret: 's', now }]],
    setToken: [['d1', { client_id: 'c1', token: 't' }]],
    forgetToken: [['d1']],
    reopenRegistration: [['d1', now]],
    findToken: [['d1']],
    setDynamicRegistration: [['p1', true]],
    listAllProducts: [[]],
  },
  firmware: {
    hasReadyFirmware: [['i1']],
    insertFirmware: [[oneFirmware, [file]]],
    countFirmware: [['i1']],
    findFirmware: [['i1', 'f1']],
    lockFirmware: [['i1', 'f1']],
    findFirmwares: [[['f1', 'f2']]],
    filesOfFirmware: [[['f1', 'f2']]],
    pageOfFirmware: [
      ['i1', {}, 20, 10],
      ['i1', { productKey: 'p1', destVersion: '1.1.0' }, 20, 10],
    ],
    countFilteredFirmware: [['i1', { productKey: 'p1', destVersion: '1.1.0' }]],
    updateFirmware: [['f1', { name: 'lamp-1.1.0', description: '', udi: '', modified_at: now }]],
    hasFirmwareOfModule: [['p1', 'mcu']],
    setFirmwareStatus: [['f1', 1, now]],
    deleteFirmware: [['f1']],
  },
  groups: {
    insertGroup: [[group]],
    findGroup: [['i1', 'g1']],
    lockGroup: [['i1', 'g1']],
    countGroups: [['i1'], ['i1', { types: ['LINK_PLATFORM'], name: 'hall', parentId: 'g0' }]],
    listGroups: [['i1', { types: ['LINK_PLATFORM'], name: 'hall', parentId: 'g0' }, page]],
    countMembers: [['g1']],
    listMembers: [['i1', 'g1', page]],
    membersAmong: [['g1', ['d1', 'd2']]],
    countGroupsOf: [[['d1', 'd2']]],
    removeMembers: [['g1', ['d1', 'd2']]],
    groupsOfDevice: [['i1', 'd1']],
    setGroupDescription: [['g1', 'the hall']],
    deleteGroup: [['g1']],
  },
  'job-list': {
    pageOfFilteredJobs: [
      ['i1', {}, 20, 10],
      ['i1', { id: 'j1' }, 0, 1],
      ['i1', jobFilter, 20, 10],
    ],
    countFilteredJobs: [
      ['i1', {}],
      ['i1', jobFilter],
    ],
    countJobsByStatus: [['i1']],
    hasRollout: [['i1']],
    countTasksOfJobs: [[['j1', 'j2']]],
  },
  jobs: {
    findJob: [['i1', 'j1']],
    findListedJob: [['i1', 'j1']],
    pageOfJobs: [['i1', 'f1', 20, 10]],
    countJobs: [['i1', 'f1']],
    pageOfJobsOfDevice: [['i1', 'f1', { id: 'd1', name: 'lamp1' }, 20, 10]],
    countJobsOfDevice: [['i1', 'f1', { id: 'd1', name: 'lamp1' }]],
    hasUnfinishedJob: [['f1']],
    findLastVerifyJob: [['f1']],
    insertJob: [[job, ['lamp1']]],
    findJobs: [[['j1', 'j2']]],
    findJobsHeard: [[['j1', 'j2'], 'ota.task.progress']],
    jobsOfDevices: [[['d1', 'd2']]],
    lockJob: [['j1']],
    updateJob: [['j1', { status: 'IN_PROGRESS', due_at: null }]],
    dueJobs: [[now, 10]],
    jobsToCall: [[now, 10]],
    candidatesByProduct: [[{ productKey: 'p1', module: 'default', after: '', limit: 1000 }]],
    candidatesByTarget: [[{ jobId: 'j1', productKey: 'p1', module: 'default', from: 0, to: 1000 }]],
    candidatesByName: [[{ productKey: 'p1', module: 'default', names: ['lamp1', 'lamp2'] }]],
    candidatesByGroup: [[{ groupId: 'g1', module: 'default', after: '', limit: 1000 }]],
    countTargets: [['j1']],
    lockCandidates: [[['d1', 'd2'], 'default']],
    lockCandidatesByName: [[{ productKey: 'p1', module: 'default', names: ['lamp1', 'lamp2'] }]],
    connectedAmong: [[['d1', 'd2']]],
  },
  'event-deliveries': {
    claimDeliveries: [
      ['webhook:w1', { now, until: now + 60_000, limit: 8 }],
      ['amqp:g1', { now, until: now + 90_000, limit: 100, dueAfter: now - 60_000 }],
    ],
    hasDue: [['amqp:g1', now]],
    delayDeliveries: [['amqp:g1', ['e1', 'e2'], { now, dueAt: now + 60_000, note: 'not acknowledged' }]],
    oldestDeliveries: [['amqp:g1', 500]],
    settleClaim: [
      [
        { consumer: 'webhook:w1', eventId: 'e1', until: now, attempts: 1 },
        { state: 'done', note: 'answered 200', due_at: null, modified_at: now },
      ],
    ],
    forgetDeliveries: [['webhook:w1', ['e1', 'e2']]],
    endedDeliveries: [['webhook:w1', 'done', { since: now - 60_000, before: now }, 500]],
    deliveriesOf: [['webhook:w1', 500]],
    restartDeliveries: [['webhook:w1', ['e1', 'e2'], now]],
    deleteEventsBefore: [[now, 500]],
    listDeliveries: [
      ['webhook:w1', { limit: 20 }],
      ['webhook:w1', { state: 'due', limit: 20 }],
      ['webhook:w1', { state: 'dead', limit: 20 }],
      ['webhook:w1', { limit: 20, after: { at: 0, eventId: 'e1' } }],
      ['webhook:w1', { state: 'due', limit: 20, after: { at: now, eventId: 'e1' } }],
      ['webhook:w1', { state: 'dead', limit: 20, after: { at: now, eventId: 'e1' } }],
    ],
    countDue: [['webhook:w1'], ['webhook:w1', 1_000]],
    countEnded: [
      ['webhook:w1', 'dead'],
      ['webhook:w1', 'dead', 1_000],
    ],
    nextConsumer: [['webhook:', 'webhook:w1']],
  },
  'dynamic-jobs': {
    runningDynamicJobs: [['p1', 'default']],
    hasRunningDynamicJob: [['f1']],
    conflictRulesOfGroup: [['g1']],
    hasUnfinishedStrategyTasks: [['f1']],
    countTasksOfDevices: [['j1', ['lamp1', 'lamp2']]],
  },
  events: {
    routesOf: [
      [
        ['p1', 'p2'],
        ['ota.task.succeeded', 'ota.job.updated'],
      ],
    ],
    insertEvents: [[[event], [delivery]]],
    insertRoutes: [[[{ instance_id: 'i1', product_key: '', type: 'ota.job.updated', consumer: 'webhook:w1' }]]],
    deleteRoutes: [['webhook:w1']],
    setRoutes: [[{ instanceId: 'i1', productKey: 'p1', kind: 'amqp' }, ['amqp:g1'], ['ota.job.updated']]],
    deleteRoutesOfProduct: [['i1', 'p1']],
  },
  leases: {
    takeLease: [[{ name: 'cleanup', holder: 'n1', now, until: now + 1 }]],
    releaseLease: [['cleanup', 'n1']],
  },
  meta: {
    readMeta: [['master-key']],
    settleMeta: [['master-key', 'fingerprint']],
    nextNumber: [['last-stream-id']],
  },
  modules: {
    sliceOfProduct: [['p1', 'd1', 5_000]],
    countVersions: [['p1', { after: 'd1', upTo: 'd9' }]],
    findModuleVersion: [['d1', 'default']],
    setModuleVersions: [[[{ device_id: 'd1', module: 'default', version: '1.0.0', reported_at: now }]]],
    pageOfModuleVersions: [['d1', page]],
    countModuleVersions: [['d1']],
  },
  nodes: {
    lockNodeLease: [['n1']],
    lockFreeNodeLease: [['n1']],
    renewNodeLease: [['n1', now]],
    releaseLeasesOf: [['n1']],
    deadNodes: [[now]],
    hasOtherNodes: [['n1', now]],
  },
  nonces: {
    useNonce: [[{ accessKeyId: 'k1', nonce: 'n', expiresAt: now + 1, now }]],
    deleteExpiredNonces: [[now]],
  },
  'ota-modules': {
    insertModule: [[otaModule]],
    lockModule: [['p1', 'MCU']],
    listModules: [['p1']],
    countModules: [['p1']],
    updateModule: [
      [
        { ...otaModule, name_key: 'mcu' },
        { alias: '', description: '', modified_at: now },
      ],
    ],
    deleteModule: [[{ ...otaModule, name_key: 'mcu' }]],
  },
  presence: {
    insertPresences: [[[{ device_id: 'd1', node_id: 'n1', connection_id: 'c1', connected_at: now }]]],
    insertMissingPresence: [[[{ device_id: 'd1', node_id: 'n1', connection_id: 'c1', connected_at: now }]]],
    deletePresence: [
      [[{ deviceId: 'd1', connectionId: 'c1' }]],
      [
        [
          { deviceId: 'd1', connectionId: 'c1' },
          { deviceId: 'd2', connectionId: 'c2' },
        ],
      ],
    ],
    presenceOfDevices: [[['d1', 'd2']]],
    presenceOfNode: [['n1', 100]],
    connectableDevices: [[['d1', 'd2']]],
    markDevices: [
      [['d1'], { online: true, now, ips: new Map([['d1', '127.0.0.1']]) }],
      [['d1', 'd2'], { online: false, now }],
    ],
  },
  products: {
    lockInstance: [['i1']],
    insertProduct: [[product]],
    findProduct: [['i1', 'p1']],
    lockProduct: [['i1', 'p1']],
    updateProduct: [['i1', 'p1', { name: 'lamp', description: '' }]],
    deleteProduct: [['i1', 'p1']],
    lockPackagesOfProduct: [['i1', 'p1']],
    countProducts: [['i1'], ['i1', 'iothub_senior']],
    listProducts: [
      ['i1', page],
      ['i1', { ...page, commodityCode: 'iothub_senior' }],
    ],
    countDeviceIn: [[{ instanceId: 'i1', key: 'p1' }, 500_000]],
    countDeviceOut: [[{ instanceId: 'i1', key: 'p1' }]],
  },
  quotas: {
    takeQuota: [[{ key: 'a1 RegisterDevice', start: now, until: now + 5_000, wanted: 5 }]],
    deleteOldQuotas: [[now]],
  },
  subscriptions: {
    insertSubscription: [[{ product_key: 'p1', instance_id: 'i1', flags: ['OtaJobFlag'], created_at: now }]],
    findSubscription: [['p1']],
    setSubscriptionFlags: [['p1', ['OtaJobFlag']]],
    deleteSubscription: [['p1']],
    groupsOfSubscription: [['p1']],
    countSubscriptionsOf: [['amqp:g1']],
    setSubscriptionGroups: [['p1', ['amqp:g1', 'amqp:g2']]],
  },
  'task-attempts': {
    putTaskAttempts: [
      [
        [3, 4].map((seq) => ({
          job_id: 'j1',
          seq,
          slot: 1,
          number: 11,
          at: now,
          cause: 'DOWNLOAD' as const,
          description: 'no route',
          progress: seq === 3 ? 20 : null,
          src_version: '1.0.0',
        })),
      ],
    ],
    taskAttempts: [['j1', 3]],
  },
  'task-history': {
    addToHistory: [
      [
        [
          {
            instance_id: 'i1',
            at: now,
            job_id: 'j1',
            outcome: 'FAILED',
            cause: 'DOWNLOAD',
            node_id: 'n1',
            product_key: 'p1',
            count: 3,
          },
        ],
      ],
    ],
    ownersOfJobs: [[['j1', 'j2']]],
    sumHistory: [
      ['i1', { from: 0, to: now }, {}],
      ['i1', { from: 0, to: now }, { productKey: 'p1', jobId: 'j1' }],
    ],
    deleteOldestHistory: [[now]],
  },
  tasks: {
    pageOfTasks: [['j1', 20, 10]],
    pageOfTasksInStatus: [['j1', 'FAILED', 20, 10]],
    tasksOfDeviceNames: [
      ['j1', ['lamp1', 'lamp2']],
      ['j1', ['lamp1', 'lamp2'], 'FAILED'],
    ],
    namesWithTask: [['j1', ['lamp1', 'lamp2']]],
    countTasks: [['j1']],
    countTasksInStatus: [['j1', 'FAILED']],
    findTask: [['j1', 3]],
    activeTasks: [[['d1', 'd2']]],
    lockActiveTasks: [[['d1', 'd2']]],
    waitingTasks: [['j1', 100]],
    failedTasks: [['j1', 900, 2_000]],
    seqsInStatus: [
      ['j1', 'QUEUED', null, 500],
      ['j1', 'QUEUED', 7_000, 500],
    ],
    lockTasks: [['j1', [3, 5]]],
    lockDueTasks: [[now, 100]],
    connectedQueuedDevices: [['j1', { from: 0, to: 100, limit: 10 }]],
    insertTasks: [[[task]]],
    updateTasks: [[[{ was: { ...task, status: 'QUEUED', modified_at: now - 1 }, task }]]],
    setSourceVersion: [['j1', 3, '1.0.1']],
  },
  topology: {
    subDevicesOf: [['g1']],
    countSubDevices: [['g1']],
    gatewaysOf: [[['d1', 'd2']]],
    moveToGateway: [['g1', ['d1', 'd2'], now]],
    removeFromGateway: [['g1', ['d1', 'd2']]],
    removeTopology: [['d1']],
    findSubDevices: [['i1', new Map([['p1', ['lamp1', 'lamp2']]])]],
    findGateway: [['g1']],
    lockGateway: [['g1']],
  },
  uploads: {
    insertUpload: [[upload]],
    findUpload: [['o1']],
    lockUpload: [['o1']],
    unstoreUpload: [['o1']],
    markUploadStored: [['o1', { size: 1, md5: 'm', sha256: 's', storedAt: now }]],
    markUploadsUsed: [[['o1', 'o2']]],
    releaseUnreferencedUploads: [[['o1', 'o2'], now]],
    releaseUnreadList: [['o1']],
    findStaleUploads: [[{ storedBefore: now, grantedBefore: now }, 100]],
    deleteGrantedUpload: [['o1']],
  },
  users: {
    lockAccount: [['a1']],
    setAccountPassword: [['a1', 'h1', now]],
    findUser: [['a1', 'u1']],
    findUserByName: [['a1', 'ann']],
    countUsers: [['a1']],
    listUsers: [['a1', page]],
    updateUser: [['u1', { name: 'ann', policy: null, password_hash: 'h1', password_at: now, active: 0 }]],
    deleteUser: [['a1', 'u1']],
    countKeysOf: [
      ['a1', undefined],
      ['a1', null],
      ['a1', 'u1'],
    ],
    listKeysOf: [
      ['a1', undefined, page],
      ['a1', 'u1', page],
    ],
    findKeyOf: [['a1', 'k1']],
    countActiveOwnKeys: [['a1']],
  },
  webhooks: {
    insertWebhook: [[webhook]],
    findWebhook: [['w1']],
    lockWebhook: [['w1']],
    listWebhooks: [[], ['i1']],
    countWebhooks: [['i1']],
    updateWebhook: [['w1', { hold_until: now }]],
    switchWebhookOff: [['w1', now, 'gone']],
    deleteWebhook: [['w1']],
    noteFailure: [['w1', now]],
    noteSuccess: [['w1']],
    dueWebhooks: [[now]],
  },
};
