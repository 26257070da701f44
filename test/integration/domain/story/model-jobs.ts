import type { ModelJob, ModelTask } from './model-types.ts';

export const unfinished = ({ status }: Pick<ModelTask, 'status'>) =>
  ['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS'].includes(status);

export const ended = ({ status }: ModelJob) => status === 'COMPLETED' || status === 'CANCELED';

/** Do its tasks go on? Canceling a dynamic job ends its search for devices only. */
export const runs = ({ kind, status }: ModelJob) =>
  status === 'IN_PROGRESS' || (kind === 'dynamic' && status === 'CANCELED');

export const isPlanned = ({ settings }: ModelJob) => settings.scheduleAt !== undefined;

export const isOver = ({ settings }: ModelJob, now: number) =>
  now >= (settings.scheduleFinishAt ?? Number.POSITIVE_INFINITY);

/** Is the package anything for a device at this version? */
export function accepts(job: ModelJob, version: string | undefined, sources: readonly string[]): boolean {
  const { target, source } = job.package;
  if (version === target || (source !== undefined && version !== source)) return false;
  return sources.length === 0 || (version !== undefined && sources.includes(version));
}

/** Is a dynamic job looking for devices such as this? */
export const matches = (job: ModelJob, module: string, version: string | undefined) =>
  job.kind === 'dynamic' &&
  job.status === 'IN_PROGRESS' &&
  job.package.module === module &&
  accepts(job, version, job.selection.sources);

/** One task for a device, or for a module between jobs that both allow several. */
export const clash = (a: ModelJob, b: ModelJob) =>
  a.package.module === b.package.module || !a.settings.multiModule || !b.settings.multiModule;
