import { expect } from 'vitest';
import { cancelStrategy, cancelTasksOfDevices, cancelTasksOfJob } from '../../../../src/domain/cancel.ts';
import { confirmTasks } from '../../../../src/domain/confirm.ts';
import type { DeviceRef } from '../../../../src/domain/device-services.ts';
import { deleteDevice, registerDevice } from '../../../../src/domain/devices.ts';
import { settleDueTasks } from '../../../../src/domain/due-tasks.ts';
import { addToGroup, removeFromGroup } from '../../../../src/domain/group-members.ts';
import { callWaiting } from '../../../../src/domain/push-calls.ts';
import { reupgradeTasks } from '../../../../src/domain/reupgrade.ts';
import { jobsToAdvance } from '../../../../src/domain/rollout/advance.ts';
import { materialiseChunk } from '../../../../src/domain/rollout/materialise.ts';
import { taskId } from '../../../../src/domain/task-id.ts';
import { changeJob } from '../../../../src/domain/update-job.ts';
import type { TestDatabase } from '../../../support/engines.ts';
import { MINUTE, OLD, type World } from '../world.ts';
import { unfinished } from './model-jobs.ts';
import type { ModelTask } from './model-types.ts';
import { Network } from './network.ts';
import { Rollouts } from './rollouts.ts';
import { nameOf, pick, Stage } from './stage.ts';
import type { Step, Steps } from './steps.ts';

/** The same story told to the server and to the model. */
export class Story {
  readonly #stage: Stage;
  readonly #rollouts: Rollouts;
  readonly #network: Network;
  /** Jobs that schedulers have been called to and have not looked at since. */
  readonly #rung = new Set<string>();
  #steps = 0;

  private constructor(stage: Stage) {
    this.#stage = stage;
    this.#rollouts = new Rollouts(stage);
    this.#network = new Network(stage);
  }

  static async begin(world: World, database: TestDatabase, name: string): Promise<Story> {
    return new Story(await Stage.open(world, database, name));
  }

  /** The world after the last restart. */
  get world(): World {
    return this.#stage.world;
  }

  get productKey(): string {
    return this.#stage.productKey;
  }

