import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { settleDueTasks } from '../../../src/domain/due-tasks.ts';
import type { RolloutSettings } from '../../../src/domain/job-settings.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { parseTaskId } from '../../../src/domain/task-id.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { Model, type ModelTask } from './model.ts';
import { createWorld, expectConsistent, MINUTE, OLD, reopen, type World } from './world.ts';

const DEVICES = 14;
const modules = ['default', 'MCU'] as const;
const versions = [OLD, '2.0.0', '3.0.0'] as const;
const [, ...targets] = versions;

const anyDevice = fc.nat(DEVICES - 1);
const someDevices = fc.uniqueArray(anyDevice, { minLength: 1, maxLength: DEVICES });
const anyModule = fc.constantFrom(...modules, 'default');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const newJob = fc.record({
  kind: fc.constant('job' as const),
  module: anyModule,
  target: fc.constantFrom(...targets),
  devices: optional(someDevices),
  conflicts: fc.constantFrom<RolloutSettings>(
    {},
    { overwriteMode: 1 },
    { overwriteMode: 2 },
    { multiModule: true },
    { multiModule: true },
  ),
  retry: fc.constantFrom<RolloutSettings>(
    {},
    { retryInterval: 0, retryCount: 1 },
    { retryInterval: 10, retryCount: 2 },
  ),
  timeoutMinutes: fc.constantFrom(undefined, 15, 60),
  maximumPerMinute: fc.constantFrom(undefined, 10),
  needPush: fc.constantFrom(undefined, true, false),
  /** Minutes until the start; the end is an hour later. */
  schedule: fc.constantFrom(undefined, undefined, undefined, 5, 30),
});
const step = fc.oneof(
  { withCrossShrink: true },
  // what a failing story is shortened by
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('nothing' as const) }) },
  { weight: 6, arbitrary: newJob },
  {
    weight: 14,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), devices: someDevices, all: fc.boolean() }),
  },
  {
    weight: 24,
    arbitrary: fc.record({
      kind: fc.constant('inform' as const),
      device: anyDevice,
      module: anyModule,
      version: fc.constantFrom(...versions),
    }),
  },
  {
    weight: 36,
    arbitrary: fc.record({
      kind: fc.constant('progress' as const),
      device: anyDevice,
      module: anyModule,
      step: fc.constantFrom(-4, -1, -1, 0, 10, 50, 100),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('get' as const), device: anyDevice, module: anyModule }) },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 1_000, 20_000, MINUTE, 5 * MINUTE, 10 * MINUTE, 60 * MINUTE),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('connect' as const), device: anyDevice, end: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), device: anyDevice }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The same story told to the server and to the model. */
class Story {
  #world: World;
  readonly #database: TestDatabase;
  readonly #productKey: string;
  readonly #devices: DeviceRef[];
  readonly #model = new Model();
  readonly #jobs: string[] = [];
  readonly #connected = new Map<string, string>();

  private constructor(world: World, database: TestDatabase, productKey: string, devices: DeviceRef[]) {
    this.#world = world;
    this.#database = database;
    this.#productKey = productKey;
    this.#devices = devices;
    for (const { deviceId } of devices) this.#model.versions.set(deviceId, new Map([['default', OLD]]));
  }

  static async begin(world: World, database: TestDatabase, name: string): Promise<Story> {
    const { key } = await createProduct(world.deps, world.scope, { name, nodeType: 0 });
    const names = Array.from({ length: DEVICES }, (_, index) => `dev-${String(index).padStart(2, '0')}`);
    return new Story(world, database, key, await world.devices(names, { productKey: key }));
  }

  get world(): World {
    return this.#world;
  }

