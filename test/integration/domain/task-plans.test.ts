import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Engine, Tx } from '../../../src/store/engine.ts';
import {
  conflictRulesOfGroup,
  countTasksOfDevices,
  hasRunningDynamicJob,
  hasUnfinishedStrategyTasks,
  runningDynamicJobs,
} from '../../../src/store/queries/dynamic-jobs.ts';
import {
  countFilteredJobs,
  countJobsByStatus,
  countTasksOfJobs,
  hasRollout,
  pageOfFilteredJobs,
} from '../../../src/store/queries/job-list.ts';
import {
  candidatesByGroup,
  candidatesByName,
  candidatesByProduct,
  candidatesByTarget,
  connectedAmong,
  countJobsOfDevice,
  countTargets,
  dueJobs,
  findJobs,
  findJobsHeard,
  findLastVerifyJob,
  findListedJob,
  hasUnfinishedJob,
  insertJob,
  jobsOfDevices,
  jobsToCall,
  lockCandidates,
  lockCandidatesByName,
  pageOfJobs,
  pageOfJobsOfDevice,
} from '../../../src/store/queries/jobs.ts';
import { findModuleVersion } from '../../../src/store/queries/modules.ts';
import { deadNodes } from '../../../src/store/queries/nodes.ts';
import { deletePresence, markDevices, presenceOfDevices, presenceOfNode } from '../../../src/store/queries/presence.ts';
import { putTaskAttempts, taskAttempts } from '../../../src/store/queries/task-attempts.ts';
import { deleteOldestHistory, sumHistory } from '../../../src/store/queries/task-history.ts';
import {
  activeTasks,
  connectedQueuedDevices,
  countTasks,
  countTasksInStatus,
  failedTasks,
  findTask,
  insertTasks,
  lockActiveTasks,
  lockDueTasks,
  lockTasks,
  namesWithTask,
  pageOfTasks,
  pageOfTasksInStatus,
  seqsInStatus,
  setSourceVersion,
  tasksOfDeviceNames,
  updateTasks,
  waitingTasks,
} from '../../../src/store/queries/tasks.ts';
import type { TaskStatus } from '../../../src/store/schema.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { jobRow } from '../../support/job-row.ts';
import { spyOn } from '../../support/query-spy.ts';
import { taskRow } from '../store/rows.ts';

const TASKS = 20_000;
const NOW = 1_900_000_000_000;

const PAGE = 'COVERING INDEX task_status (job_id=? AND status=? AND seq>?)';
const STATE = 'COVERING INDEX task_status (job_id=? AND status=?)';
const NAMES = 'COVERING INDEX task_device_name (job_id=? AND device_name=?)';
const ACTIVE = 'INDEX task_active (device_id=? AND active_module>?)';
const LISTED = 'COVERING INDEX job_listed (instance_id=?)';
const KEY = 'PRIMARY KEY (job_id=? AND seq=?)';

/** One task in 200 has failed, one in 100 runs against a timeout, the rest of the first half has succeeded. */
function statusOf(seq: number): TaskStatus {
  if (seq % 200 === 7) return 'FAILED';
  if (seq % 100 === 3) return 'IN_PROGRESS';
  return seq < TASKS / 2 ? 'SUCCEEDED' : 'QUEUED';
}

const deviceIds = (count: number) => Array.from({ length: count }, (_, i) => `device-${i * 7 + TASKS / 2}`);
const deviceNames = Array.from({ length: 50 }, (_, i) => `name-${i * 31}`);
const listed = Array.from({ length: 1_000 }, (_, i) => `name-${i * 17}`);

const failed = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    job_id: 'j',
    seq: i * 7,
    slot: i % 10,
    number: i,
    at: NOW,
    cause: 'UPDATE' as const,
    description: `reason ${i}`,
    progress: i,
    src_version: '1.0.0',
  }));

type Query = readonly [name: string, index: string, query: (tx: Tx) => Promise<unknown>];

/**
 * Every query about jobs and tasks, with the values of a rollout in full course, and the index by which SQLite has to find the
 * tasks: it knows no numbers, so that a wrong choice shows whatever is in the tables.
 */
