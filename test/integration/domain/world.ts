import { expect } from 'vitest';
import { type Limits, limitProfiles } from '../../../src/contract/limits.ts';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import type { Deps, Scope } from '../../../src/domain/deps.ts';
import type { DeviceRef, DeviceServices } from '../../../src/domain/device-services.ts';
import { settleDueTasks } from '../../../src/domain/due-tasks.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { packageStatus } from '../../../src/domain/firmware.ts';
import type { RolloutSettings } from '../../../src/domain/job-settings.ts';
import { createStaticJob } from '../../../src/domain/jobs.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { callWaiting } from '../../../src/domain/push-calls.ts';
import { advanceJob, jobsToAdvance } from '../../../src/domain/rollout/advance.ts';
import type { Selection } from '../../../src/domain/selection.ts';
import { createVault } from '../../../src/lib/vault.ts';
import type { Engine, Nudge } from '../../../src/store/engine.ts';
import { insertFirmware } from '../../../src/store/queries/firmware.ts';
import type { JobRow } from '../../../src/store/queries/jobs.ts';
import type { TaskRow } from '../../../src/store/queries/tasks.ts';
import type { FirmwareTable, TaskStatus } from '../../../src/store/schema.ts';
import { openTestBlobs, type TestBlobs } from '../../support/blobs.ts';
import type { TestDatabase } from '../../support/engines.ts';
import { countingIds } from '../../support/ids.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** The version that devices of these tests are at, and the one that packages bring. */
export const OLD = '1.0.0';
export const NEW = '2.0.0';

export interface NewDevices {
  /** Last reported version of `module`; null for devices that never reported one. */
  readonly version?: string | null;
  readonly module?: string;
  readonly activated?: boolean;
  readonly productKey?: string;
}

export interface NewJob extends RolloutSettings {
  readonly firmwareId?: string;
  readonly productKey?: string;
  /** Devices of a SPECIFIC job; without them the job is for ALL. */
  readonly devices?: readonly (DeviceRef | string)[];
  readonly srcVersions?: readonly string[];
  /** Any other choice of devices, in place of these. */
  readonly selection?: Partial<Selection>;
}

/** An account with a product on a database, and what tests do with its devices and jobs. */
export interface World {
  readonly deps: Deps & { readonly blobs: TestBlobs };
  readonly engine: Engine;
  readonly clock: TestClock;
  readonly scope: Scope;
  readonly productKey: string;
  /** The rules as a gateway sees them. */
  readonly node: DeviceServices;
  /** Nudges heard so far. */
  readonly nudges: Nudge[];
  /** Makes devices, as many or by the names given. */
  devices(names: number | readonly string[], options?: NewDevices): Promise<DeviceRef[]>;
  /** Makes a full package that needs no verification, unless told otherwise. */
  firmware(changes?: Partial<FirmwareTable>): Promise<string>;
  /** Creates a static job of a new package, or of the one given. */
  job(input?: NewJob): Promise<string>;
  /** Takes a job as far as it goes now. */
  advance(jobId: string): Promise<void>;
  /** Moves the clock and does what has come due, as a scheduler would. */
  pass(ms: number): Promise<void>;
  connect(device: DeviceRef, connectionId?: string): Promise<void>;
  inform(device: DeviceRef, version: string, module?: string): ReturnType<DeviceServices['report']>;
  progress(device: DeviceRef, step: number, description?: string, module?: string): Promise<void>;
  jobRow(jobId: string): Promise<JobRow>;
  /** All tasks of a job in order. */
  tasks(jobId: string): Promise<TaskRow[]>;
  /** The task of a device in a job. */
  task(jobId: string, device: DeviceRef): Promise<TaskRow>;
  /** Names of the devices with a task in the job, in the order of the tasks. */
  names(jobId: string): Promise<string[]>;
  /** Error key of a refusal. */
  refusal(work: () => Promise<unknown>): Promise<string>;
}

const publicUrl = 'http://127.0.0.1:8080';