  /** Does a step, and sees that the server came to the same as the model and broke no law on its way. */
  async tell(step: Step): Promise<void> {
    try {
      if (step.kind !== 'inform') return await this.#tell(step);
      const { device, module } = this.#about(step);
      const same = { ...step, device: this.#stage.devices.indexOf(device), module, task: undefined };
      for (let times = step.twice ? 2 : 1; times > 0; times -= 1) await this.#tell(same);
    } catch (error) {
      throw new Error(`${JSON.stringify(step)}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }

  async #tell(step: Step): Promise<void> {
    this.#stage.world.nudges.length = 0;
    await this.#do(step);
    this.#hear();
    this.#steps += 1;
    const device = 'device' in step ? this.#stage.devices[step.device]?.deviceId : undefined;
    await this.#stage.witness.check(this.#stage.world, {
      mayRepeat: step.kind === 'reupgrade',
      isQuiet: !(step.kind === 'pass' && !step.asleep),
      arrived: step.kind === 'connect' ? device : undefined,
      isThorough: this.#steps % 5 === 0,
    });
  }

  async #do(step: Step): Promise<void> {
    const world = this.#stage.world;
    const model = this.#stage.model;
    const { deps, scope, clock } = world;
    const now = clock.now();
    switch (step.kind) {
      case 'nothing':
        return;
      case 'verify':
        return this.#rollouts.verify(step);
      case 'job':
        return this.#rollouts.start(step);
      case 'make': {
        const of = this.#stage.job(step.job);
        if (!of) return;
        await materialiseChunk(deps, of.id);
        await this.#rollouts.learn(of.job, of.id);
        return model.makeTasks(of.job);
      }
      case 'cancel': {
        const of = this.#stage.job(step.job);
        if (!of) return;
        return this.#stage.agree(model.cancel(of.job, step.flags), () =>
          cancelTasksOfJob(deps, scope, of.id, step.flags),
        );
      }
      case 'cancelDevices': {
        const made = pick(this.#rollouts.packages, step.package);
        if (!made) return;
        const of = step.job === undefined ? undefined : this.#stage.job(step.job);
        const devices = step.devices.map((index) => this.#stage.device(index));
        const input = {
          firmwareId: this.#stage.firmwareIds[this.#rollouts.packages.indexOf(made)] as string,
          productKey: this.#stage.productKey,
          deviceNames: devices.map((device) => device.deviceName),
          jobId: of?.id,
        };
        const ids = devices.map((device) => device.deviceId);
        return this.#stage.agree(model.cancelDevices(made, ids, of?.job), () =>
          cancelTasksOfDevices(deps, scope, input),
        );
      }
      case 'confirm': {
        const tasks = this.#stage.tasks(model.tasks, step.tasks, step.waiting && ((task) => task.status === 'CONFIRM'));
        if (tasks.length === 0) return;
        const ids = tasks.map((task) => this.#stage.witness.idOf(task));
        return this.#stage.agree(model.confirm(tasks, now), () => confirmTasks(deps, scope, ids));
      }
      case 'reupgrade': {
        const of = this.#stage.job(step.job);
        if (!of) return;
        const { job, id } = of;
        const over = (task: ModelTask) => task.status === 'FAILED' || task.status === 'CANCELED';
        const tasks = this.#stage.tasks(job.tasks, step.tasks, step.ended && over);
        const ids = tasks.length > 0 ? tasks.map((task) => this.#stage.witness.idOf(task)) : [taskId(id, 0)];
        return this.#stage.agree(model.reupgrade(job, tasks, now), () => reupgradeTasks(deps, scope, id, ids));
      }
      case 'change': {
        const of = this.#stage.job(step.job);
        if (!of) return;
        const { maximumPerMinute, timeoutMinutes } = step;
        const upgradeType = of.job.kind === 'dynamic' ? 'DYNAMIC' : 'STATIC';
        const update = { maximumPerMinute, target: 'ALL', upgradeType, timeoutMinutes, tags: [] };
        return this.#stage.agree(model.change(of.job, maximumPerMinute, timeoutMinutes), () =>
          changeJob(deps, scope, of.id, update),
        );
      }
      case 'dynamic':
        return this.#rollouts.startDynamic(step);
      case 'cancelStrategy': {
        const of = this.#stage.job(step.job);
        if (!of) return;
        return this.#stage.agree(model.cancelStrategy(of.job), () => cancelStrategy(deps, scope, of.id));
      }
      case 'claim': {
        const devices = step.devices.map((index) => this.#stage.device(index));
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
        return this.#stage.witness.handedOut([reply?.taskId], [model.get(device.deviceId, module)]);
      }
      case 'request': {
        const device = this.#stage.device(step.device);
        const replies = await world.node.report(device, { kind: 'request', id: '1', version: OLD });
        return this.#stage.witness.handedOut(
          replies.map((reply) => reply.taskId),
          [model.get(device.deviceId, 'default')],
        );
      }
      case 'pass':
        return this.#pass(step.ms, step.asleep);
      case 'connect':
        return this.#network.connect(step);
      case 'disconnect':
        return this.#network.disconnect(step);
      case 'nodeDies':
        return this.#network.die(step.node);
      case 'disable':
        return this.#network.disable(step);
      case 'group': {
        const members = step.devices.map((index) => ({ productKey: this.#stage.productKey, name: nameOf(index) }));
        const input = { groupId: this.#stage.groupId, members };
        await (step.out ? removeFromGroup(deps, scope, input) : addToGroup(deps, scope, input));
        for (const { deviceId } of this.#stage.living(step.devices)) {
          const member = model.devices.get(deviceId);
          if (member) member.inGroup = !step.out;
        }
        return;
      }
      case 'register': {
        const { deviceId, deviceName: name } = this.#stage.device(step.device);
        if (model.devices.has(deviceId)) return;
        const { id } = await registerDevice(deps, scope, { productKey: this.#stage.productKey, name });
        this.#stage.devices[step.device] = { deviceId: id, productKey: this.#stage.productKey, deviceName: name };
        return this.#stage.addDevice({ id, name, versions: new Map(), activated: false });
      }
      case 'remove': {
        const { deviceId: id } = this.#stage.device(step.device);
        if (!model.devices.has(id)) return;
        await deleteDevice(deps, scope, { id });
        return model.remove(id);
      }
      case 'restart':
        return this.#stage.restart();
    }
  }

  async #claim(devices: readonly DeviceRef[], all: boolean): Promise<void> {
    const pushes = await this.#stage.world.node.claim(devices, all ? 'all' : 'fresh');
    const ids = devices.map((device) => device.deviceId);
    const expected = this.#stage.model.claim(ids, all, this.#stage.world.clock.now());
    this.#stage.witness.handedOut(
      pushes.map((push) => push.taskId),
      expected,
    );
  }

  /** Who says something of what. */
  #about(step: Pick<Steps['inform'], 'device' | 'module' | 'task'>): {
    readonly device: DeviceRef;
    readonly module: string;
  } {
    const told = this.#stage.model.tasks.filter(({ status }) => status === 'NOTIFIED' || status === 'IN_PROGRESS');
    const task = step.task === undefined ? undefined : pick(told, step.task);
    const device = task && this.#stage.devices.find(({ deviceId }) => deviceId === task.device);
    if (task && device) return { device, module: task.job.package.module };
    return { device: this.#stage.device(step.device), module: step.module };
  }

  async #inform(step: Steps['inform']): Promise<void> {
    const { device, module } = this.#about(step);
    const { version } = step;
    if (!this.#stage.model.devices.has(device.deviceId)) return;
    const replies = await this.#stage.world.inform(device, version, module);
    this.#stage.witness.handedOut(
      replies.map((reply) => reply.taskId),
      [this.#stage.model.inform(device.deviceId, module, version, this.#stage.world.clock.now())],
    );
  }

  async #pass(ms: number, asleep: boolean): Promise<void> {
    const { clock, deps } = this.#stage.world;
    await clock.advance(ms);
    await this.#network.keepAlive();
    if (asleep) return;
    while ((await settleDueTasks(deps, 5)) === 5);
    while (await callWaiting(deps, 2));
    const due = new Set(await jobsToAdvance(deps, 1_000));
    for (const job of this.#stage.jobs) {
      this.#hear();
      if (!this.#rung.delete(job) && !due.has(job)) continue;
      await this.#stage.world.advance(job);
      this.#rung.delete(job);
    }
    await this.#network.bury();
    for (const [index, job] of this.#stage.model.jobs.entries())
      await this.#rollouts.learn(job, this.#stage.jobs[index] as string);
    this.#stage.model.pass(clock.now());
  }

  #hear(): void {
    for (const nudge of this.#stage.world.nudges) if (nudge.kind === 'job') this.#rung.add(nudge.jobId);
  }

  /** Devices, users and servers do what they should: whatever has happened, everything comes to an end. */
  async end(): Promise<void> {
    const everybody = this.#stage.devices.map((_, index) => index);
    for (const device of everybody) {
      await this.tell({ kind: 'disable', device, enable: true });
      await this.tell({ kind: 'connect', device, node: 'node-1' });
    }
    for (const job of this.#stage.model.jobs.keys()) await this.tell({ kind: 'cancelStrategy', job });
    for (let round = 0; this.#stage.model.tasks.some(unfinished) && round < 20; round += 1) {
      await this.tell({ kind: 'pass', ms: 10 * MINUTE, asleep: false });
      for (const [index, task] of this.#stage.model.tasks.entries())
        if (task.status === 'CONFIRM' && task.job.status !== 'PLANNED')
          await this.tell({ kind: 'confirm', tasks: [index], waiting: false });
      await this.tell({ kind: 'claim', devices: everybody, all: true });
      for (const task of this.#stage.model.tasks.filter(unfinished)) {
        const device = this.#stage.devices.findIndex(({ deviceId }) => deviceId === task.device);
        const { module, target } = task.job.package;
        const about = { device, module, task: undefined };
        if (task.status === 'QUEUED') await this.tell({ kind: 'get', ...about });
        if (task.status !== 'CONFIRM') await this.tell({ kind: 'inform', ...about, version: target, twice: false });
      }
    }
    await this.tell({ kind: 'pass', ms: 24 * 60 * MINUTE, asleep: false });
    expect(this.#stage.model.tasks.filter(unfinished)).toEqual([]);
    expect(
      this.#stage.model.jobs.map((job) => job.status).filter((status) => !['COMPLETED', 'CANCELED'].includes(status)),
    ).toEqual([]);
  }
}
