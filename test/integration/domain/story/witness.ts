import { expect } from 'vitest';
import { taskId } from '../../../../src/domain/task-id.ts';
import type { TaskRow } from '../../../../src/store/queries/tasks.ts';
import type { World } from '../world.ts';
import type { Model } from './model.ts';
import { unfinished } from './model-jobs.ts';
import type { ModelDevice, ModelTask } from './model-types.ts';

/** The arrows of device-protocol 5.2, whatever leads along them. */
const arrows = new Set([
  ...['CONFIRM QUEUED', 'CONFIRM CANCELED'],
  ...['QUEUED NOTIFIED', 'QUEUED IN_PROGRESS', 'QUEUED SUCCEEDED', 'QUEUED CANCELED'],
  ...['NOTIFIED IN_PROGRESS', 'NOTIFIED SUCCEEDED', 'NOTIFIED FAILED', 'NOTIFIED CANCELED'],
  ...['IN_PROGRESS SUCCEEDED', 'IN_PROGRESS FAILED', 'IN_PROGRESS CANCELED'],
]);
/** Those of ReupgradeOTATask. */
const repeating = new Set(['FAILED QUEUED', 'FAILED CONFIRM', 'CANCELED QUEUED', 'CANCELED CONFIRM']);
/** States that a new task may have. */
const born = new Set(['CONFIRM', 'QUEUED', 'FAILED', 'CANCELED']);

interface Occasion {
  /** May tasks that have ended run again? */
  readonly mayRepeat: boolean;
  /** Nobody looked for what has come due meanwhile. */
  readonly isQuiet: boolean;
  /** A device that has just connected, which its gateway asks about by itself. */
  readonly arrived: string | undefined;
  /** Is it time for what is costly to look at? */
  readonly isThorough: boolean;
}

/** Looks at the database after each step of a story. */
export class Witness {
  readonly #model: Model;
  readonly #jobs: readonly string[];
  readonly #productKey: string;
  #rows = new Map<string, TaskRow>();
  /** States of the jobs, by id. */
  #states = new Map<string, string>();
  /** The last event seen. */
  #event = '';
  /** Tasks handed out in this step. */
  #handed = new Set<string>();
  /** Connections that have been called for a task. */
  readonly #called = new Map<ModelTask, string>();

  /** @param jobs ids of the model's jobs, in their order */
  constructor(model: Model, jobs: readonly string[], productKey: string) {
    this.#model = model;
    this.#jobs = jobs;
    this.#productKey = productKey;
  }

  /** The public id of a task. */
  idOf(task: ModelTask): string {
    return taskId(this.#jobs[this.#model.jobs.indexOf(task.job)] as string, task.job.tasks.indexOf(task));
  }

  /** Devices were told of these tasks, of no others and in no other order than the model says. */
  handedOut(taskIds: readonly (string | undefined)[], expected: readonly (ModelTask | undefined)[]): void {
    const ids = taskIds.filter((id) => id !== undefined);
    expect([...ids].sort()).toEqual(expected.flatMap((task) => (task ? [this.idOf(task)] : [])).sort());
    for (const id of ids) this.#handed.add(id);
  }

  async check(world: World, occasion: Occasion): Promise<void> {
    const rows = await this.#readTasks(world);
    this.#checkTasks(rows);
    this.#checkLaws(rows, occasion);
    this.#checkCalls(world, occasion);
    const states = await this.#checkJobs(world);
    if (occasion.isThorough) await this.#checkDevices(world);
    await this.#checkEvents(world, rows, states);
    this.#rows = rows;
    this.#states = states;
    this.#handed = new Set();
  }

  async #readTasks({ engine }: World): Promise<Map<string, TaskRow>> {
    const rows = await engine.read
      .selectFrom('task')
      .selectAll()
      .where('job_id', 'in', (eb) => eb.selectFrom('job').select('id').where('product_key', '=', this.#productKey))
      .orderBy('job_id')
      .orderBy('seq')
      .execute();
    return new Map(rows.map((row) => [taskId(row.job_id, row.seq), row]));
  }

  #checkTasks(rows: ReadonlyMap<string, TaskRow>): void {
    const seen = [...rows.values()].map((row) => ({
      job: this.#jobs.indexOf(row.job_id),
      device: row.device_id,
      source: row.src_version,
      status: row.status,
      progress: row.progress,
      retries: row.retries,
      retryAt: row.retry_at || undefined,
    }));
    const expected = this.#model.jobs.flatMap((job, index) =>
      job.tasks.map(({ device, source, status, progress, retries, retryAt }) => {
        const waits = status === 'NOTIFIED' || status === 'IN_PROGRESS';
        return { job: index, device, source, status, progress, retries, retryAt: waits ? retryAt : undefined };
      }),
    );
    expectSame(seen, expected);
  }

