/**
 * What the vendor's documents say of jobs and tasks (device-protocol 5, openapi-ota 4 to 6), told once more and as
 * simply as can be: everything is an object in a list and is found by looking through all of them. It shares nothing
 * with the rules of the server.
 */

import { accepts, clash, ended, isOver, isPlanned, matches, runs, unfinished } from './model-jobs.ts';
import type { Flags, Gray, ModelDevice, ModelJob, ModelPackage, ModelTask, TaskStatus } from './model-types.ts';

const MINUTE = 60_000;

/** At most so many in any minute. */
const hasPlace = (job: ModelJob, now: number) =>
  job.pushes.filter((at) => at > now - MINUTE).length < (job.settings.maximumPerMinute ?? 10_000);

/** What a job is made of. */
export type NewModelJob = Pick<ModelJob, 'package' | 'selection' | 'settings' | 'kind' | 'mode'>;

export class Model {
  readonly jobs: ModelJob[] = [];
  /** Those that exist, by id. */
  readonly devices = new Map<string, ModelDevice>();
  /** Until when the nodes are taken for alive. */
  readonly nodes = new Map<string, number>();

  get tasks(): ModelTask[] {
    return this.jobs.flatMap((job) => job.tasks);
  }

  activeOf(device: string): ModelTask[] {
    return this.tasks.filter((task) => task.device === device && unfinished(task));
  }