const queries: readonly Query[] = [
  ['first page', 'PRIMARY KEY (job_id=? AND seq>?)', ({ db }) => pageOfTasks(db, 'j', 0, 100)],
  ['last page', 'PRIMARY KEY (job_id=? AND seq>?)', ({ db }) => pageOfTasks(db, 'j', TASKS - 100, 100)],
  ['first page of a frequent state', PAGE, ({ db }) => pageOfTasksInStatus(db, 'j', 'QUEUED', 0, 100)],
  ['late page of a frequent state', PAGE, ({ db }) => pageOfTasksInStatus(db, 'j', 'SUCCEEDED', 9_000, 100)],
  ['first page of a rare state', PAGE, ({ db }) => pageOfTasksInStatus(db, 'j', 'FAILED', 0, 100)],
  ['page of a state that no task has', PAGE, ({ db }) => pageOfTasksInStatus(db, 'j', 'CANCELED', 0, 100)],
  ['page beyond the end of a state', PAGE, ({ db }) => pageOfTasksInStatus(db, 'j', 'FAILED', 1_000_000, 100)],
  ['tasks by device names', NAMES, ({ db }) => tasksOfDeviceNames(db, 'j', deviceNames)],
  ['tasks by device names in a state', NAMES, ({ db }) => tasksOfDeviceNames(db, 'j', deviceNames, 'FAILED')],
  ['count by state', 'PRIMARY KEY (job_id=?)', ({ db }) => countTasks(db, 'j')],
  ['count of a state', 'PRIMARY KEY (job_id=? AND status=?)', ({ db }) => countTasksInStatus(db, 'j', 'QUEUED')],
  ['active tasks of a device', ACTIVE, ({ db }) => activeTasks(db, deviceIds(1))],
  ['active tasks of 500 devices', ACTIVE, ({ db }) => activeTasks(db, deviceIds(500))],
  ['jobs of the active tasks of a device', ACTIVE, ({ db }) => jobsOfDevices(db, deviceIds(1))],
  ['jobs of the active tasks of 500 devices', ACTIVE, ({ db }) => jobsOfDevices(db, deviceIds(500))],
  ['active tasks of a device, locked', ACTIVE, (tx) => lockActiveTasks(tx, deviceIds(1))],
  ['active tasks of 500 devices, locked', ACTIVE, (tx) => lockActiveTasks(tx, deviceIds(500))],
  [
    'tasks that wait for the push rate',
    'INDEX task_waiting (job_id=? AND waiting_at>?)',
    ({ db }) => waitingTasks(db, 'j', 500),
  ],
  ['first of a frequent state', STATE, ({ db }) => seqsInStatus(db, 'j', 'QUEUED', null, 500)],
  [
    'first of a rare state below an ordinal',
    'task_status (job_id=? AND status=? AND seq<?)',
    ({ db }) => seqsInStatus(db, 'j', 'FAILED', 9_000, 500),
  ],
  [
    'tasks by ordinal, locked',
    KEY,
    (tx) =>
      lockTasks(
        tx,
        'j',
        Array.from({ length: 500 }, (_, i) => i * 30),
      ),
  ],
  ['source version of a task', KEY, ({ db }) => setSourceVersion(db, 'j', 7, '1.5.0')],
  [
    'failed tasks',
    'COVERING INDEX task_status (job_id=? AND status=? AND seq<?)',
    ({ db }) => failedTasks(db, 'j', 9_000, 100),
  ],
  ['one task', KEY, ({ db }) => findTask(db, 'j', 9_000)],
  ['attempts of a task', 'PRIMARY KEY (job_id=? AND seq=?)', ({ db }) => taskAttempts(db, 'j', 9_000)],
  ['attempts that failed', '', ({ db }) => putTaskAttempts(db, failed(500))],
  ['due tasks', 'INDEX task_due (due_at<?)', (tx) => lockDueTasks(tx, NOW, 500)],
  ['tasks due long ago', 'INDEX task_due (due_at<?)', (tx) => lockDueTasks(tx, 5, 500)],
  [
    'connected devices of queued tasks',
    'PRIMARY KEY (job_id=? AND seq>? AND seq<?)',
    ({ db }) => connectedQueuedDevices(db, 'j', { from: 10_000, to: 20_000, limit: 1_000 }),
  ],
  ['due jobs', 'INDEX job_due (due_at<?)', ({ db }) => dueJobs(db, NOW, 50)],
  ['jobs to call', 'INDEX job_call (call_at<?)', ({ db }) => jobsToCall(db, NOW, 50)],
  [
    'change of a task',
    KEY,
    (tx) => updateTasks(tx, [{ was: taskRow(10_001), task: taskRow(10_001, { status: 'NOTIFIED' }) }]),
  ],
  ['change of many tasks', KEY, (tx) => updateTasks(tx, doneAgain(500))],
  [
    'devices of a product',
    'INDEX device_name (product_key=? AND name>?)',
    ({ db }) => candidatesByProduct(db, { productKey: 'p', module: 'default', after: 'n', limit: 1_000 }),
  ],
  [
    'devices by name',
    'INDEX device_name (product_key=? AND name=?)',
    ({ db }) => candidatesByTarget(db, { jobId: 'j', productKey: 'p', module: 'default', from: 0, to: 1_000 }),
  ],
  [
    'devices of a list',
    'INDEX device_name (product_key=? AND name=?)',
    ({ db }) => candidatesByName(db, { productKey: 'p', module: 'default', names: listed }),
  ],
  [
    'devices of a group',
    'PRIMARY KEY (group_id=? AND device_id>?)',
    ({ db }) => candidatesByGroup(db, { groupId: 'g', module: 'default', after: 'd', limit: 1_000 }),
  ],
  ['those of a list that have a task', NAMES, ({ db }) => namesWithTask(db, 'j', listed)],
  ['number of devices named', 'PRIMARY KEY (job_id=?)', ({ db }) => countTargets(db, 'j')],
  [
    'candidates, locked',
    'PRIMARY KEY (device_id=? AND module=?)',
    (tx) => lockCandidates(tx, deviceIds(1_000), 'default'),
  ],
  [
    'candidates of a list, locked',
    'INDEX device_name (product_key=? AND name=?)',
    (tx) => lockCandidatesByName(tx, { productKey: 'p', module: 'default', names: listed }),
  ],
  ['a job of a list of tasks', 'INDEX job_listed (instance_id=? AND id=?)', ({ db }) => findListedJob(db, 'i', 'j')],
  ['jobs by id', 'INDEX sqlite_autoindex_job_1 (id=?)', ({ db }) => findJobs(db, ['i', 'j'])],
  [
    'who listens to the tasks of a job',
    'PRIMARY KEY (instance_id=? AND product_key=? AND type=?)',
    ({ db }) => findJobsHeard(db, ['j'], 'ota.task.progress'),
  ],
  ['jobs of a package', 'INDEX job_firmware (firmware_id=?)', ({ db }) => pageOfJobs(db, 'i', 'f', 0, 100)],
  [
    'jobs of a package with a device',
    'task_device_name (job_id=? AND device_name=?)',
    ({ db }) => pageOfJobsOfDevice(db, 'i', 'f', { id: 'device-1', name: 'name-1' }, 0, 100),
  ],
  [
    'number of jobs of a package with a device',
    'task_device_name (job_id=? AND device_name=?)',
    ({ db }) => countJobsOfDevice(db, 'i', 'f', { id: 'device-1', name: 'name-1' }),
  ],
  [
    'dynamic jobs for a module',
    'INDEX job_dynamic (product_key=? AND module=?)',
    ({ db }) => runningDynamicJobs(db, 'p', 'default'),
  ],
  ['dynamic job of a package', 'INDEX job_firmware (firmware_id=?)', ({ db }) => hasRunningDynamicJob(db, 'f')],
  ['dynamic jobs of a group', 'INDEX job_dynamic_group (group_id=?)', ({ db }) => conflictRulesOfGroup(db, 'g')],
  [
    'tasks of canceled dynamic jobs',
    'PRIMARY KEY (job_id=? AND status=?)',
    ({ db }) => hasUnfinishedStrategyTasks(db, 'f'),
  ],
  ['tasks of devices in a job', NAMES, ({ db }) => countTasksOfDevices(db, 'j', ['name-1', 'name-2'])],
  ['version of a module', 'PRIMARY KEY (device_id=? AND module=?)', ({ db }) => findModuleVersion(db, 'd', 'm')],
  ['all jobs', LISTED, ({ db }) => pageOfFilteredJobs(db, 'i', { statuses: ['PLANNED', 'IN_PROGRESS'] }, 0, 100)],
  ['number of all jobs', LISTED, ({ db }) => countFilteredJobs(db, 'i', { productKey: 'p', firmwareId: 'f' })],
  ['number of all jobs by state', LISTED, ({ db }) => countJobsByStatus(db, 'i')],
  ['any rollout', LISTED, ({ db }) => hasRollout(db, 'i')],
  ['tasks of jobs by state', 'PRIMARY KEY (job_id=?)', ({ db }) => countTasksOfJobs(db, ['i', 'j', 'k'])],
  ['unfinished job of a package', 'INDEX job_firmware (firmware_id=?)', ({ db }) => hasUnfinishedJob(db, 'f')],
  ['last verification', 'INDEX job_firmware (firmware_id=?)', ({ db }) => findLastVerifyJob(db, 'f')],
  ['connected among devices', '(device_id=?)', ({ db }) => connectedAmong(db, deviceIds(1_000))],
  ['connections of a node', 'INDEX presence_node (node_id=?)', ({ db }) => presenceOfNode(db, 'n', 500)],
  ['connections of devices', '(device_id=?)', ({ db }) => presenceOfDevices(db, deviceIds(500))],
  [
    'ended connections',
    '(device_id=?)',
    (tx) =>
      deletePresence(
        tx,
        deviceIds(500).map((deviceId) => ({ deviceId, connectionId: `c-${deviceId}` })),
      ),
  ],
  [
    'devices that are marked offline',
    'INDEX sqlite_autoindex_device_1 (id=?)',
    (tx) => markDevices(tx, deviceIds(500), { online: false, now: NOW }),
  ],
  [
    'history',
    'PRIMARY KEY (instance_id=? AND at>? AND at<?)',
    ({ db }) => sumHistory(db, 'i', { from: 1, to: NOW }, {}),
  ],
  ['oldest history', 'INDEX task_history_age', ({ db }) => deleteOldestHistory(db, NOW)],
  ['dead nodes', 'INDEX sqlite_autoindex_lease_1 (name>? AND name<?)', ({ db }) => deadNodes(db, NOW)],
];

