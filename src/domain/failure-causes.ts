import type { FailureCause } from '../contract/failure-causes.ts';
import { findListedJob } from '../store/queries/jobs.ts';
import { countTasks, failedTasks } from '../store/queries/tasks.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isOpaqueId } from './names.ts';

/** Failed tasks looked at in one statement, in all, and for how long. */
const SLICE = 2_000;
const MOST_LOOKED_AT = 100_000;
const PATIENCE_MS = 2_000;
/** Texts of devices that are told apart; what is beyond them goes by its cause alone. */
const MOST_TEXTS = 1_000;
const LONGEST_TEXT = 120;
const EXAMPLES = 5;

export interface CauseOfFailures {
  readonly cause: FailureCause;
  /** What the devices said, numbers in it as `#`. */
  readonly text: string;
  count: number;
  readonly devices: string[];
}

/**
 * Why tasks of a job failed: those with the same cause that said the same, the most frequent first. Of more failures than
 * 100,000 the tasks that were made last are looked at.
 * @throws ota.jobNotFound
 */
export async function causesOfFailures(
  { engine, clock, figures }: Pick<Deps, 'engine' | 'clock' | 'figures'>,
  scope: Scope,
  jobId: string,
) {
  const db = engine.read;
  const job = isOpaqueId(jobId) ? await findListedJob(db, scope.instanceId, jobId) : undefined;
  if (!job) fail('ota.jobNotFound');
  return figures.remember(`causes ${job.id}`, async () => {
    const start = clock.now();
    const causes = new Map<string, CauseOfFailures>();
    const failed = (await countTasks(db, job.id)).get('FAILED') ?? 0;
    let looked = 0;
    for (let before: number | undefined = job.task_total; before !== undefined; ) {
      const tasks = await failedTasks(db, job.id, before, SLICE);
      for (const task of tasks) add(causes, task);
      looked += tasks.length;
      const isOver = looked >= MOST_LOOKED_AT || clock.now() - start >= PATIENCE_MS;
      before = tasks.length < SLICE || isOver ? undefined : tasks.at(-1)?.seq;
    }
    return {
      failed,
      looked,
      causes: [...causes.values()].sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1)),
    };
  });
}

function add(
  causes: Map<string, CauseOfFailures>,
  task: { readonly cause: FailureCause | null; readonly description: string; readonly device_name: string },
): void {
  const cause = task.cause ?? 'OTHER';
  const said = commonText(task.description);
  const text = causes.size < MOST_TEXTS || causes.has(`${cause} ${said}`) ? said : '';
  const known = causes.get(`${cause} ${text}`) ?? { cause, text, count: 0, devices: [] };
  known.count += 1;
  if (known.devices.length < EXAMPLES) known.devices.push(task.device_name);
  causes.set(`${cause} ${text}`, known);
}

/** What texts that differ by numbers, addresses and blanks only have in common. */
export const commonText = (text: string): string =>
  text
    .replace(/\b0x[0-9a-f]+|\d+/gi, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_TEXT)
    .toWellFormed();