  #activeOfModule(device: string, module: string): ModelTask | undefined {
    return this.activeOf(device).find(({ job }) => job.package.module === module);
  }

  /** @returns the job, unless it is refused */
  create(input: NewModelJob, now: number): ModelJob | undefined {
    const { package: made, selection, settings, kind, mode } = input;
    const status = settings.scheduleAt === undefined ? 'IN_PROGRESS' : 'PLANNED';
    const job: ModelJob = {
      ...{ ...input, status },
      ...{ tasks: [], made: 0, cancelsNew: false, pushes: [] },
    };
    if (kind === 'verification') {
      if (made.status !== 'unverified' && made.status !== 'failed') return undefined;
      const wanted = this.#meant(job, 0);
      if (!wanted.some((device) => accepts(job, device.versions.get(made.module), []))) return undefined;
      made.status = 'verifying';
    } else {
      if (made.status !== 'exempt' && made.status !== 'verified') return undefined;
      if (made.source !== undefined && selection.sources.some((version) => version !== made.source)) return undefined;
      const versions = this.#meant(job, 0).map((device) => device.versions.get(made.module));
      if (selection.named && made.source !== undefined && versions.some((version) => version !== made.source))
        return undefined;
      // one running dynamic job for a package
      const other = this.jobs.find((one) => one.kind === 'dynamic' && one.package === made && !ended(one));
      if (kind === 'dynamic' && other) return undefined;
    }
    this.jobs.push(job);
    if (mode === 1) job.looksAgainAt = now + MINUTE;
    // it is not for those that are there
    if (mode === 2) job.made = selection.parts.length;
    if (selection.gray) selection.gray.meant = this.#count(job, selection.gray.percent);
    return job;
  }

  /** How many devices a percentage means: rounded down, one at least. */
  #count(job: ModelJob, percent: number): number {
    const { module } = job.package;
    const candidates = [...this.devices.values()].filter(
      ({ activated, versions }) => activated && accepts(job, versions.get(module), job.selection.sources),
    ).length;
    return candidates === 0 ? 0 : Math.max(1, Math.floor((candidates * percent) / 100_000));
  }

  #meant(job: ModelJob, index: number): ModelDevice[] {
    const { parts, order } = job.selection;
    const compare = (a: string | number, b: string | number) => (a < b ? -1 : 1);
    const part = parts[index] ?? (() => false);
    return [...this.devices.values()].filter(part).sort((a, b) => compare(order(a), order(b)));
  }

  /** Makes the tasks of the next part of a job's devices. */
  makeTasks(job: ModelJob): void {
    const { parts, gray } = job.selection;
    if (job.made === parts.length || ended(job)) return;
    if (gray) return this.#makeChosen(job, gray);
    const devices = this.#meant(job, job.made);
    job.made += 1;
    for (const device of devices) if (this.#isFor(job, device)) this.#makeTask(job, device);
  }

  /** What matches several dynamic jobs belongs to the newest; a device gets a second task for another report only. */
  #isFor(job: ModelJob, { id, versions }: ModelDevice): boolean {
    if (job.kind !== 'dynamic') return true;
    const { module } = job.package;
    const newer = this.jobs.slice(this.jobs.indexOf(job) + 1);
    if (newer.some((one) => one.mode === 1 && matches(one, module, versions.get(module)))) return false;
    return !job.tasks.some((task) => task.device === id);
  }

  #makeChosen(job: ModelJob, gray: Gray): void {
    for (const id of gray.chosen.slice(job.tasks.length)) {
      const device = this.devices.get(id);
      if (device?.activated) this.#makeTask(job, device);
    }
    const [made, meant] = [job.tasks.length, gray.meant ?? 0];
    if (made > meant) throw new Error(`${made} devices were chosen instead of ${meant}`);
    if (gray.isDone) job.made = 1;
  }

  #makeTask(job: ModelJob, device: ModelDevice): void {
    const { settings } = job;
    const version = device.versions.get(job.package.module);
    if (!accepts(job, version, job.selection.sources)) return;
    const task: ModelTask = {
      ...{ job, device: device.id, source: version ?? '', progress: 0, retries: 0 },
      timeoutMinutes: settings.timeoutMinutes,
      status: settings.needConfirm ? 'CONFIRM' : 'QUEUED',
    };
    const rivals = this.activeOf(device.id).filter((rival) => clash(job, rival.job));
    const yields = (rival: ModelTask) =>
      rival.status !== 'IN_PROGRESS' &&
      (settings.overwriteMode === 2 ||
        (settings.multiModule === true && rival.job.package.module === job.package.module));
    if (job.cancelsNew) task.status = 'CANCELED';
    else if (!rivals.every(yields)) task.status = 'FAILED';
    else for (const rival of rivals) rival.status = 'CANCELED';
    job.tasks.push(task);
  }

  /** Would a device that is connected have to be called for this task? */
  isFresh(task: ModelTask, now: number): boolean {
    if (!runs(task.job) || task.job.settings.needPush === false || !unfinished(task)) return false;
    if (task.retryAt !== undefined) return task.retryAt <= now;
    return task.status === 'QUEUED' && (!task.waits || hasPlace(task.job, now));
  }

  /** @returns the tasks that are pushed */
  claim(devices: readonly string[], all: boolean, now: number): ModelTask[] {
    return this.tasks.filter((task) => devices.includes(task.device) && this.#push(task, all, now));
  }

  #push(task: ModelTask, all: boolean, now: number): boolean {
    const { job } = task;
    if (!this.isFresh(task, now)) {
      const told = task.status === 'NOTIFIED' || task.status === 'IN_PROGRESS';
      return all && told && task.retryAt === undefined && runs(job) && job.settings.needPush !== false;
    }
    if (task.status !== 'QUEUED') {
      task.retryAt = undefined;
      task.startsAgain = true;
      return true;
    }
    task.waits = !hasPlace(job, now);
    if (task.waits) return false;
    job.pushes.push(now);
    task.status = 'NOTIFIED';
    return true;
  }

  #fail(task: ModelTask, now: number): void {
    task.startsAgain = false;
    const { retryInterval: interval, retryCount: most } = task.job.settings;
    if (interval === undefined || most === undefined || task.retries >= most) {
      task.status = 'FAILED';
      return;
    }
    task.retries += 1;
    task.retryAt = now + interval * MINUTE;
  }

  /** @returns the task whose package the device is told in answer */
  inform(id: string, module: string, version: string, now: number): ModelTask | undefined {
    const device = this.devices.get(id);
    if (!device) return undefined;
    const isNew = device.versions.get(module) !== version;
    device.versions.set(module, version);
    const task = this.#activeOfModule(id, module);
    const isNews = task !== undefined && this.#judge(task, version, isNew, now);
    if (isNew) this.#matchLate(device, module, version);
    if (!task || isNews || !unfinished(task)) return undefined;
    const { source } = task.job.package;
    if (source !== undefined && version !== source) return undefined;
    return this.#push(task, true, now) ? task : undefined;
  }

  /** @returns whether the report ended an attempt */
  #judge(task: ModelTask, version: string, isNew: boolean, now: number): boolean {
    if (task.status === 'CONFIRM') return false;
    if (version === task.job.package.target) {
      task.status = 'SUCCEEDED';
      task.progress = 100;
      return true;
    }
    const third = task.source !== '' && version !== task.source;
    if (task.status !== 'IN_PROGRESS' || !third || task.retryAt !== undefined) return false;
    if (!isNew && task.startsAgain) return false;
    this.#fail(task, now);
    return true;
  }

  /** A new version brings a device into the newest dynamic job that it matches, ten times at most. */
  #matchLate(device: ModelDevice, module: string, version: string): void {
    const job = this.jobs.findLast((one) => matches(one, module, version));
    const given = job?.tasks.filter((task) => task.device === device.id) ?? [];
    if (job && given.length < 10 && !given.some(unfinished)) this.#makeTask(job, device);
  }

  progress(device: string, module: string, step: number, now: number): void {
    const task = this.#activeOfModule(device, module);
    if (!task || !runs(task.job) || task.status === 'CONFIRM') return;
    if (step < 0) {
      if (task.status !== 'QUEUED' && task.retryAt === undefined) this.#fail(task, now);
      return;
    }
    task.status = 'IN_PROGRESS';
    task.progress = step;
    task.firstProgressAt ??= now;
    task.retryAt = undefined;
    task.startsAgain = false;
  }

  /** @returns the task whose package the device gets */
  get(device: string, module: string): ModelTask | undefined {
    const task = this.#activeOfModule(device, module);
    if (!task || !runs(task.job) || task.status === 'CONFIRM') return undefined;
    if (task.status === 'QUEUED') task.status = 'NOTIFIED';
    return task;
  }

  /** @returns false when the call is refused, as in all that follow */
  cancel(job: ModelJob, flags: Flags): boolean {
    if (Object.values(flags).every((flag) => flag === undefined)) return false;
    const waiting = flags.queued === true || (flags.scheduled === true && isPlanned(job));
    const meant: Partial<Record<TaskStatus, boolean | undefined>> = {
      CONFIRM: flags.unconfirmed ?? waiting,
      QUEUED: waiting,
      NOTIFIED: flags.notified,
      IN_PROGRESS: flags.inProgress,
    };
    for (const task of job.tasks) if (meant[task.status]) task.status = 'CANCELED';
    // a dynamic job goes on to make tasks, and those are not meant
    const isMore = job.kind !== 'dynamic' && job.made < job.selection.parts.length;
    if (Object.values(meant).some((flag) => flag))
      job.cancelsNew = isMore && (job.cancelsNew || meant[job.settings.needConfirm ? 'CONFIRM' : 'QUEUED'] === true);
    return true;
  }

  cancelDevices(made: ModelPackage, devices: readonly string[], job: ModelJob | undefined): boolean {
    if (job && job.package !== made) return false;
    if (!devices.every((device) => this.devices.has(device))) return false;
    for (const task of devices.flatMap((device) => this.activeOf(device)))
      if (task.job.package === made && (!job || task.job === job)) task.status = 'CANCELED';
    return true;
  }

  confirm(tasks: readonly (ModelTask | undefined)[], now: number): boolean {
    const may = (task: ModelTask | undefined) =>
      task?.status === 'CONFIRM' && task.job.status !== 'PLANNED' && !isOver(task.job, now);
    if (!tasks.every(may)) return false;
    for (const task of tasks) if (task) task.status = 'QUEUED';
    return true;
  }

  reupgrade(job: ModelJob, tasks: readonly (ModelTask | undefined)[], now: number): boolean {
    if (job.kind === 'verification' || job.cancelsNew || isOver(job, now)) return false;
    if (job.kind === 'dynamic' && job.status === 'CANCELED') return false;
    const may = (task: ModelTask | undefined) => task?.status === 'FAILED' || task?.status === 'CANCELED';
    if (!tasks.every(may) || !tasks.every((task) => this.devices.has(task?.device ?? ''))) return false;
    const repeated = job.tasks.filter((task) => {
      const version = this.devices.get(task.device)?.versions.get(job.package.module);
      if (!tasks.includes(task) || this.activeOf(task.device).some((rival) => clash(job, rival.job))) return false;
      if (!accepts(job, version, [])) return false;
      Object.assign(task, {
        ...{ status: job.settings.needConfirm ? 'CONFIRM' : 'QUEUED', source: version ?? '', progress: 0, retries: 0 },
        ...{ firstProgressAt: undefined, retryAt: undefined, waits: false, startsAgain: false },
      });
      return true;
    });
    if (repeated.length === 0) return false;
    if (ended(job)) job.status = now < (job.settings.scheduleAt ?? now) ? 'PLANNED' : 'IN_PROGRESS';
    return true;
  }

  change(job: ModelJob, maximumPerMinute: number, timeoutMinutes: number | undefined): boolean {
    if (job.kind === 'verification' || job.status !== 'IN_PROGRESS') return false;
    if (job.kind === 'static' && timeoutMinutes !== undefined) return false;
    const timeout = timeoutMinutes ?? job.settings.timeoutMinutes;
    job.settings = { ...job.settings, maximumPerMinute, timeoutMinutes: timeout };
    return true;
  }

  cancelStrategy(job: ModelJob): boolean {
    if (job.kind !== 'dynamic' || ended(job)) return true;
    job.status = 'CANCELED';
    job.made = job.selection.parts.length;
    return true;
  }

  remove(device: string): void {
    for (const task of this.activeOf(device)) task.status = 'CANCELED';
    this.devices.delete(device);
  }

  /** The schedulers look at everything. */
  pass(now: number): void {
    for (const task of this.tasks) {
      const limit = (task.timeoutMinutes ?? Number.POSITIVE_INFINITY) * MINUTE;
      const late = task.firstProgressAt !== undefined && now >= task.firstProgressAt + limit;
      if (task.status === 'IN_PROGRESS' && late) task.status = 'FAILED';
    }
    for (const job of this.jobs) this.#advance(job, now);
    for (const device of this.devices.values()) {
      const { connection } = device;
      if (connection && (this.nodes.get(connection.node) ?? 0) <= now) device.connection = undefined;
    }
  }

  #lookAgain(job: ModelJob, now: number): void {
    if (now < (job.looksAgainAt ?? Number.POSITIVE_INFINITY)) return;
    job.looksAgainAt = undefined;
    job.made = 0;
    while (job.made < job.selection.parts.length) this.makeTasks(job);
  }

  #advance(job: ModelJob, now: number): void {
    if (ended(job)) return;
    while (job.made < job.selection.parts.length) this.makeTasks(job);
    job.cancelsNew = false;
    if (job.kind === 'dynamic') return this.#lookAgain(job, now);
    if (isOver(job, now)) for (const task of job.tasks.filter(unfinished)) task.status = 'CANCELED';
    const begun = job.status === 'IN_PROGRESS' || now >= (job.settings.scheduleAt ?? 0);
    if (begun) job.status = 'IN_PROGRESS';
    if (job.tasks.length > 0 && job.tasks.every((task) => task.status === 'CANCELED')) job.status = 'CANCELED';
    else if (begun && !job.tasks.some(unfinished)) job.status = 'COMPLETED';
    if (!ended(job) || job.kind !== 'verification') return;
    const verified = job.tasks.length > 0 && job.tasks.every((task) => task.status === 'SUCCEEDED');
    job.package.status = verified ? 'verified' : 'failed';
  }
}
