import { expect } from 'vitest';
import { cancelTasksOfDevices, cancelTasksOfJob } from '../../../../src/domain/cancel.ts';
import { confirmTasks } from '../../../../src/domain/confirm.ts';
import { createDeviceServices } from '../../../../src/domain/create-device-services.ts';
import type { DeviceRef, DeviceServices } from '../../../../src/domain/device-services.ts';
import { disable, enable } from '../../../../src/domain/device-states.ts';
import { deleteDevice, registerDevice } from '../../../../src/domain/devices.ts';
import { settleDueTasks } from '../../../../src/domain/due-tasks.ts';
import { packageStatus } from '../../../../src/domain/firmware.ts';
import { createVerifyJob } from '../../../../src/domain/jobs.ts';
import { buryDeadNodes, keepNodeAlive } from '../../../../src/domain/presence.ts';
import { createProduct } from '../../../../src/domain/products.ts';
import { reupgradeTasks } from '../../../../src/domain/reupgrade.ts';
import { jobsToAdvance } from '../../../../src/domain/rollout/advance.ts';
import { materialiseChunk } from '../../../../src/domain/rollout/materialise.ts';
import { taskId } from '../../../../src/domain/task-id.ts';
import { changeJob } from '../../../../src/domain/update-job.ts';
import type { TestDatabase } from '../../../support/engines.ts';
import { MINUTE, OLD, reopen, type World } from '../world.ts';
import {
  Model,
  type ModelDevice,
  type ModelJob,
  type ModelPackage,
  type ModelTask,
  type Selection,
  unfinished,
} from './model.ts';
import { DEVICES, NODES, type Step, type Steps } from './steps.ts';
import { listen, Witness } from './witness.ts';

/** How long a node that has died counts as alive. */
const NODE_LEASE = 12_000;
/**
 * Devices that never connect, between those with names in `a` and those in `z`: a job for ALL gets its tasks in two
 * steps, and much can happen between them.
 */
const OTHERS = 1_000;
const nameOf = (index: number) => `${index % 2 ? 'z' : 'a'}-device-${String(index).padStart(2, '0')}`;

/** The same story told to the server and to the model. */
export class Story {
  #world: World;
  #nodes: ReadonlyMap<string, DeviceServices>;
  readonly #database: TestDatabase;
  readonly #productKey: string;
  readonly #model = new Model();
  /** Devices by their number, as they exist or existed last. */
  readonly #devices: DeviceRef[];
  readonly #jobs: string[] = [];
  readonly #packages: ModelPackage[] = [];
  readonly #firmwareIds: string[] = [];
  /** Connections of devices that may still be ended, the newest last. */
  readonly #connections = new Map<string, { readonly node: string; readonly id: string }[]>();
  readonly #witness: Witness;
  readonly #dead = new Set<string>();
  /** Jobs that schedulers have been called to and have not looked at since. */
  readonly #rung = new Set<string>();
  #connects = 0;
  #steps = 0;

  private constructor(world: World, database: TestDatabase, productKey: string, devices: DeviceRef[]) {
    this.#world = world;
    this.#nodes = nodesOf(world);
    this.#database = database;
    this.#productKey = productKey;
    this.#devices = devices;
    this.#witness = new Witness(this.#model, this.#jobs, productKey);
    for (const { deviceId: id, deviceName: name } of devices)
      this.#addDevice({ id, name, versions: new Map([['default', OLD]]), activated: true, disabled: false });
  }

  static async begin(world: World, database: TestDatabase, name: string): Promise<Story> {
    const { key } = await createProduct(world.deps, world.scope, { name, nodeType: 0 });
    await listen(world, key);
    const others = Array.from({ length: OTHERS }, (_, index) => `m-${index}`);
    await world.devices(others, { productKey: key, version: null, activated: false });
    const names = Array.from({ length: DEVICES }, (_, index) => nameOf(index));
    return new Story(world, database, key, await world.devices(names, { productKey: key }));
  }

  /** The world after the last restart. */
  get world(): World {
    return this.#world;
  }

  get productKey(): string {
    return this.#productKey;
  }