  #checkLaws(rows: ReadonlyMap<string, TaskRow>, { mayRepeat }: Occasion): void {
    for (const [id, row] of rows) {
      const before = this.#rows.get(id);
      if (!before && !born.has(row.status)) throw new Error(`task ${id} began as ${row.status}`);
      if (!before || before.status === row.status) continue;
      const arrow = `${before.status} ${row.status}`;
      if (!arrows.has(arrow) && !(mayRepeat && repeating.has(arrow))) throw new Error(`task ${id} went ${arrow}`);
      if (arrow === 'QUEUED NOTIFIED' && !this.#handed.has(id)) throw new Error(`task ${id} was told to nobody`);
    }
    for (const [id, before] of this.#rows) {
      if (!unfinished(before) && rows.get(id)?.status === before.status) expectSame(rows.get(id), before);
    }
    for (const id of this.#handed) expect(['NOTIFIED', 'IN_PROGRESS']).toContain(rows.get(id)?.status);
  }

  /** Who is connected is called for everything that he can be told from now on, or is asked about as he arrives. */
  #checkCalls({ clock, nudges }: World, { isQuiet, arrived }: Occasion): void {
    const rung = new Set(nudges.flatMap((nudge) => (nudge.kind === 'push' ? nudge.deviceIds : [])));
    for (const task of this.#model.tasks) {
      const connection = this.#model.devices.get(task.device)?.connection;
      if (!connection || !this.#model.isFresh(task, clock.now())) {
        this.#called.delete(task);
      } else if (task.device === arrived || rung.has(task.device)) {
        this.#called.set(task, connection.id);
      } else if (this.#called.get(task) !== connection.id && !task.waits) {
        if (task.retryAt === undefined || !isQuiet)
          throw new Error(`nobody called ${task.device} for task ${this.idOf(task)}`);
      }
    }
    if (!isQuiet)
      for (const [index, { tasks }] of this.#model.jobs.entries()) this.#checkTurns(index, tasks, clock.now());
  }

  /** Those who wait for the push rate are called in turn: somebody, when there are places. */
  #checkTurns(job: number, tasks: readonly ModelTask[], now: number): void {
    const connectionOf = (task: ModelTask) => this.#model.devices.get(task.device)?.connection?.id;
    const waiting = tasks.filter((task) => task.waits && connectionOf(task) && this.#model.isFresh(task, now));
    const called = waiting.filter((task) => this.#called.get(task) === connectionOf(task));
    if (waiting.length > 0 && called.length === 0) throw new Error(`nobody was called for job ${this.#jobs[job]}`);
  }

  /** @returns the states of the jobs */
  async #checkJobs({ engine }: World): Promise<Map<string, string>> {
    const ofProduct = engine.read.selectFrom('job').where('job.product_key', '=', this.#productKey);
    const jobs = await ofProduct
      .innerJoin('firmware', 'firmware.id', 'job.firmware_id')
      .select(['job.id', 'job.status', 'job.task_total', 'firmware.status as package'])
      .orderBy('job.id')
      .execute();
    const seen = jobs.map((job) => [job.id, job.status, job.task_total, packageStates[job.package]]);
    const expected = this.#model.jobs.map((job, index) => [
      this.#jobs[index],
      job.status,
      job.tasks.length,
      job.package.status,
    ]);
    expectSame(seen, expected);
    return new Map(jobs.map((job) => [job.id, job.status]));
  }

  /** One event for each task that ended and each state that a job came to, and for nothing else. */
  async #checkEvents({ engine }: World, rows: ReadonlyMap<string, TaskRow>, states: ReadonlyMap<string, string>) {
    const events = await engine.read
      .selectFrom('event')
      .select(['id', 'payload'])
      .where('product_key', '=', this.#productKey)
      .where('id', '>', this.#event)
      .orderBy('id')
      .execute();
    this.#event = events.at(-1)?.id ?? this.#event;
    const told = events.map(({ payload }) => JSON.parse(payload) as { jobId: string; taskId?: string; status: string });
    const ofTasks = told.flatMap(({ taskId: id, status }) => (id === undefined ? [] : `${id} ${status}`));
    const ended = [...rows].flatMap(([id, { status }]) => {
      const before = this.#rows.get(id);
      const end = `${id} ${status}`;
      // nothing is told of a task that ended as it began, but one that was made and replaced in one step had begun
      const hasEnded = before ? unfinished(before) : status === 'CANCELED' && ofTasks.includes(end);
      return hasEnded && !unfinished({ status }) ? [end] : [];
    });
    expectSame(ofTasks.sort(), ended.sort());
    const ofJobs = new Map(told.flatMap((event) => (event.taskId ? [] : [[event.jobId, event.status] as const])));
    expectSame([...ofJobs].sort(), [...states].filter(([id, status]) => this.#states.get(id) !== status).sort());
  }

  async #checkDevices({ engine }: World): Promise<void> {
    const devices = await engine.read
      .selectFrom('device')
      .leftJoin('presence', 'presence.device_id', 'device.id')
      .select(['device.id', 'device.status', 'presence.connection_id'])
      .where('product_key', '=', this.#productKey)
      .where((eb) => eb.or([eb('device.name', '<', 'm'), eb('device.name', '>=', 'n')]))
      .orderBy('device.id')
      .execute();
    const expected = [...this.#model.devices.values()]
      .map((device) => [device.id, shown(device), device.connection?.id ?? null])
      .sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1));
    const seen = devices.map((device) => [device.id, device.status, device.connection_id]);
    expectSame(seen, expected);
  }
}

/** Makes someone listen to all that is told of tasks that end and of jobs. */
export async function listen({ engine, scope }: World, productKey: string): Promise<void> {
  const types = ['ota.task.succeeded', 'ota.task.failed', 'ota.task.canceled', 'ota.job.updated'];
  const common = { instance_id: scope.instanceId, product_key: productKey, consumer: 'webhook:witness' };
  const rows = types.map((type) => ({ ...common, type }));
  await engine.transaction(({ db }) => db.insertInto('event_route').values(rows).execute());
}

/** As `toEqual`, which takes its time for large lists that are the same. */
function expectSame(seen: unknown, expected: unknown): void {
  if (JSON.stringify(seen) !== JSON.stringify(expected)) expect(seen).toEqual(expected);
}

const packageStates: Readonly<Record<number, string>> = {
  [-1]: 'exempt',
  0: 'unverified',
  1: 'verified',
  2: 'verifying',
  3: 'failed',
};

/** The status of a device as the database has it: 0 inactive, 1 online, 3 offline, 8 disabled. */
function shown({ disabled, connection, activated }: ModelDevice): number {
  if (disabled) return 8;
  if (connection) return 1;
  return activated ? 3 : 0;
}