const doneAgain = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const task = taskRow(i * 4, { status: 'SUCCEEDED', active_module: null });
    return { was: task, task: { ...task, modified_at: NOW, due_at: NOW } };
  });

async function fill(engine: Engine): Promise<void> {
  const tasks = (job: string) =>
    Array.from({ length: TASKS }, (_, seq) => {
      const status = statusOf(seq);
      const running = status === 'IN_PROGRESS';
      return taskRow(seq, {
        job_id: job,
        status,
        active_module: status === 'QUEUED' || running ? job : null,
        due_at: running ? NOW + seq : null,
      });
    });
  await engine.transaction(async (tx) => {
    for (const id of ['i', 'j', 'k']) {
      await insertJob(tx, jobRow({ id, task_total: TASKS }), []);
      await insertTasks(tx, tasks(id));
    }
    await putTaskAttempts(tx.db, failed(2_000));
  });
}

/** A transaction whose statements are watched. */
function watched(tx: Tx, database: TestDatabase) {
  const spy = spyOn(tx.db, database.kind);
  return { spy, tx: { ...tx, db: spy.db } };
}

const wholeTable = {
  sqlite: /\bSCAN (task|task_attempt|task_count|job|job_target|device|module_version|presence|lease)\b/,
  postgres: /Seq Scan on (task|task_attempt)\b/,
} as const;

eachEngine('queries about jobs and tasks', (database) => {
  it('find them by an index and never walk through the whole table', async () => {
    const engine = await database.open();
    if (database.kind === 'postgres') {
      // it plans by what it believes to be in its tables
      await fill(engine);
      await engine.transaction(({ db }) => sql`analyze`.execute(db));
    }
    for (const [name, index, query] of queries) {
      await engine.transaction(async (tx) => {
        const { spy, tx: through } = watched(tx, database);
        await query(through);
        const plans = await spy.plans();
        expect(plans.length, name).toBeGreaterThan(0);
        for (const plan of plans) expect(plan, name).not.toMatch(wholeTable[database.kind]);
        if (database.kind === 'sqlite') expect(plans.join('\n'), name).toContain(index);
      });
    }
  });
});