  /** Does a step, and sees that the server came to the same as the model and broke no law on its way. */
  async tell(step: Step): Promise<void> {
    try {
      await this.#tell(step);
    } catch (error) {
      throw new Error(`${JSON.stringify(step)}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }

  async #tell(step: Step): Promise<void> {
    this.#world.nudges.length = 0;
    await this.#do(step);
    this.#hear();
    this.#steps += 1;
    const device = 'device' in step ? this.#devices[step.device]?.deviceId : undefined;
    await this.#witness.check(this.#world, {
      mayRepeat: step.kind === 'reupgrade',
      isQuiet: !(step.kind === 'pass' && !step.asleep),
      arrived: step.kind === 'connect' ? device : undefined,
      isThorough: this.#steps % 5 === 0,
    });
  }

  async #do(step: Step): Promise<void> {
    const world = this.#world;
    const model = this.#model;
    const { deps, scope, clock } = world;
    const now = clock.now();
    switch (step.kind) {
      case 'nothing':
        return;
      case 'verify':
        return this.#verify(step);
      case 'job':
        return this.#createJob(step);
      case 'make': {
        const of = this.#job(step.job);
        if (!of) return;
        await materialiseChunk(deps, of.id);
        return model.makeTasks(of.job);
      }
      case 'cancel': {
        const of = this.#job(step.job);
        if (!of) return;
        return this.#agree(model.cancel(of.job, step.flags), () => cancelTasksOfJob(deps, scope, of.id, step.flags));
      }
      case 'cancelDevices': {
        const made = pick(this.#packages, step.package);
        if (!made) return;
        const of = step.job === undefined ? undefined : this.#job(step.job);
        const devices = step.devices.map((index) => this.#devices[index] as DeviceRef);
        const input = {
          firmwareId: this.#firmwareIds[this.#packages.indexOf(made)] as string,
          productKey: this.#productKey,
          deviceNames: devices.map((device) => device.deviceName),
          jobId: of?.id,
        };
        const ids = devices.map((device) => device.deviceId);
        return this.#agree(model.cancelDevices(made, ids, of?.job), () => cancelTasksOfDevices(deps, scope, input));
      }
      case 'confirm': {
        const tasks = this.#pickTasks(model.tasks, step.tasks, step.waiting && ((task) => task.status === 'CONFIRM'));
        if (tasks.length === 0) return;
        const ids = tasks.map((task) => this.#witness.idOf(task));
        return this.#agree(model.confirm(tasks, now), () => confirmTasks(deps, scope, ids));
      }
      case 'reupgrade': {
        const of = this.#job(step.job);
        if (!of) return;
        const { job, id } = of;
        const over = (task: ModelTask) => task.status === 'FAILED' || task.status === 'CANCELED';
        const tasks = this.#pickTasks(job.tasks, step.tasks, step.ended && over);
        const ids = tasks.length > 0 ? tasks.map((task) => this.#witness.idOf(task)) : [taskId(id, 0)];
        return this.#agree(model.reupgrade(job, tasks, now), () => reupgradeTasks(deps, scope, id, ids));
      }
      case 'changeRate': {
        const of = this.#job(step.job);
        if (!of) return;
        const { maximumPerMinute } = step;
        const update = { maximumPerMinute, target: 'ALL', upgradeType: 'STATIC', timeoutMinutes: undefined, tags: [] };
        return this.#agree(model.changeRate(of.job, maximumPerMinute), () => changeJob(deps, scope, of.id, update));
      }
      case 'claim': {
        const devices = step.devices.map((index) => this.#devices[index] as DeviceRef);
        return this.#claim(devices, step.all);
      }
      case 'inform':
        return this.#inform(step);
      case 'progress': {
        const { device, module } = this.#about(step);
        await world.progress(device, step.step, '', module);
        return model.progress(device.deviceId, module, step.step, now);
      }
      case 'get': {
        const { device, module } = this.#about(step);
        const [reply] = await world.node.report(device, { kind: 'get', id: '1', module });
        expect(reply?.notice.package !== undefined).toBe(reply?.taskId !== undefined);
        return this.#witness.handedOut([reply?.taskId], [model.get(device.deviceId, module)]);
      }
      case 'request': {
        const device = this.#devices[step.device] as DeviceRef;
        const replies = await world.node.report(device, { kind: 'request', id: '1', version: OLD });
        return this.#witness.handedOut(
          replies.map((reply) => reply.taskId),
          [model.get(device.deviceId, 'default')],
        );
      }
      case 'pass':
        return this.#pass(step.ms, step.asleep);
      case 'connect':
        return this.#connect(step);
      case 'disconnect': {
        const { deviceId } = this.#devices[step.device] as DeviceRef;
        const known = this.#connections.get(deviceId) ?? [];
        const one = step.late ? known.shift() : known.pop();
        if (one) await this.#disconnect(step.device, one);
        return;
      }
      case 'nodeDies':
        // it renews no lease any more; its devices hear nothing
        this.#dead.add(step.node);
        return;
      case 'disable':
        return this.#disable(step);
      case 'register': {
        const { deviceId, deviceName: name } = this.#devices[step.device] as DeviceRef;
        if (model.devices.has(deviceId)) return;
        const { id } = await registerDevice(deps, scope, { productKey: this.#productKey, name });
        this.#devices[step.device] = { deviceId: id, productKey: this.#productKey, deviceName: name };
        return this.#addDevice({ id, name, versions: new Map(), activated: false, disabled: false });
      }
      case 'remove': {
        const { deviceId: id } = this.#devices[step.device] as DeviceRef;
        if (!model.devices.has(id)) return;
        await deleteDevice(deps, scope, { id });
        return model.remove(id);
      }
      case 'restart':
        await world.engine[Symbol.asyncDispose]();
        this.#world = await reopen(world, this.#database);
        this.#nodes = nodesOf(this.#world);
        return;
    }
  }

  #addDevice(device: ModelDevice): void {
    this.#model.devices.set(device.id, device);
  }

  /** A job and its id, if there is any job. */
  #job(number: number): { readonly job: ModelJob; readonly id: string } | undefined {
    const job = pick(this.#model.jobs, number);
    return job && { job, id: this.#jobs[this.#model.jobs.indexOf(job)] as string };
  }

  /** Different tasks, in any order; of those that fit, unless anything goes. */
  #pickTasks(tasks: readonly ModelTask[], numbers: readonly number[], fits: false | ((task: ModelTask) => boolean)) {
    const candidates = fits ? tasks.filter(fits) : tasks;
    return [...new Set(numbers.flatMap((number) => pick(candidates, number) ?? []))];
  }

  /** The server takes a call exactly when the model does. */
  async #agree(taken: boolean, call: () => Promise<unknown>): Promise<void> {
    const refusal = taken ? await call().then(() => 'none') : await this.#world.refusal(call);
    expect(taken ? refusal : refusal !== 'none').toBe(taken ? 'none' : true);
  }

  async #package(step: Steps['job']['package']): Promise<[ModelPackage, string]> {
    const { module, target, exempt, again } = step;
    const earlier = again === undefined ? undefined : pick(this.#packages, again);
    if (earlier) return [earlier, this.#firmwareIds[this.#packages.indexOf(earlier)] as string];
    const source = step.source === target ? undefined : step.source;
    const id = await this.#world.firmware({
      module,
      dest_version: target,
      product_key: this.#productKey,
      status: exempt ? packageStatus.exempt : packageStatus.unverified,
      type: source === undefined ? 0 : 1,
      src_version: source ?? '',
    });
    const made: ModelPackage = { module, target, source, status: exempt ? 'exempt' : 'unverified' };
    this.#packages.push(made);
    this.#firmwareIds.push(id);
    return [made, id];
  }

  #living(numbers: readonly number[]): DeviceRef[] {
    const named = numbers.map((index) => this.#devices[index] as DeviceRef);
    return named.filter((device) => this.#model.devices.has(device.deviceId));
  }

  async #verify(step: Steps['verify']): Promise<void> {
    const { needPush, needConfirm, timeoutMinutes } = step;
    const names = this.#living(step.devices).map((device) => device.deviceName);
    if (names.length === 0) return;
    const [made, firmwareId] = await this.#package(step.package);
    const settings = { needPush, needConfirm, timeoutMinutes };
    const selection = { parts: [({ name }: ModelDevice) => names.includes(name)], names, sources: [] };
    const input = { firmwareId, productKey: this.#productKey, deviceNames: names, settings };
    await this.#create({ package: made, selection, settings, verifies: true }, () =>
      createVerifyJob(this.#world.deps, this.#world.scope, input).then(({ id }) => id),
    );
  }

  async #createJob(step: Steps['job']): Promise<void> {
    const devices = step.devices && this.#living(step.devices);
    if (devices?.length === 0) return;
    const [made, firmwareId] = await this.#package(step.package);
    const scheduleAt = step.start === undefined ? undefined : this.#world.clock.now() + step.start * MINUTE;
    const settings = {
      ...step.conflicts,
      ...step.retry,
      timeoutMinutes: step.timeoutMinutes,
      maximumPerMinute: step.maximumPerMinute,
      needPush: step.needPush,
      needConfirm: step.needConfirm,
      scheduleAt,
      scheduleFinishAt: scheduleAt !== undefined && step.forced ? scheduleAt + 60 * MINUTE : undefined,
    };
    const names = devices?.map((device) => device.deviceName);
    const selection: Selection = names
      ? { parts: [({ name }) => names.includes(name)], names, sources: [] }
      : {
          parts: [({ activated, name }) => activated && name < 'm', ({ activated, name }) => activated && name > 'm'],
          names,
          sources: step.sources,
        };
    const srcVersions = names ? undefined : step.sources;
    await this.#create({ package: made, selection, settings, verifies: false }, () =>
      this.#world.job({ ...settings, firmwareId, productKey: this.#productKey, devices, srcVersions }),
    );
  }

  async #create(job: Pick<ModelJob, 'package' | 'selection' | 'settings' | 'verifies'>, call: () => Promise<string>) {
    const made = this.#model.create(job);
    await this.#agree(made !== undefined, async () => this.#jobs.push(await call()));
  }

  async #claim(devices: readonly DeviceRef[], all: boolean): Promise<void> {
    const pushes = await this.#world.node.claim(devices, all ? 'all' : 'fresh');
    const ids = devices.map((device) => device.deviceId);
    const expected = this.#model.claim(ids, all, this.#world.clock.now());
    this.#witness.handedOut(
      pushes.map((push) => push.taskId),
      expected,
    );
  }

  /** Who says something of what. */
  #about(step: Pick<Steps['inform'], 'device' | 'module' | 'task'>): {
    readonly device: DeviceRef;
    readonly module: string;
  } {
    const told = this.#model.tasks.filter(({ status }) => status === 'NOTIFIED' || status === 'IN_PROGRESS');
    const task = step.task === undefined ? undefined : pick(told, step.task);
    const device = task && this.#devices.find(({ deviceId }) => deviceId === task.device);
    if (task && device) return { device, module: task.job.package.module };
    return { device: this.#devices[step.device] as DeviceRef, module: step.module };
  }

  async #inform(step: Steps['inform']): Promise<void> {
    const { device, module } = this.#about(step);
    const { version } = step;
    if (!this.#model.devices.has(device.deviceId)) return;
    for (let times = step.twice ? 2 : 1; times > 0; times -= 1) {
      const replies = await this.#world.inform(device, version, module);
      this.#witness.handedOut(
        replies.map((reply) => reply.taskId),
        [this.#model.inform(device.deviceId, module, version, this.#world.clock.now())],
      );
    }
  }

  async #pass(ms: number, asleep: boolean): Promise<void> {
    const { clock, deps } = this.#world;
    await clock.advance(ms);
    for (const node of NODES.filter((name) => !this.#dead.has(name))) await this.#keepAlive(node);
    if (asleep) return;
    while ((await settleDueTasks(deps, 5)) === 5);
    const due = new Set(await jobsToAdvance(deps, 1_000));
    for (const job of this.#jobs) {
      this.#hear();
      if (!this.#rung.delete(job) && !due.has(job)) continue;
      await this.#world.advance(job);
      this.#rung.delete(job);
    }
    await buryDeadNodes(deps);
    this.#model.pass(clock.now());
  }

  #hear(): void {
    for (const nudge of this.#world.nudges) if (nudge.kind === 'job') this.#rung.add(nudge.jobId);
  }

  async #keepAlive(node: string): Promise<void> {
    await keepNodeAlive(this.#world.deps, node);
    this.#model.nodes.set(node, this.#world.clock.now() + NODE_LEASE);
  }

  /** A node that had died has been started anew by now. */
  async #connect({ device: index, node }: Steps['connect']): Promise<void> {
    const device = this.#devices[index] as DeviceRef;
    const model = this.#model.devices.get(device.deviceId);
    // one that is disabled is not let in
    if (!model || model.disabled) return;
    this.#dead.delete(node);
    await this.#keepAlive(node);
    const connection = { node, id: `connection-${++this.#connects}` };
    await this.#nodes.get(node)?.connected(device, { connectionId: connection.id, ip: '10.0.0.1' });
    this.#connections.set(device.deviceId, [...(this.#connections.get(device.deviceId) ?? []), connection]);
    model.connection = connection;
    model.activated = true;
  }

  async #disconnect(index: number, { node, id }: { readonly node: string; readonly id: string }): Promise<void> {
    const device = this.#devices[index] as DeviceRef;
    await this.#nodes.get(node)?.disconnected(device, id);
    const model = this.#model.devices.get(device.deviceId);
    if (model?.connection?.id === id) model.connection = undefined;
  }

  async #disable({ device: index, enable: again }: Steps['disable']): Promise<void> {
    const { deps, scope } = this.#world;
    const { deviceId: id } = this.#devices[index] as DeviceRef;
    const model = this.#model.devices.get(id);
    if (!model) return;
    await (again ? enable : disable)(deps, scope, { id });
    model.disabled = !again;
    // its node ends the connection
    if (model.disabled && model.connection) await this.#disconnect(index, model.connection);
  }

  /** Devices, users and servers do what they should: whatever has happened, everything comes to an end. */
  async end(): Promise<void> {
    const everybody = this.#devices.map((_, index) => index);
    for (const device of everybody) {
      await this.tell({ kind: 'disable', device, enable: true });
      await this.tell({ kind: 'connect', device, node: 'node-1' });
    }
    for (let round = 0; this.#model.tasks.some(unfinished) && round < 20; round += 1) {
      await this.tell({ kind: 'pass', ms: 10 * MINUTE, asleep: false });
      for (const [index, task] of this.#model.tasks.entries())
        if (task.status === 'CONFIRM' && task.job.status === 'IN_PROGRESS')
          await this.tell({ kind: 'confirm', tasks: [index], waiting: false });
      await this.tell({ kind: 'claim', devices: everybody, all: true });
      for (const task of this.#model.tasks.filter(unfinished)) {
        const device = this.#devices.findIndex(({ deviceId }) => deviceId === task.device);
        const { module, target } = task.job.package;
        const about = { device, module, task: undefined };
        if (task.status === 'QUEUED') await this.tell({ kind: 'get', ...about });
        if (task.status !== 'CONFIRM') await this.tell({ kind: 'inform', ...about, version: target, twice: false });
      }
    }
    await this.tell({ kind: 'pass', ms: 24 * 60 * MINUTE, asleep: false });
    expect(this.#model.tasks.filter(unfinished)).toEqual([]);
    expect(
      this.#model.jobs.map((job) => job.status).filter((status) => !['COMPLETED', 'CANCELED'].includes(status)),
    ).toEqual([]);
  }
}

const nodesOf = ({ deps }: World) => new Map(NODES.map((name) => [name, createDeviceServices(deps, name)]));

const pick = <T>(list: readonly T[], number: number): T | undefined => list.at(number % Math.max(1, list.length));
