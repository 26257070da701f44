import type { BlobStore } from '../blob/blob-store.ts';
import { forgetOldRecords } from '../domain/audit.ts';
import { forgetOldSessions } from '../domain/console-sessions.ts';
import { sweepConsumers } from '../domain/consumers.ts';
import type { Deps } from '../domain/deps.ts';
import { advanceApplication, applicationsToAdvance } from '../domain/device-registration.ts';
import { settleDueTasks } from '../domain/due-tasks.ts';
import { sweepEvents } from '../domain/event-deliveries.ts';
import { forgetOldHistory, type Transitions, writeHistory } from '../domain/history.ts';
import { withLease } from '../domain/leases.ts';
import { beginNode, HEARTBEAT_MS } from '../domain/nodes.ts';
import { forgetOldNonces } from '../domain/nonces.ts';
import { callWaiting } from '../domain/push-calls.ts';
import { advanceJob, jobsToAdvance } from '../domain/rollout/advance.ts';
import { forgetOldQuotas } from '../domain/shared-counter.ts';
import { sweepStatuses } from '../domain/status-history.ts';
import { sweepUploads } from '../domain/uploads.ts';
import { type Clock, every } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import type { Nudge } from '../store/engine.ts';

/** How often due jobs and tasks, and dead nodes, are looked for when no nudge comes. */
const POLL_MS = 1_000;
const SWEEP_MS = 60_000;
/** How old the history of rollouts may be, and what a node that is killed loses of it. */
const HISTORY_MS = 5_000;
/** A job's lease outlives any one step by far and a dead holder by little. */
const JOB_LEASE_MS = 12_000;
const JOBS_AT_ONCE = 50;
const TASKS_AT_ONCE = 500;
const APPLICATIONS_AT_ONCE = 50;

type SchedulerDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'> & {
  readonly blobs: BlobStore;
  readonly log: Log;
  readonly meters?: Meters;
  readonly nodeId: string;
  /** What this node has counted for the history of rollouts. */
  readonly transitions?: Transitions;
  /** How long records of the audit are kept. */
  readonly auditDays: number;
};

/**
 * Moves on what has come due: jobs, timeouts, retries, dead nodes, leftovers. Any number of processes may run one;
 * leases keep them out of each other's way.
 */
export async function startScheduler(deps: SchedulerDeps): Promise<AsyncDisposable> {
  const { clock, log, engine, nodeId, meters = noMeters } = deps;
  const node = await beginNode(deps, nodeId);
  const jobs = createJobRunner(deps);
  const loop = (intervalMs: number, name: string, work: () => Promise<void>) =>
    every(clock, intervalMs, () =>
      step(meters, name, work).catch((err) => log.error({ err, loop: name }, 'a scheduler loop failed; it goes on')),
    );

  const stack = new AsyncDisposableStack();
  stack.defer(() => node.end());
  stack.use(jobs);
  stack.use(loop(HEARTBEAT_MS, 'heartbeat', () => node.renew()));
  stack.use(loop(POLL_MS, 'dead nodes', () => node.buryOthers()));
  stack.use(
    loop(POLL_MS, 'jobs', async () => {
      jobs.retry();
      jobs.add(await jobsToAdvance(deps, JOBS_AT_ONCE));
    }),
  );
  const stop = new AbortController();
  stack.use(
    loop(POLL_MS, 'tasks', async () => {
      while (!stop.signal.aborted && (await settleDueTasks(deps, TASKS_AT_ONCE)) === TASKS_AT_ONCE);
    }),
  );
  stack.use(
    loop(POLL_MS, 'push rates', async () => {
      while (!stop.signal.aborted && (await callWaiting(deps, JOBS_AT_ONCE)));
    }),
  );
  stack.use(
    loop(POLL_MS, 'applications', async () => {
      while (!stop.signal.aborted && (await advanceApplications(deps)));
    }),
  );
  const { transitions } = deps;
  if (transitions) stack.use(loop(HISTORY_MS, 'history', () => writeHistory(deps, transitions, nodeId)));
  stack.use(
    loop(SWEEP_MS, 'old history', async () => {
      await withLease(deps, { name: 'history', holder: nodeId, forMs: SWEEP_MS }, (renew) =>
        forgetOldHistory(deps, renew),
      );
    }),
  );
  stack.use(
    loop(SWEEP_MS, 'status history', async () => {
      await withLease(deps, { name: 'status-history', holder: nodeId, forMs: SWEEP_MS }, (renew) =>
        sweepStatuses(deps, renew),
      );
    }),
  );
  stack.use(loop(SWEEP_MS, 'nonces', () => forgetOldNonces(deps)));
  stack.use(loop(SWEEP_MS, 'sessions', () => forgetOldSessions(deps)));
  stack.use(loop(SWEEP_MS, 'quotas', () => forgetOldQuotas(deps)));
  stack.use(
    loop(SWEEP_MS, 'audit', async () => {
      await withLease(deps, { name: 'audit', holder: nodeId, forMs: SWEEP_MS }, (renew) =>
        forgetOldRecords(deps, deps.auditDays, renew),
      );
    }),
  );
  stack.use(
    loop(SWEEP_MS, 'uploads', async () => {
      await withLease(deps, { name: 'sweep', holder: nodeId, forMs: SWEEP_MS }, () => sweepUploads(deps));
    }),
  );
  stack.use(
    loop(SWEEP_MS, 'events', async () => {
      await withLease(deps, { name: 'sweep-events', holder: nodeId, forMs: SWEEP_MS }, () => sweepEvents(deps));
    }),
  );
  stack.use(
    loop(SWEEP_MS, 'consumers', async () => {
      await withLease(deps, { name: 'sweep-consumers', holder: nodeId, forMs: SWEEP_MS }, () => sweepConsumers(deps));
    }),
  );
  stack.use(engine.onNudge((nudge: Nudge) => nudge.kind === 'job' && jobs.add([nudge.jobId])));
  // disposed first, so that what is under way ends with the step that it is at
  stack.defer(() => stop.abort());
  return stack;
}