  async tell(step: Step): Promise<void> {
    const world = this.#world;
    const { clock, node } = world;
    const model = this.#model;
    const device = 'device' in step ? (this.#devices[step.device] as DeviceRef) : undefined;
    const lives = device && model.versions.has(device.deviceId);
    switch (step.kind) {
      case 'nothing':
        return;
      case 'job':
        return this.#create(step);
      case 'claim': {
        const devices = step.devices.map((index) => this.#devices[index] as DeviceRef);
        const pushes = await node.claim(devices, step.all ? 'all' : 'fresh');
        const expected = model.claim(
          devices.map((each) => each.deviceId),
          step.all,
          clock.now(),
        );
        expect(pushes.map((push) => this.#nameOf(push.taskId)).sort()).toEqual(expected.map(nameOf(model)).sort());
        return;
      }
      case 'inform': {
        if (!device || !lives) return;
        const replies = await world.inform(device, step.version, step.module);
        expect(replies).toHaveLength(model.inform(device.deviceId, step.module, step.version, clock.now()) ? 1 : 0);
        return;
      }
      case 'progress':
        if (!device) return;
        await world.progress(device, step.step, '', step.module);
        model.progress(device.deviceId, step.module, step.step, clock.now());
        return;
      case 'get': {
        if (!device) return;
        const [reply] = await node.report(device, { kind: 'get', id: '1', module: step.module });
        expect(reply?.notice.package !== undefined).toBe(model.get(device.deviceId, step.module));
        return;
      }
      case 'pass':
        await clock.advance(step.ms);
        while ((await settleDueTasks(world.deps, 5)) === 5);
        for (const job of this.#jobs) await world.advance(job);
        model.pass(clock.now());
        return;
      case 'connect': {
        if (!device || !lives) return;
        const connection = this.#connected.get(device.deviceId);
        if (!step.end) {
          const next = `connection-${clock.now()}`;
          await world.connect(device, next);
          this.#connected.set(device.deviceId, next);
        } else if (connection !== undefined) {
          await node.disconnected(device, connection);
          this.#connected.delete(device.deviceId);
        }
        return;
      }
      case 'delete':
        if (!device || !lives) return;
        await deleteDevice(world.deps, world.scope, { id: device.deviceId });
        model.remove(device.deviceId);
        return;
      case 'restart':
        await world.engine[Symbol.asyncDispose]();
        this.#world = await reopen(world, this.#database);
        return;
    }
  }

  async #create(step: Extract<Step, { kind: 'job' }>): Promise<void> {
    const { clock } = this.#world;
    const living = this.#devices.filter((device) => this.#model.versions.has(device.deviceId));
    const named = step.devices
      ?.map((index) => this.#devices[index] as DeviceRef)
      .filter((device) => living.includes(device));
    if (named?.length === 0) return;
    const scheduleAt = step.schedule === undefined ? undefined : clock.now() + step.schedule * MINUTE;
    const settings: RolloutSettings = {
      ...step.conflicts,
      ...step.retry,
      timeoutMinutes: step.timeoutMinutes,
      maximumPerMinute: step.maximumPerMinute,
      needPush: step.needPush,
      scheduleAt,
      scheduleFinishAt: scheduleAt === undefined ? undefined : scheduleAt + 60 * MINUTE,
    };
    const { module, target } = step;
    const firmwareId = await this.#world.firmware({ module, dest_version: target, product_key: this.#productKey });
    this.#world.nudges.length = 0;
    const job = await this.#world.job({ ...settings, firmwareId, productKey: this.#productKey, devices: named });
    this.#jobs.push(job);
    this.#model.create(
      settings,
      module,
      target,
      (named ?? living).map((device) => device.deviceId),
    );
    const called = this.#world.nudges.flatMap((nudge) => (nudge.kind === 'push' ? nudge.deviceIds : []));
    const begun = scheduleAt === undefined && step.needPush !== false;
    const queued = this.#model.jobs.at(-1)?.tasks.filter((task) => begun && task.status === 'QUEUED') ?? [];
    expect([...called].sort()).toEqual(
      queued
        .map((task) => task.device)
        .filter((id) => this.#connected.has(id))
        .sort(),
    );
  }

  #nameOf(taskId: string): string {
    const { jobId, seq } = parseTaskId(taskId) ?? { jobId: '', seq: -1 };
    return `${this.#jobs.indexOf(jobId)}/${seq}`;
  }

  /** The server has come to the same as the model. */
  async compare(): Promise<void> {
    const db = this.#world.engine.read;
    const rows = await db
      .selectFrom('task')
      .innerJoin('job', 'job.id', 'task.job_id')
      .select([
        'job_id',
        'device_id',
        'task.status',
        'retries',
        'first_progress_at',
        'retry_at',
        'job.status as job_status',
      ])
      .where('product_key', '=', this.#productKey)
      .orderBy('job_id')
      .orderBy('seq')
      .execute();
    const seen = rows.map((row) => [
      row.job_id,
      row.device_id,
      row.status,
      row.retries,
      row.retry_at ?? undefined,
      row.job_status,
    ]);
    const expected = this.#model.jobs.flatMap((job, index) =>
      job.tasks.map((task) => {
        const waiting = ['NOTIFIED', 'IN_PROGRESS'].includes(task.status) ? task.retryAt : undefined;
        return [this.#jobs[index], task.device, task.status, task.retries, waiting, job.status];
      }),
    );
    expect(seen).toEqual(expected);
  }
}

const nameOf = (model: Model) => (task: ModelTask) => `${model.jobs.indexOf(task.job)}/${task.job.tasks.indexOf(task)}`;

eachEngine('jobs, tasks and devices', (database) => {
  it('come to what the rules say, whatever happens in whatever order', async () => {
    let world = await createWorld(database);
    let stories = 0;
    const anyStory = fc.array(step, { minLength: 300, maxLength: 300, size: 'max' });
    await fc.assert(
      fc.asyncProperty(anyStory, async (steps) => {
        const story = await Story.begin(world, database, `story_${++stories}`);
        for (const [index, each] of steps.entries()) {
          await story.tell(each);
          world = story.world;
          await story.compare();
          if (index % 50 === 49) await expectConsistent(world);
        }
      }),
      // a failing story is shortened by running it again, by its seed, without this
      { numRuns: 4, endOnFailure: true },
    );
    await expectConsistent(world);
  });
});