/** Opens the database of the test anew, as a restarted server does. */
export async function createWorld(database: TestDatabase, limits: Partial<Limits> = {}): Promise<World> {
  const clock = createTestClock();
  const engine = await database.open();
  const deps = {
    engine,
    clock,
    ids: countingIds(),
    vault: createVault(Buffer.alloc(32, 7)),
    limits: { ...limitProfiles.aliyun, ...limits },
    publicUrl,
    figures: createFigures(clock),
    blobs: await openTestBlobs(),
  };
  const { accountId } = await createAccount(deps, 'somebody');
  const scope = await resolveScope(engine.read, accountId, undefined);
  const { key } = await createProduct(deps, scope, { name: 'lamp', nodeType: 0 });
  return makeWorld(deps, clock, scope, key);
}

/** The same objects behind a new engine: what another process, or the next one, sees. */
export async function reopen(world: World, database: TestDatabase): Promise<World> {
  const deps = { ...world.deps, engine: await database.open() };
  return makeWorld(deps, world.clock, world.scope, world.productKey);
}

function makeWorld(deps: World['deps'], clock: TestClock, scope: Scope, productKey: string): World {
  const { engine } = deps;
  const sealed = deps.vault.seal('secret');
  const node = createDeviceServices(deps, 'node-1');
  const nudges: Nudge[] = [];
  engine.onNudge((nudge) => void nudges.push(nudge));
  let numbers = 0;
  const number = () => String(++numbers).padStart(6, '0');

  const world: World = {
    deps,
    engine,
    clock,
    scope,
    productKey,
    node,
    nudges,
    async devices(wanted, { version = OLD, module = 'default', activated = true, productKey: key = productKey } = {}) {
      const names = typeof wanted === 'number' ? Array.from({ length: wanted }, () => `dev-${number()}`) : wanted;
      const now = clock.now();
      const rows = names.map((name) => ({
        id: deps.ids.id(),
        instance_id: scope.instanceId,
        product_key: key,
        name,
        secret: sealed,
        nickname: '',
        status: activated ? 3 : 0,
        active_at: activated ? now : null,
        online_at: null,
        status_at: now,
        ip: null,
        created_at: now,
        modified_at: now,
      }));
      await engine.transaction(async (tx) => {
        await tx.bulkInsert('device', rows);
        if (version === null) return;
        await tx.bulkInsert(
          'module_version',
          rows.map((row) => ({ device_id: row.id, module, version, reported_at: now })),
        );
      });
      return rows.map((row) => ({ deviceId: row.id, productKey: key, deviceName: row.name }));
    },
    async firmware(changes = {}) {
      const id = changes.id ?? deps.ids.id();
      const now = clock.now();
      const digest = 'd41d8cd98f00b204e9800998ecf8427e';
      const row: FirmwareTable = {
        id,
        instance_id: scope.instanceId,
        product_key: productKey,
        name: `fw-${id}`,
        description: '',
        module: 'default',
        type: 0,
        src_version: '',
        dest_version: NEW,
        sign_method: 'MD5',
        status: packageStatus.exempt,
        udi: '',
        created_at: now,
        modified_at: now,
        ...changes,
      };
      const file = {
        firmware_id: id,
        position: 0,
        name: '',
        upload_key: `ota/${id}/f.bin`,
        size: 84,
        md5: digest,
        sign: digest,
      };
      await engine.transaction((tx) => insertFirmware(tx, row, [file]));
      return id;
    },
    async job({ firmwareId, productKey: key = productKey, devices, srcVersions, selection: chosen, ...settings } = {}) {
      const selection: Selection = {
        target: devices ? 'SPECIFIC' : 'ALL',
        srcVersions,
        deviceNames: devices?.map((device) => (typeof device === 'string' ? device : device.deviceName)),
        listFileUrl: undefined,
        grayPercent: undefined,
        groupId: undefined,
        groupType: undefined,
        ...chosen,
      };
      const input = { firmwareId: firmwareId ?? (await world.firmware()), productKey: key, selection, settings };
      return (await createStaticJob(deps, scope, input)).id;
    },
    async advance(jobId) {
      while (await advanceJob(deps, jobId));
    },
    async pass(ms) {
      await clock.advance(ms);
      await settleDueTasks(deps, 10_000);
      while (await callWaiting(deps, 10));
      const rung = nudges.flatMap((nudge) => (nudge.kind === 'job' ? [nudge.jobId] : []));
      for (const jobId of new Set([...rung, ...(await jobsToAdvance(deps, 1_000))])) await world.advance(jobId);
    },
    async connect(device, connectionId = `connection-${number()}`) {
      await node.connected(device, { connectionId, ip: '10.0.0.1' });
    },
    inform: (device, version, module = 'default') => node.report(device, { kind: 'inform', id: '1', module, version }),
    async progress(device, step, description = '', module = 'default') {
      expect(await node.report(device, { kind: 'progress', id: '1', module, step, description })).toEqual([]);
    },
    jobRow: (jobId) => engine.read.selectFrom('job').selectAll().where('id', '=', jobId).executeTakeFirstOrThrow(),
    tasks: (jobId) => engine.read.selectFrom('task').selectAll().where('job_id', '=', jobId).orderBy('seq').execute(),
    async task(jobId, device) {
      const of = engine.read.selectFrom('task').selectAll().where('job_id', '=', jobId);
      return of.where('device_id', '=', device.deviceId).executeTakeFirstOrThrow();
    },
    names: async (jobId) => (await world.tasks(jobId)).map((task) => task.device_name),
    async refusal(work) {
      try {
        await work();
      } catch (error) {
        if (error instanceof Failure) return error.key;
        throw error;
      }
      throw new Error('nothing was refused');
    },
  };
  return world;
}