/** Work that is counted and measured under a name. */
async function step<T>(meters: Meters, name: string, work: () => Promise<T>): Promise<T> {
  const measured = meters.step(name);
  let outcome: 'done' | 'failed' = 'failed';
  try {
    const result = await work();
    outcome = 'done';
    return result;
  } finally {
    measured(outcome);
  }
}

/** Takes every application that is due a few steps further. @returns true while one has more to do at once */
async function advanceApplications(deps: SchedulerDeps): Promise<boolean> {
  let more = false;
  for (const id of await applicationsToAdvance(deps, APPLICATIONS_AT_ONCE)) {
    await withLease(deps, { name: `apply:${id}`, holder: deps.nodeId, forMs: JOB_LEASE_MS }, async (renew) => {
      for (let step = 1; await advanceApplication(deps, id); step += 1) {
        if (step === STEPS_IN_A_ROW) {
          more = true;
          return;
        }
        await renew();
      }
    });
  }
  return more;
}

interface JobRunner extends AsyncDisposable {
  add(jobIds: readonly string[]): void;
  /** Adds those again that someone else had, who may have died, and those that failed. */
  retry(): void;
}

/** Ends of tasks come in bursts; one look at the job a moment later serves them all. */
const GATHER_MS = 50;
/** A job of a million devices takes a thousand steps; after these it lets the others have theirs. */
const STEPS_IN_A_ROW = 5;

/** Advances jobs in turn, until none of them has anything more to do at once. */
function createJobRunner(deps: SchedulerDeps & { readonly clock: Clock }): JobRunner {
  const waiting = new Set<string>();
  const missed = new Set<string>();
  let stopped = false;
  let running: Promise<void> | undefined;
  let timer: Disposable | undefined;

  const run = async () => {
    for (const jobId of waiting) {
      waiting.delete(jobId);
      if (stopped) return;
      try {
        if (!(await advance(jobId))) missed.add(jobId);
      } catch (err) {
        missed.add(jobId);
        deps.log.error({ err, jobId }, 'a job could not be advanced; it is tried again');
      }
    }
  };
  const advance = (jobId: string) =>
    withLease(deps, { name: `job:${jobId}`, holder: deps.nodeId, forMs: JOB_LEASE_MS }, async (renew) => {
      const advanceOnce = () => step(deps.meters ?? noMeters, 'job step', () => advanceJob(deps, jobId));
      for (let steps = 1; !stopped && (await advanceOnce()); steps += 1) {
        if (steps === STEPS_IN_A_ROW) {
          waiting.add(jobId);
          return;
        }
        await renew();
      }
    });

  return {
    add(jobIds) {
      for (const jobId of jobIds) waiting.add(jobId);
      if (waiting.size === 0 || stopped || running || timer) return;
      timer = deps.clock.after(GATHER_MS, () => {
        timer = undefined;
        running = run().finally(() => {
          running = undefined;
          this.add([]);
        });
      });
    },
    retry() {
      this.add([...missed]);
      missed.clear();
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      timer?.[Symbol.dispose]();
      await running;
    },
  };
}
