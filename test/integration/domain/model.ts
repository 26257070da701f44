import type { RolloutSettings } from '../../../src/domain/job-settings.ts';
import type { TaskStatus } from '../../../src/store/schema.ts';

/**
 * What device-protocol 5 says of jobs and tasks, told once more and as simply as can be: every task is an object in a
 * list, everything is found by looking through all of them.
 */
export interface ModelTask {
  readonly job: ModelJob;
  readonly device: string;
  readonly source: string;
  status: TaskStatus;
  retries: number;
  firstProgressAt?: number;
  retryAt?: number | undefined;
  /** Next place in the push rate. */
  waitsUntil?: number | undefined;
}

export interface ModelJob {
  readonly settings: RolloutSettings;
  readonly module: string;
  readonly target: string;
  readonly tasks: ModelTask[];
  status: 'PLANNED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELED';
  readonly pushes: Map<number, number>;
}

const MINUTE = 60_000;
const minuteOf = (now: number) => Math.floor(now / MINUTE);
const unfinished = (task: ModelTask) => ['QUEUED', 'NOTIFIED', 'IN_PROGRESS'].includes(task.status);

export class Model {
  readonly jobs: ModelJob[] = [];
  /** Versions by device and module. */
  readonly versions = new Map<string, Map<string, string>>();

  activeOf(device: string): ModelTask[] {
    return this.jobs.flatMap((job) => job.tasks).filter((task) => task.device === device && unfinished(task));
  }

  /** @param devices those that the job is for, in the order of their tasks */
  create(settings: RolloutSettings, module: string, target: string, devices: readonly string[]): void {
    const status = settings.scheduleAt === undefined ? 'IN_PROGRESS' : 'PLANNED';
    const job: ModelJob = { settings, module, target, tasks: [], status, pushes: new Map() };
    for (const device of devices) {
      const source = this.versions.get(device)?.get(module) ?? '';
      if (source === target) continue;
      const rivals = this.activeOf(device).filter(
        (rival) => rival.job.module === module || !settings.multiModule || !rival.job.settings.multiModule,
      );
      const yields = (rival: ModelTask) =>
        rival.status !== 'IN_PROGRESS' &&
        (settings.overwriteMode === 2 || (settings.multiModule === true && rival.job.module === module));
      const refused = !rivals.every(yields);
      if (!refused) for (const rival of rivals) rival.status = 'CANCELED';
      job.tasks.push({ job, device, source, status: refused ? 'FAILED' : 'QUEUED', retries: 0 });
    }
    this.jobs.push(job);
  }

  /** @returns the tasks that are pushed */
  claim(devices: readonly string[], all: boolean, now: number): ModelTask[] {
    const tasks = this.jobs
      .flatMap((job) => job.tasks)
      .filter((task) => devices.includes(task.device) && unfinished(task));
    return tasks.filter((task) => this.#push(task, all, now));
  }

  #push(task: ModelTask, all: boolean, now: number): boolean {
    const { job } = task;
    if (job.status !== 'IN_PROGRESS' || job.settings.needPush === false) return false;
    if (task.retryAt !== undefined) {
      if (task.retryAt > now) return false;
      task.retryAt = undefined;
      return true;
    }
    if (task.status !== 'QUEUED') return all;
    if (task.waitsUntil !== undefined && task.waitsUntil > now) return false;
    const pushed = job.pushes.get(minuteOf(now)) ?? 0;
    if (pushed >= (job.settings.maximumPerMinute ?? 10_000)) {
      task.waitsUntil = (minuteOf(now) + 1) * MINUTE;
      return false;
    }
    job.pushes.set(minuteOf(now), pushed + 1);
    task.status = 'NOTIFIED';
    task.waitsUntil = undefined;
    return true;
  }

  #fail(task: ModelTask, now: number): void {
    const { retryInterval: interval, retryCount: most } = task.job.settings;
    if (interval === undefined || most === undefined || task.retries >= most) {
      task.status = 'FAILED';
      return;
    }
    task.retries += 1;
    task.retryAt = now + interval * MINUTE;
  }

  /** @returns whether the device is told its package in answer */
  inform(device: string, module: string, version: string, now: number): boolean {
    this.versions.get(device)?.set(module, version);
    const task = this.activeOf(device).find(({ job }) => job.module === module);
    if (!task) return false;
    if (version === task.job.target) {
      task.status = 'SUCCEEDED';
      return false;
    }
    const third = task.source !== '' && version !== task.source;
    if (task.status === 'IN_PROGRESS' && third && task.retryAt === undefined) {
      this.#fail(task, now);
      return false;
    }
    return this.#push(task, true, now);
  }

  progress(device: string, module: string, step: number, now: number): void {
    const task = this.activeOf(device).find(({ job }) => job.module === module);
    if (task?.job.status !== 'IN_PROGRESS') return;
    if (step < 0) {
      if (task.status !== 'QUEUED' && task.retryAt === undefined) this.#fail(task, now);
      return;
    }
    task.status = 'IN_PROGRESS';
    task.firstProgressAt ??= now;
    task.retryAt = undefined;
  }

  /** @returns whether there is a package for the device */
  get(device: string, module: string): boolean {
    const task = this.activeOf(device).find(({ job }) => job.module === module);
    if (task?.job.status !== 'IN_PROGRESS') return false;
    if (task.status === 'QUEUED') task.status = 'NOTIFIED';
    return true;
  }

  remove(device: string): void {
    for (const task of this.activeOf(device)) task.status = 'CANCELED';
    this.versions.delete(device);
  }

  /** The time is now `now`. */
  pass(now: number): void {
    for (const { settings, tasks } of this.jobs) {
      const limit = (settings.timeoutMinutes ?? Number.POSITIVE_INFINITY) * MINUTE;
      for (const task of tasks) {
        const late = task.firstProgressAt !== undefined && now >= task.firstProgressAt + limit;
        if (task.status === 'IN_PROGRESS' && late) task.status = 'FAILED';
      }
    }
    for (const job of this.jobs) {
      if (job.status === 'COMPLETED' || job.status === 'CANCELED') continue;
      const { scheduleAt, scheduleFinishAt } = job.settings;
      if (scheduleFinishAt !== undefined && now >= scheduleFinishAt) {
        for (const task of job.tasks.filter(unfinished)) task.status = 'CANCELED';
      }
      const allCanceled = job.tasks.length > 0 && job.tasks.every((task) => task.status === 'CANCELED');
      const begun = job.status === 'IN_PROGRESS' || now >= (scheduleAt ?? 0);
      if (begun) job.status = 'IN_PROGRESS';
      if (allCanceled) job.status = 'CANCELED';
      else if (begun && !job.tasks.some(unfinished)) job.status = 'COMPLETED';
    }
  }
}