/** The laws that hold between any two transactions, checked for every job in the database, or of a product. */
export async function expectConsistent({ engine }: Pick<World, 'engine'>, productKey?: string): Promise<void> {
  const db = engine.read;
  const ofProduct =
    productKey === undefined ? db.selectFrom('job') : db.selectFrom('job').where('product_key', '=', productKey);
  const jobs = await ofProduct
    .select(['id', 'status', 'task_total', 'multi_module', 'cancel_states', 'call_at'])
    .execute();
  const ids = ofProduct.select('id');
  const tasks = await db
    .selectFrom('task')
    .selectAll()
    .where('job_id', 'in', ids)
    .orderBy('job_id')
    .orderBy('seq')
    .execute();
  const counted = await db
    .selectFrom('task_count')
    .selectAll()
    .where('job_id', 'in', ids)
    .where('count', '<>', 0)
    .execute();
  const jobOf = new Map(jobs.map((job) => [job.id, job]));
  const others = new Map<string, TaskRow>();
  const recount = new Map<string, number>();
  const rowsOf = new Map<string, number>();
  const busy = new Set<string>();
  for (const task of tasks) {
    const nextSeq = rowsOf.get(task.job_id) ?? 0;
    if (task.seq !== nextSeq) throw new Error(`the ordinals of job ${task.job_id} have a gap before ${task.seq}`);
    rowsOf.set(task.job_id, nextSeq + 1);
    const key = `${task.job_id} ${task.status} ${Math.floor(task.seq / 1024)}`;
    recount.set(key, (recount.get(key) ?? 0) + 1);
    const unfinished = unfinishedStatuses.has(task.status);
    const job = jobOf.get(task.job_id);
    expect(task.active_module !== null, `active_module of a task that is ${task.status}`).toBe(unfinished);
    if (!unfinished) expect([task.retry_at, task.due_at]).toEqual([null, null]);
    if (task.waiting_at !== null) {
      expect(task.status, 'a task that waits for the push rate').toBe('QUEUED');
      if (job?.status === 'IN_PROGRESS') expect(job.call_at, `nobody calls for job ${job.id}`).not.toBe(null);
    }
    if (!unfinished) continue;
    const place = `${task.device_id} ${task.active_module}`;
    expect(busy.has(place), `two active tasks of ${place}`).toBe(false);
    busy.add(place);
    // a cancellation that is on its way has freed the device already
    if (job?.cancel_states?.includes(`"${task.status}"`)) continue;
    const other = others.get(task.device_id);
    const together = job?.multi_module === 1 && jobOf.get(other?.job_id ?? '')?.multi_module === 1;
    expect(other === undefined || together, `two active tasks of ${task.device_id}`).toBe(true);
    others.set(task.device_id, task);
  }
  const counters = counted.map((row) => [`${row.job_id} ${row.status} ${row.block}`, row.count] as const);
  expect(Object.fromEntries(counters)).toEqual(Object.fromEntries(recount));
  for (const job of jobs) expect(job.task_total, `task_total of job ${job.id}`).toBe(rowsOf.get(job.id) ?? 0);
}

const unfinishedStatuses: ReadonlySet<TaskStatus> = new Set(['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS']);
